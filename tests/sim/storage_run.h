// One run of the crash simulation: random operations on a log over a MemoryFileSystem, with crashes, and a
// model that says what must be there. Everything follows from the seed.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "storage_model.h"
#include "tributary/storage/memory_file_system.h"

namespace tributary::sim {

class StorageRun {
 public:
  StorageRun(uint64_t seed, bool trace) : random_(seed), seed_(seed), trace_(trace) {}
  // False, with the reason on stderr, at the first difference from the model.
  bool run(int steps);
  uint64_t crashes() const { return crashes_; }

 private:
  using Batch = std::vector<uint8_t>;

  // Operations. Those that change the log return false when the file system went down or a fault struck.
  void step();
  void append_some();
  void append_follower();
  void resend();
  void refuse_gap();
  void sync();
  void retention();
  void truncate();
  void delete_records();
  void change_config();
  void close_and_reopen();
  void begin_epoch();
  void arm();

  Batch random_batch();
  Batch producer_batch(int64_t producer_id);
  void finish_write(const std::vector<Batch>& staged);

  // Crashes and what follows.
  void crash_if_down(const std::vector<Batch>& in_flight);
  void power_cut(const std::vector<Batch>& in_flight, bool kill);
  void open_log(bool clean);
  void save_checkpoint();

  // Checks. `in_flight` may have been written or not.
  void adopt_survivors(const std::vector<Batch>& in_flight, bool killed);
  void check_all();
  void check_content();
  void check_producers();
  void check_epochs();
  void check_timestamps();
  void check_committed_reads();
  std::vector<ModelBatch> read_all();
  void fail(const std::string& why);
  void trace(const std::string& what) const;

  Random random_;
  uint64_t seed_;
  bool trace_;
  storage::MemoryFileSystem fs_;
  storage::LogProbe probe_;
  storage::LogConfig config_;
  std::unique_ptr<storage::Log> log_;
  LogModel model_;
  std::vector<Batch> ghosts_;  // writes that failed: bytes that may come back after a power cut
  Offset checkpointed_recovery_ = 0;
  Offset checkpointed_start_ = 0;
  int32_t epoch_ = 0;
  Offset highest_start_ = 0;  // epochs below it may be forgotten even if the start itself was, in a crash
  TimestampMs now_ = 1'700'000'000'000;
  std::map<int64_t, int16_t> epochs_of_;  // producer -> its epoch
  bool in_retention_ = false;             // when it crashed
  uint64_t crashes_ = 0;
  bool ended_ = false;
  bool failed_ = false;
};

}  // namespace tributary::sim
