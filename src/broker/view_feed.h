// Brings the view of one partition of __consumer_offsets up with its log, and asks it. Lives on the
// partition's shard; its work on the view is done on the disk pool, one piece at a time.
//
// What the coordinator appended is kept here once it is visible, newest by key, and applied some time later:
// when a question comes, when there is much of it, after a second. Where that is not all (at start, after
// records of somebody else, after too much came in) the view is behind, and the log is read from where the
// view stands.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "timer_queue.h"
#include "tributary/replica/partition.h"
#include "view_piece.h"

namespace tributary::broker {

class Shard;

class ViewFeed : public std::enable_shared_from_this<ViewFeed> {
 public:
  ViewFeed(Shard& shard, replica::Partition& partition, GroupView& view);

  // The view holds the log up to `applied`: goes on from there, and calls `done` once when it has come up
  // with the log, or cannot.
  void start(Offset applied, std::function<void(const Status&)> done);
  // A batch of the coordinator's that became visible; in the order of the log.
  void add(std::vector<group::Record> records, Offset first, Offset last);
  void ask(ViewQuestion question);

  // The partition goes away or the broker stops: nothing is begun any more, and no answer comes.
  void detach();
  // Shards and pool have stopped: applies what was added and is left, on the calling thread.
  void apply_rest();
  // After that: questions and answers that were left hold who asked.
  void drop_work() { working_ = nullptr; }

  // Nothing is applied from when `held` is called until go_on().
  void hold(std::function<void()> held);
  // `at_once`: false after a flush that failed.
  void go_on(bool at_once);
  Offset applied() const { return applied_; }
  GroupView::Claimant claimant() const { return place_.by; }
  const ReplayCount& replayed() const { return replayed_; }

 private:
  void pump();
  void begin(std::shared_ptr<ViewPiece> piece);
  void finished(ViewPiece& piece);
  void failed(ViewPiece& piece);
  Status plan_read(ViewPiece& piece) const;
  group::ViewPosition fresh_position() const;
  bool caught_up() const;
  void come_up();
  void fall_behind();
  void tell_started(const Status& status);
  void wake_in_a_while();

  Shard& shard_;
  replica::Partition* partition_;
  GroupView& view_;
  const ViewPiece::Place place_;
  const size_t read_bytes_;
  Offset applied_ = -1;  // by the view
  Offset next_ = 0;      // unless behind: all of the log below it is applied, being applied, or fresh
  bool behind_ = true;   // nothing is fresh, and what comes is left to be read from the log
  FreshRecords fresh_;
  bool due_ = false;  // fresh records are to be applied without being asked for
  std::vector<ViewQuestion> questions_;
  std::shared_ptr<ViewPiece> working_;  // on the pool
  bool held_ = false;
  bool waiting_ = false;  // after a failure: for a flush, or for a while
  std::function<void()> on_idle_;
  std::function<void(const Status&)> on_started_;
  TimerQueue::Handle timer_;
  ReplayCount replayed_;
};

}  // namespace tributary::broker
