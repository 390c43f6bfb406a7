#include "connection.h"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

#include "broker_context.h"
#include "shard.h"

namespace tributary::broker {
namespace {

constexpr size_t kPrefix = 4;
// An incomplete frame up to this size never waits for memory.
constexpr size_t kSmallPartial = 16 * 1024;
constexpr size_t kPartialGrowth = 4;
constexpr size_t kMaxPieces = 64;

// What the first four bytes look like when the peer does not speak Kafka at all.
std::string_view guess_protocol(ByteView bytes) {
  if (bytes.size() >= 3 && bytes[0] == 0x16 && bytes[1] == 0x03)
    return "a TLS handshake on a plaintext listener";
  const std::string_view text = as_text(bytes.first(std::min<size_t>(bytes.size(), kPrefix)));
  for (std::string_view verb : {"GET ", "POST", "HEAD", "PUT ", "OPTI", "DELE", "CONN"}) {
    if (text == verb) return "an HTTP request";
  }
  return "a frame over socket.request.max.bytes";
}

}  // namespace

Connection::Connection(Shard& shard, Descriptor socket, const boost::asio::ip::tcp::endpoint& peer,
                       const BoundListener& listener, ConnectionCounts::Place place)
    : shard_(shard),
      place_(std::move(place)),
      socket_(std::move(socket)),
      listener_(listener),
      host_("/" + peer.address().to_string()),
      last_active_ns_(shard.now_ns()) {
  peer_ = fmt::format("{}:{}", std::string_view(host_).substr(1), peer.port());
}

Connection::~Connection() { shard_.probe().connections.add(-1); }

void Connection::start() {
  self_ = shared_from_this();
  const int on = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  shard_.probe().connections.add(1);
  shard_.touch(*this);
  wanted_ = EPOLLIN;
  if (const Status watched = shard_.loop().watch(socket_.get(), wanted_, *this); !watched)
    close(watched.error().message);
}

void Connection::close(std::string_view why) {
  if (closed_) return;
  closed_ = true;
  spdlog::debug("connection {} closed: {}", peer_, why);
  socket_.close();
  if (is_linked()) unlink();
  for (Slot& slot : std::exchange(slots_, {})) {
    if (slot.cancel) slot.cancel();
  }
  outbox_.clear();
  partial_.reset();
  backlog_.reset();
  release_incoming();
  shard_.retire(std::move(self_));
}

void Connection::reject(std::string_view why) {
  shard_.probe().rejected_frames.add_unshared();
  if (shard_.context().reject_log.allow(shard_.now_ns())) {
    spdlog::warn("closing connection from {} on listener {}: {}", peer_, listener_.name, why);
  }
  close(why);
}

void Connection::on_ready(uint32_t events) {
  if (!closed_ && (events & EPOLLOUT) != 0) {
    want(wanted_ & ~uint32_t{EPOLLOUT});
    flush();
  }
  if (closed_ || (events & ~uint32_t{EPOLLOUT}) == 0) return;
  if (!input_ended_ && !paused()) return on_readable();
  // Nobody is left to take an answer.
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) return close("the peer is gone");
  want(wanted_ & ~uint32_t{EPOLLIN});
}

void Connection::want(uint32_t events) {
  if (closed_ || events == wanted_) return;
  wanted_ = events;
  shard_.loop().change(socket_.get(), events, *this);
}

void Connection::want_input() {
  if (!input_ended_) want(wanted_ | EPOLLIN);
}

void Connection::on_readable() {
  if (closed_) return;
  BufferPtr chunk = shard_.chunks().take();
  size_t in_chunk = 0;  // bytes before what is read now: an incomplete prefix
  iovec pieces[2];
  int count = 0;
  size_t room = 0;
  if (partial_ && partial_wanted_ != 0) {
    room = std::min(partial_->size(), partial_wanted_) - partial_filled_;
    pieces[count++] = {partial_->data() + partial_filled_, room};
  } else if (partial_) {
    in_chunk = partial_filled_;
    std::memcpy(chunk->data(), partial_->data(), in_chunk);
    partial_.reset();
  }
  if (!partial_ || partial_->size() >= partial_wanted_) {
    pieces[count++] = {chunk->data() + in_chunk, chunk->size() - in_chunk};
  }
  msghdr message{};
  message.msg_iov = pieces;
  message.msg_iovlen = static_cast<size_t>(count);
  const ssize_t received = ::recvmsg(socket_.get(), &message, MSG_DONTWAIT);
  if (received == 0) return on_end_of_input();
  if (received < 0 && errno != EAGAIN && errno != EINTR) return close(std::strerror(errno));
  take_input(chunk, in_chunk, room, received < 0 ? 0 : static_cast<size_t>(received));
}

// A peer may close its half and still read: what it asked is answered, at once where the answer only waits.
void Connection::on_end_of_input() {
  input_ended_ = true;
  want(wanted_ & ~uint32_t{EPOLLIN});
  std::vector<std::function<void()>> waiting;
  for (const Slot& slot : slots_) {
    if (slot.cancel) waiting.push_back(slot.cancel);
  }
  for (const auto& hurry : waiting) hurry();
  close_if_finished();
}

void Connection::close_if_finished() {
  if (input_ended_ && slots_.empty() && outbox_.empty()) close("the peer closed it");
}

void Connection::take_input(const BufferPtr& chunk, size_t before, size_t room, size_t received) {
  shard_.probe().bytes_received.add_unshared(received);
  const size_t to_partial = std::min(room, received);
  partial_filled_ += to_partial;
  const bool completed = partial_ && partial_wanted_ != 0 && partial_filled_ == partial_wanted_;
  if (completed) {
    BufferPtr frame = std::move(partial_);
    consume(frame, {frame->data(), partial_wanted_});
  } else if (partial_is_full()) {
    grow_partial();
  }
  const size_t in_chunk = before + received - to_partial;
  if (in_chunk == 0 || closed_) return;
  if (backlog_) {  // paused by the frame before: what follows waits behind it
    return append_to_backlog({chunk->data(), in_chunk});
  }
  consume(chunk, {chunk->data(), in_chunk});
}

void Connection::consume(const BufferPtr& owner, ByteView bytes) {
  const size_t largest = shard_.context().limits.max_frame_bytes;
  while (!closed_ && bytes.size() >= kPrefix) {
    const auto size = load_be<int32_t>(bytes.data());
    if (size < 0 || static_cast<size_t>(size) > largest) return reject(guess_protocol(bytes));
    const size_t whole = kPrefix + static_cast<size_t>(size);
    if (bytes.size() < whole) return keep_partial(owner, bytes, whole);
    if (paused() || !reserve_memory(whole)) {
      backlog_ = owner;
      backlog_bytes_ = bytes;
      return;
    }
    dispatch(bytes.subspan(kPrefix, whole - kPrefix), owner);
    bytes = bytes.subspan(whole);
  }
  if (!closed_ && !bytes.empty()) keep_partial(owner, bytes, 0);
}

bool Connection::reserve_memory(size_t bytes) {
  MemoryBudget& budget = shard_.context().memory;
  if (!budget.try_take(bytes)) {
    budget.ask_for_call();
    if (!budget.try_take(bytes)) {
      wait_for_memory();
      return false;
    }
  }
  reserved_ = MemoryShare(budget, bytes);
  return true;
}

void Connection::wait_for_memory() {
  if (!std::exchange(waits_for_memory_, true)) shard_.wait_for_memory(shared_from_this());
}

bool Connection::hold_incoming(size_t capacity) {
  MemoryBudget& budget = shard_.context().incoming;
  const size_t more = capacity - std::min(capacity, incoming_held_);
  if (capacity <= kSmallPartial) {
    budget.take_anyway(more);
  } else if (!budget.try_take_more(more, this)) {
    budget.ask_for_call();
    if (!budget.try_take_more(more, this)) {
      wait_for_memory();
      return false;
    }
  }
  incoming_held_ += more;
  return true;
}

void Connection::release_incoming() {
  if (incoming_held_ == 0) return;
  MemoryBudget& budget = shard_.context().incoming;
  budget.end_overdraft(this);
  budget.give_back(std::exchange(incoming_held_, 0));
}

// The capacity follows what has arrived, not what the prefix claims.
void Connection::keep_partial(const BufferPtr& owner, ByteView rest, size_t whole) {
  const size_t capacity =
      whole == 0 ? rest.size() : std::min(whole, std::max(kSmallPartial, kPartialGrowth * rest.size()));
  if (!hold_incoming(capacity)) {
    backlog_ = owner;
    backlog_bytes_ = rest;
    return;
  }
  partial_ = make_buffer(capacity);
  std::memcpy(partial_->data(), rest.data(), rest.size());
  partial_filled_ = rest.size();
  partial_wanted_ = whole;
}

bool Connection::grow_partial() {
  const size_t capacity = std::min(partial_wanted_, kPartialGrowth * partial_->size());
  if (!hold_incoming(capacity)) return false;
  BufferPtr larger = make_buffer(capacity);
  std::memcpy(larger->data(), partial_->data(), partial_filled_);
  partial_ = std::move(larger);
  return true;
}

void Connection::append_to_backlog(ByteView more) {
  BufferPtr joined = make_buffer(backlog_bytes_.size() + more.size());
  std::memcpy(joined->data(), backlog_bytes_.data(), backlog_bytes_.size());
  std::memcpy(joined->data() + backlog_bytes_.size(), more.data(), more.size());
  backlog_bytes_ = joined->bytes();
  backlog_ = std::move(joined);
}

void Connection::dispatch(ByteView frame, const BufferPtr& owner) {
  last_active_ns_ = shard_.now_ns();
  shard_.touch(*this);
  const uint64_t sequence = first_sequence_ + slots_.size();
  slots_.emplace_back();
  release_incoming();
  if (!shard_.dispatch(shared_from_this(), sequence, frame, owner, std::move(reserved_))) {
    reject("it asked for an API or version that is not served, or its header is malformed");
  }
}

bool Connection::paused() const {
  const Limits& limits = shard_.context().limits;
  if (slots_.size() >= limits.max_requests_per_connection || waits_for_memory_) return true;
  if (unsent_bytes_ == 0) return false;
  return unsent_bytes_ > limits.max_unsent_bytes || shard_.context().answers.available() == 0;
}

void Connection::memory_available() {
  waits_for_memory_ = false;
  resume();
}

void Connection::resume() {
  if (closed_ || paused()) return;
  if (partial_is_full() && !grow_partial()) return;
  if (BufferPtr waiting = std::exchange(backlog_, nullptr)) consume(waiting, backlog_bytes_);
  if (!closed_ && !paused()) want_input();
}

void Connection::complete(uint64_t sequence, Outgoing answer) {
  mark_done(sequence, std::make_unique<Outgoing>(std::move(answer)));
}

void Connection::complete_silently(uint64_t sequence) { mark_done(sequence, nullptr); }

void Connection::on_close(uint64_t sequence, std::function<void()> cancel) {
  if (!closed_) slots_[sequence - first_sequence_].cancel = std::move(cancel);
}

void Connection::mark_done(uint64_t sequence, std::unique_ptr<Outgoing> answer) {
  if (closed_) return;
  Slot& slot = slots_[sequence - first_sequence_];
  slot.done = true;
  slot.cancel = nullptr;
  if (answer) unsent_bytes_ += answer->writer.size();
  slot.answer = std::move(answer);
  auto first_open = slots_.begin();
  for (; first_open != slots_.end() && first_open->done; ++first_open) {
    if (!first_open->answer) continue;
    Unsent& unsent = outbox_.emplace_back();
    first_open->answer->writer.pieces(unsent.pieces);
    unsent.answer = std::move(first_open->answer);
  }
  first_sequence_ += static_cast<uint64_t>(first_open - slots_.begin());
  slots_.erase(slots_.begin(), first_open);
  if (!flush_scheduled_) {
    flush_scheduled_ = true;
    shard_.schedule_flush(shared_from_this());
  }
}

void Connection::flush() {
  flush_scheduled_ = false;
  while (!closed_ && (wanted_ & EPOLLOUT) == 0 && !outbox_.empty()) {
    if (!send_once()) break;
  }
  close_if_finished();
  resume();
}

// One sendmsg of what is ready; false when the socket takes no more.
bool Connection::send_once() {
  iovec pieces[kMaxPieces];
  size_t count = 0;
  for (const Unsent& unsent : outbox_) {
    for (const ByteView& piece : unsent.pieces) {
      if (count == kMaxPieces) break;
      pieces[count++] = {const_cast<uint8_t*>(piece.data()), piece.size()};
    }
  }
  msghdr message{};
  message.msg_iov = pieces;
  message.msg_iovlen = count;
  const ssize_t sent = ::sendmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) {
    if (errno == EAGAIN || errno == EINTR) {
      want(wanted_ | EPOLLOUT);
    } else {
      close(std::strerror(errno));
    }
    return false;
  }
  forget_sent(static_cast<size_t>(sent));
  return true;
}

void Connection::forget_sent(size_t sent) {
  shard_.probe().bytes_sent.add_unshared(sent);
  last_active_ns_ = shard_.now_ns();
  shard_.touch(*this);
  unsent_bytes_ -= sent;
  auto unsent = outbox_.begin();
  for (; unsent != outbox_.end(); ++unsent) {
    auto piece = unsent->pieces.begin();
    for (; piece != unsent->pieces.end() && piece->size() <= sent; ++piece) sent -= piece->size();
    unsent->pieces.erase(unsent->pieces.begin(), piece);
    if (unsent->pieces.empty()) continue;
    unsent->pieces.front() = unsent->pieces.front().subspan(sent);
    break;
  }
  outbox_.erase(outbox_.begin(), unsent);
}

}  // namespace tributary::broker
