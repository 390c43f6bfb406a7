#include "group_model.h"

#include <algorithm>

namespace tributary::sim {

void GroupModel::committed(const Partition& partition, int64_t value) {
  int64_t& floor = floors_.try_emplace(partition, -1).first->second;
  floor = std::max(floor, value);
}

int64_t GroupModel::floor(const Partition& partition) const {
  const auto found = floors_.find(partition);
  return found == floors_.end() ? -1 : found->second;
}

std::optional<std::string> GroupModel::fetched(const Partition& partition, int64_t floor, uint64_t deletions,
                                               int64_t value) {
  if (value > value_) return "offset " + std::to_string(value) + " was never sent";
  if (failed_.contains(value)) return "offset " + std::to_string(value) + " was answered with an error";
  if (deletions != this->deletions(partition.first)) return std::nullopt;
  if (value < floor) {
    return "offset of " + partition.first + " went back from " + std::to_string(floor) + " to " +
           std::to_string(value);
  }
  // Seen is as good as committed.
  committed(partition, value);
  return std::nullopt;
}

void GroupModel::deleting(const std::string& group) {
  std::erase_if(floors_, [&](const auto& entry) { return entry.first.first == group; });
  ++groups_[group].deletions;
  forgotten(group);
}

void GroupModel::forgotten(const std::string& group) {
  groups_[group].stored_generation = 0;
  groups_[group].tokens.clear();
}

uint64_t GroupModel::deletions(const std::string& group) const {
  const auto found = groups_.find(group);
  return found == groups_.end() ? 0 : found->second.deletions;
}

std::optional<std::string> GroupModel::joined(const std::string& group, int32_t generation) {
  const Group& known = groups_[group];
  if (generation >= known.stored_generation) return std::nullopt;
  return group + " went back from generation " + std::to_string(known.stored_generation) + " to " +
         std::to_string(generation);
}

std::optional<std::string> GroupModel::synced(const std::string& group, int32_t generation,
                                              const std::string& token) {
  Group& known = groups_[group];
  if (auto fault = joined(group, generation)) return fault;
  known.stored_generation = generation;
  const auto [found, first] = known.tokens.try_emplace(generation, token);
  if (first || found->second == token) return std::nullopt;
  return "generation " + std::to_string(generation) + " of " + group + " has two assignments, " +
         found->second + " and " + token;
}

}  // namespace tributary::sim
