// How a row of the API table reaches its function: decode, then one of three ways to answer.
#pragma once
#include <memory>
#include <utility>

#include "broker_context.h"
#include "request.h"
#include "shard.h"
#include "tributary/wire/reader.h"

namespace tributary::broker {

// The function answers by itself, now or later: void(RequestPtr, Message&). The message's views point into
// the request's frame.
template <typename Message, auto kFunction>
void handle(RequestPtr request) {
  Message message;
  wire::Reader reader(request->body());
  if (!message.decode(reader, request->version())) return request->reject_malformed();
  kFunction(std::move(request), message);
}

// As handle, for requests that may be parked for long.
template <typename Message, auto kFunction>
void park(RequestPtr request) {
  request->take_apart();
  handle<Message, kFunction>(std::move(request));
}

// The function returns the answer at once: Response(Request&, const Message&).
template <typename Message, auto kFunction>
void answer(RequestPtr taken) {
  const RequestPtr request = std::move(taken);
  Message message;
  wire::Reader reader(request->body());
  if (!message.decode(reader, request->version())) return request->reject_malformed();
  request->respond(kFunction(*request, message));
}

// The function runs on the control thread: Response(Request&, const Message&). The image that its views may
// point into is held until the answer is encoded.
template <typename Message, auto kFunction>
void control(RequestPtr request) {
  auto message = std::make_shared<Message>();
  wire::Reader reader(request->body());
  if (!message->decode(reader, request->version())) return request->reject_malformed();
  BrokerContext& context = request->context();
  boost::asio::post(context.control, [&context, request = std::move(request), message]() mutable {
    auto response = kFunction(*request, *message);
    Shard& home = request->shard();
    home.post([request = std::move(request), message = std::move(message),
               image = context.controller->image(),
               response = std::move(response)] { request->respond(response); });
  });
}

}  // namespace tributary::broker
