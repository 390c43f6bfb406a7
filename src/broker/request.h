// One request from the moment its frame is whole until its answer is handed to the connection. Lives on the
// connection's shard; work elsewhere holds the pointer and posts back. Answered exactly once: by respond(),
// or, for acks=0, by finish_silently(). Dropped without either, it closes the connection, so that no client
// waits for ever.
#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "api_table.h"
#include "buffer.h"
#include "tributary/base/bytes.h"
#include "tributary/wire/arena.h"
#include "tributary/wire/messages/header.h"
#include "tributary/wire/writer.h"

namespace tributary::broker {

class Connection;
class Shard;
struct BrokerContext;

// An encoded answer: length prefix included. `owners` keep alive what the writer only references.
struct Outgoing {
  wire::Writer writer;
  std::vector<std::shared_ptr<const void>> owners;
  MemoryShare share;  // of context.answers, for the writer's own bytes and an answer encoded elsewhere
};

class Request {
 public:
  Request(std::shared_ptr<Connection> connection, uint64_t sequence, const Api& api,
          wire::RequestHeader header, ByteView body, BufferPtr frame, MemoryShare memory);
  ~Request();
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  const Api& api() const { return api_; }
  int16_t version() const { return header_.api_version; }
  std::string_view client_id() const { return header_.client_id.value_or(""); }
  ByteView body() const { return body_; }
  // Copies what is in use of the frame, and lets go of the chunk of input it stands in: for requests that may
  // wait long. Before the body is decoded.
  void take_apart();
  // The frame's bytes are ours alone: batches are stamped in place.
  MutableBytes mutable_bytes(ByteView part) const { return {const_cast<uint8_t*>(part.data()), part.size()}; }
  Connection& connection() const { return *connection_; }
  Shard& shard();
  BrokerContext& context();
  wire::Arena& arena() { return arena_; }
  int64_t received_ns() const { return received_ns_; }

  // Encodes and hands over; on the connection's shard. `owners` outlive the sending.
  template <typename Response>
  void respond(const Response& response, std::vector<std::shared_ptr<const void>> owners = {}) {
    respond_as(response, version(), std::move(owners));
  }
  template <typename Response>
  void respond_as(const Response& response, int16_t body_version,
                  std::vector<std::shared_ptr<const void>> owners = {}) {
    Outgoing out{begin_answer(), std::move(owners), {}};
    response.encode(out.writer, body_version);
    finish(std::move(out));
  }
  // For answers that were encoded elsewhere: the body follows the header as it is.
  void respond_encoded(ByteView body, std::shared_ptr<const void> owner);
  void finish_silently();
  void close_connection(std::string_view why);
  // `cancel` runs on the shard if, before the answer, the peer sends its last byte, when it may still want
  // what there is, or the connection closes.
  void on_close(std::function<void()> cancel);
  void count_error();
  // The body cannot be decoded: counted, said, closed, as Kafka does.
  void reject_malformed();

 private:
  wire::Writer begin_answer() const;
  void finish(Outgoing out, size_t kept_alive = 0);

  std::shared_ptr<Connection> connection_;
  uint64_t sequence_;
  const Api& api_;
  wire::RequestHeader header_;
  ByteView body_;
  BufferPtr frame_;
  MemoryShare memory_;
  wire::Arena arena_;
  int64_t received_ns_;
  bool answered_ = false;
};
using RequestPtr = std::shared_ptr<Request>;

}  // namespace tributary::broker
