// What clients of groups have been told, and what they may therefore be told next. Committed values rise with
// every commit that is sent, so an offset that goes back is a smaller number. One thread.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace tributary::sim {

class GroupModel {
 public:
  using Partition = std::pair<std::string, int32_t>;  // of one topic: group, partition

  // Offsets. A value is sent once.
  int64_t next_value() { return ++value_; }
  void committed(const Partition& partition, int64_t value);
  void commit_failed(int64_t value) { failed_.insert(value); }
  // What a fetch that is sent now must at least find.
  int64_t floor(const Partition& partition) const;
  // Null if the answer may be; else why not.
  std::optional<std::string> fetched(const Partition& partition, int64_t floor, uint64_t deletions,
                                     int64_t value);
  // A deletion of the group was sent: nothing is certain of it any more.
  void deleting(const std::string& group);
  uint64_t deletions(const std::string& group) const;
  // It was without members and offsets, and went: generations begin anew.
  void forgotten(const std::string& group);

  // Generations.
  std::optional<std::string> joined(const std::string& group, int32_t generation);
  std::optional<std::string> synced(const std::string& group, int32_t generation, const std::string& token);

 private:
  struct Group {
    uint64_t deletions = 0;
    int32_t stored_generation = 0;
    std::map<int32_t, std::string> tokens;  // whose assignment a generation has
  };

  int64_t value_ = 0;
  std::set<int64_t> failed_;
  std::map<Partition, int64_t> floors_;
  std::map<std::string, Group> groups_;
};

}  // namespace tributary::sim
