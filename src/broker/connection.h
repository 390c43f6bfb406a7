// One client connection: frames in, answers out in request order. Lives on the shard that owns its socket.
// Reads only while few enough of its requests are in progress and enough memory is free; otherwise the
// socket's own window pushes back. An idle connection holds no buffer.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/intrusive/list.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "buffer.h"
#include "connection_counts.h"
#include "descriptor.h"
#include "request.h"
#include "shard_loop.h"
#include "tributary/base/bytes.h"

namespace tributary::broker {

class Shard;
struct BoundListener;

class Connection final
    : public ShardLoop::Watcher,
      public std::enable_shared_from_this<Connection>,
      public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  Connection(Shard& shard, Descriptor socket, const boost::asio::ip::tcp::endpoint& peer,
             const BoundListener& listener, ConnectionCounts::Place place);
  ~Connection() override;

  void start();
  // Ends it at once; answers not yet sent are lost. Idempotent.
  void close(std::string_view why);
  // Bytes from the peer that cannot be Kafka's: counted, said at most once a second over all connections,
  // closed.
  void reject(std::string_view why);

  void complete(uint64_t sequence, Outgoing answer);
  void complete_silently(uint64_t sequence);
  // `cancel` runs if the peer's input ends, or the connection closes, before that request is answered.
  void on_close(uint64_t sequence, std::function<void()> cancel);
  // Sends what is ready; the shard calls it at the end of a turn.
  void flush();
  void memory_available();

  Shard& shard() { return shard_; }
  const BoundListener& listener() const { return listener_; }
  const std::string& peer() const { return peer_; }
  const std::string& host() const { return host_; }  // of the peer, as Kafka writes it: "/127.0.0.1"
  int64_t last_active_ns() const { return last_active_ns_; }
  bool closed() const { return closed_; }
  bool input_ended() const { return input_ended_; }  // the peer sends no more

 private:
  struct Slot {
    bool done = false;
    std::function<void()> cancel;
    std::unique_ptr<Outgoing> answer;  // null once done: nothing to send
  };
  struct Unsent {
    std::unique_ptr<Outgoing> answer;
    std::vector<ByteView> pieces;
  };

  void on_ready(uint32_t events) override;
  void wait_for_memory();
  void want(uint32_t events);
  void want_input();
  void on_readable();
  void on_end_of_input();
  void close_if_finished();
  void take_input(const BufferPtr& chunk, size_t before, size_t room, size_t received);
  // Dispatches the whole frames of `bytes`; keeps what remains.
  void consume(const BufferPtr& owner, ByteView bytes);
  bool reserve_memory(size_t bytes);
  void keep_partial(const BufferPtr& owner, ByteView rest, size_t whole);
  bool partial_is_full() const {
    return partial_ && partial_wanted_ > partial_->size() && partial_filled_ == partial_->size();
  }
  bool grow_partial();
  void append_to_backlog(ByteView more);
  // Accounts for a buffer of that size in place of the one before.
  bool hold_incoming(size_t capacity);
  void release_incoming();
  void dispatch(ByteView frame, const BufferPtr& owner);
  bool paused() const;
  void resume();
  void mark_done(uint64_t sequence, std::unique_ptr<Outgoing> answer);
  bool send_once();
  void forget_sent(size_t sent);

  Shard& shard_;
  const ConnectionCounts::Place place_;
  Descriptor socket_;
  std::shared_ptr<Connection> self_;  // while it is open
  uint32_t wanted_ = 0;               // what the loop watches for
  const BoundListener& listener_;
  std::string peer_;
  std::string host_;
  int64_t last_active_ns_;

  // Input: an incomplete frame of its own, or whole frames of a chunk that wait because the connection is
  // paused.
  BufferPtr partial_;
  size_t partial_filled_ = 0;
  size_t partial_wanted_ = 0;  // prefix included; 0 while the prefix itself is incomplete
  BufferPtr backlog_;
  ByteView backlog_bytes_;
  size_t incoming_held_ = 0;  // of context.incoming, for the partial frame, and until it is dispatched
  MemoryShare reserved_;      // for the frame about to be dispatched

  // Output.
  std::vector<Slot> slots_;      // requests in progress, oldest first
  uint64_t first_sequence_ = 0;  // of slots_.front()
  std::vector<Unsent> outbox_;
  size_t unsent_bytes_ = 0;   // of all answers made, also those that wait for their turn
  bool input_ended_ = false;  // what is in progress is answered, then the connection closes
  bool flush_scheduled_ = false;
  bool waits_for_memory_ = false;
  bool closed_ = false;
};

}  // namespace tributary::broker
