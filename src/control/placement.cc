#include "placement.h"

#include <fmt/format.h>

#include <tuple>

namespace tributary::control {
namespace {

using Replicas = std::vector<NodeId>;

bool is_cordoned(const BrokerImage& broker) {
  if (!broker.cordoned_directories || broker.log_directories.empty()) return false;
  const auto& cordoned = *broker.cordoned_directories;
  return std::all_of(broker.log_directories.begin(), broker.log_directories.end(),
                     [&](const Uuid& directory) {
                       return std::find(cordoned.begin(), cordoned.end(), directory) != cordoned.end();
                     });
}

// Brokers of one call by number, with the number of their rack.
class Placer {
 public:
  Placer(std::span<PlacementBroker> brokers, Random& random) : brokers_(brokers), random_(random) {
    std::map<std::optional<std::string>, size_t> racks;
    for (const PlacementBroker& broker : brokers) {
      rack_of_.push_back(racks.emplace(broker.rack, racks.size()).first->second);
    }
    rack_count_ = racks.size();
  }

  Replicas place(int16_t replication_factor) {
    used_.assign(brokers_.size(), false);
    replicas_in_rack_.assign(rack_count_, 0);
    Replicas replicas;
    while (replicas.size() < static_cast<size_t>(replication_factor)) {
      const size_t chosen = best(replicas.empty());
      take(chosen, replicas.empty());
      replicas.push_back(brokers_[chosen].id);
    }
    return replicas;
  }

 private:
  // Lower is better, the first difference decides.
  using Cost = std::tuple<int, bool, int64_t, int64_t, uint64_t>;

  Cost cost(size_t broker, bool leader) {
    const PlacementBroker& candidate = brokers_[broker];
    const int in_rack = replicas_in_rack_[rack_of_[broker]];
    const auto [leaders, replicas] = candidate.load;
    if (leader) return {in_rack, candidate.fenced, leaders, replicas, random_.next()};
    return {in_rack, candidate.fenced, replicas, leaders, random_.next()};
  }

  size_t best(bool leader) {
    std::optional<std::pair<Cost, size_t>> best;
    for (size_t broker = 0; broker < brokers_.size(); ++broker) {
      if (used_[broker]) continue;
      const Cost candidate = cost(broker, leader);
      if (!best || candidate < best->first) best.emplace(candidate, broker);
    }
    return best->second;
  }

  void take(size_t broker, bool leader) {
    used_[broker] = true;
    ++replicas_in_rack_[rack_of_[broker]];
    ++brokers_[broker].load.replicas;
    if (leader) ++brokers_[broker].load.leaders;
  }

  std::span<PlacementBroker> brokers_;
  Random& random_;
  std::vector<size_t> rack_of_;
  size_t rack_count_ = 0;
  std::vector<bool> used_;
  std::vector<int> replicas_in_rack_;
};

Status check_factor(std::span<const PlacementBroker> brokers, int16_t replication_factor) {
  if (replication_factor <= 0) {
    return fail(Errc::kInvalidArgument,
                fmt::format("Invalid replication factor {}: the replication factor must be positive.",
                            replication_factor));
  }
  if (std::all_of(brokers.begin(), brokers.end(), [](const auto& broker) { return broker.fenced; })) {
    return fail(Errc::kInvalidArgument,
                "All brokers are currently fenced, or have all their log directories cordoned.");
  }
  if (static_cast<size_t>(replication_factor) > brokers.size()) {
    return fail(
        Errc::kInvalidArgument,
        fmt::format("The target replication factor of {} cannot be reached because only {} broker(s) are "
                    "registered or some brokers have all their log directories cordoned.",
                    replication_factor, brokers.size()));
  }
  return {};
}

}  // namespace

std::vector<PlacementBroker> placement_brokers(const Image& image) {
  std::vector<PlacementBroker> brokers;
  for (const auto& [id, broker] : image.brokers()) {
    if (is_cordoned(*broker)) continue;
    brokers.push_back({id, broker->rack, !broker->active(), image.load(id)});
  }
  return brokers;
}

Result<std::vector<Replicas>> place_replicas(std::span<PlacementBroker> brokers, int32_t partitions,
                                             int16_t replication_factor, Random& random) {
  TRIBUTARY_TRY(check_factor(brokers, replication_factor));
  Placer placer(brokers, random);
  std::vector<Replicas> placed;
  placed.reserve(static_cast<size_t>(partitions));
  for (int32_t partition = 0; partition < partitions; ++partition)
    placed.push_back(placer.place(replication_factor));
  return placed;
}

}  // namespace tributary::control
