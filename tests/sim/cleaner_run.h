// One run of the cleaner's crash simulation: a keyed log over a MemoryFileSystem with passes of the cleaner
// in flight beside appends, truncations and deletions, with crashes and failing disks at any operation, and a
// model that says what may be gone. Everything follows from the seed.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "cleaner_model.h"
#include "tributary/storage/cleaner.h"
#include "tributary/storage/memory_file_system.h"

namespace tributary::sim {

class CleanerRun {
 public:
  CleanerRun(uint64_t seed, bool trace) : random_(seed), seed_(seed), trace_(trace) {}
  // False, with the reason on stderr, at the first difference from the model.
  bool run(int steps);
  uint64_t crashes() const { return crashes_; }
  uint64_t swaps() const { return swaps_; }

 private:
  using Batch = std::vector<uint8_t>;

  void step();
  void append_some();
  Batch random_batch();
  Batch producer_batch(int64_t producer_id);
  std::vector<uint8_t> data(wire::BatchOptions options);
  void sync();
  void save_checkpoints();
  void truncate();
  void delete_records();
  void change_config();
  void close_and_reopen();

  // cleaner_run_passes.cc
  void clean();
  void begin_pass();
  void step_pass();
  void swap_group();
  void finish_pass();
  void abandon_pass();
  void run_removals();

  // cleaner_run_checks.cc
  void power_cut(const std::vector<Batch>& in_flight, bool kill);
  void open_log(bool clean);
  void adopt_survivors(const std::vector<Batch>& in_flight);
  std::vector<KeyedBatch> read_all();
  void check_all();
  void check_batches(const std::vector<KeyedBatch>& found);
  void check_view(const std::vector<KeyedBatch>& found);
  void check_committed_read();
  void check_producers();
  void check_lookups(const std::vector<KeyedBatch>& found);
  void fail(const std::string& why);
  void trace(const std::string& what) const;

  Random random_;
  uint64_t seed_;
  bool trace_;
  storage::MemoryFileSystem fs_;
  storage::LogProbe probe_;
  storage::LogConfig config_;
  std::unique_ptr<storage::Log> log_;
  std::unique_ptr<storage::Cleaning> pass_;
  std::vector<storage::SegmentRemoval> removals_;
  KeyedModel model_;
  // What stands in the checkpoint files; they are written atomically and are not part of the simulation.
  Offset recovery_checkpoint_ = 0;
  Offset start_checkpoint_ = 0;
  Offset dirty_checkpoint_ = 0;
  TimestampMs now_ = 1'700'000'000'000;
  uint64_t values_ = 0;  // each value is unique, so that none can be taken for another
  std::map<int64_t, int16_t> epochs_of_;
  uint64_t crashes_ = 0;
  uint64_t swaps_ = 0;
  bool failed_ = false;
};

}  // namespace tributary::sim
