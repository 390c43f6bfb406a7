#include "request.h"

#include "broker_context.h"
#include "connection.h"
#include "shard.h"
#include "tributary/wire/api_versions_table.h"

namespace tributary::broker {

namespace {
constexpr size_t kSizePrefix = 4;
}

Request::Request(std::shared_ptr<Connection> connection, uint64_t sequence, const Api& api,
                 wire::RequestHeader header, ByteView body, BufferPtr frame, MemoryShare memory)
    : connection_(std::move(connection)),
      sequence_(sequence),
      api_(api),
      header_(std::move(header)),
      body_(body),
      frame_(std::move(frame)),
      memory_(std::move(memory)),
      received_ns_(shard().now_ns()) {}

Request::~Request() {
  if (answered_) return;
  // May be dropped on any thread, as part of work that could not be finished.
  Shard& home = shard();
  home.post([connection = std::move(connection_)] { connection->close("a request was dropped"); });
}

Shard& Request::shard() { return connection_->shard(); }
BrokerContext& Request::context() { return shard().context(); }

void Request::take_apart() {
  const std::string_view client = client_id();
  BufferPtr own = make_buffer(client.size() + body_.size());
  if (!client.empty()) std::memcpy(own->data(), client.data(), client.size());
  if (!body_.empty()) std::memcpy(own->data() + client.size(), body_.data(), body_.size());
  const ByteView bytes = own->bytes();
  header_.client_id = as_text(bytes.first(client.size()));
  body_ = bytes.subspan(client.size());
  frame_ = std::move(own);
}

wire::Writer Request::begin_answer() const {
  wire::Writer writer(256);
  writer.write_int32(0);  // size, patched in finish
  const int16_t header_version = wire::response_header_version(static_cast<int16_t>(api_.key), version());
  wire::ResponseHeader header;
  header.correlation_id = header_.correlation_id;
  header.encode(writer, header_version);
  return writer;
}

void Request::respond_encoded(ByteView body, std::shared_ptr<const void> owner) {
  Outgoing out{begin_answer(), {std::move(owner)}, {}};
  out.writer.write_raw_by_reference(body);
  finish(std::move(out), body.size());
}

void Request::finish(Outgoing out, size_t kept_alive) {
  answered_ = true;
  const size_t size = out.writer.size() - kSizePrefix;
  if (size > INT32_MAX) return connection_->reject("its answer would be larger than a frame can be");
  out.writer.patch_int32(0, static_cast<int32_t>(size));
  const size_t own = out.writer.buffer().size() + kept_alive;
  context().answers.take_anyway(own);
  out.share = MemoryShare(context().answers, own);
  shard().probe().apis[api_.index].total_us.record_unshared(
      static_cast<uint64_t>(shard().now_ns() - received_ns_) / 1000);
  connection_->complete(sequence_, std::move(out));
}

void Request::finish_silently() {
  answered_ = true;
  connection_->complete_silently(sequence_);
}

void Request::close_connection(std::string_view why) {
  answered_ = true;
  connection_->close(why);
}

void Request::on_close(std::function<void()> cancel) { connection_->on_close(sequence_, std::move(cancel)); }

void Request::count_error() { shard().probe().apis[api_.index].errors.add_unshared(); }

void Request::reject_malformed() {
  answered_ = true;
  shard().probe().malformed_requests.add_unshared();
  connection_->reject(
      fmt::format("a malformed {} request of version {}", wire::api_name(api_.key), version()));
}

}  // namespace tributary::broker
