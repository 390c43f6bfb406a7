#include "group_metrics.h"

#include "group_view.h"
#include "shard.h"
#include "shard_groups.h"

namespace tributary::broker {
namespace {

using group::CoordinatorProbe;

template <typename Read>
double sum(const BrokerContext& context, Read read) {
  double total = 0;
  for (const auto& shard : context.shards) total += static_cast<double>(read(shard->groups()));
  return total;
}

void show_by_state(MetricSink& sink, const BrokerContext& context) {
  constexpr std::string_view kPrefix = "kafka_coordinator_group_groupmetadatamanager_numgroups";
  struct State {
    std::string_view suffix;
    Gauge CoordinatorProbe::* groups;
  };
  constexpr State kStates[] = {{"preparingrebalance", &CoordinatorProbe::preparing_rebalance},
                               {"completingrebalance", &CoordinatorProbe::completing_rebalance},
                               {"stable", &CoordinatorProbe::stable},
                               {"empty", &CoordinatorProbe::empty},
                               {"dead", &CoordinatorProbe::dead}};
  sink.gauge(kPrefix, "Classic groups in memory; those without members may be in the view alone.", {},
             sum(context, [](ShardGroups& groups) { return groups.coordinators().cached_groups.value(); }));
  for (const State& state : kStates) {
    sink.gauge(
        std::string(kPrefix).append(state.suffix), "Of those, the ones in this state.", {},
        sum(context, [&](ShardGroups& groups) { return (groups.coordinators().*state.groups).value(); }));
  }
}

void show_coordinators(MetricSink& sink, const BrokerContext& context) {
  const auto count = [&](std::string_view name, std::string_view help, Counter CoordinatorProbe::* counter) {
    sink.counter(name, help, {},
                 sum(context, [&](ShardGroups& groups) { return (groups.coordinators().*counter).value(); }));
  };
  count("kafka_server_group_coordinator_metrics_group_completed_rebalance_count", "Rebalances completed.",
        &CoordinatorProbe::completed_rebalances);
  count("kafka_server_group_coordinator_metrics_offset_commit_count", "Offsets committed.",
        &CoordinatorProbe::offset_commits);
  count("kafka_server_group_coordinator_metrics_offset_expiration_count", "Offsets that expired.",
        &CoordinatorProbe::offset_expirations);
  count("kafka_server_group_coordinator_metrics_offset_deletion_count", "Offsets deleted on request.",
        &CoordinatorProbe::offset_deletions);
  count("tributary_group_expired_members_total", "Members removed because they were not heard of.",
        &CoordinatorProbe::expired_members);
  count("tributary_group_evictions_total", "Idle groups forgotten to bound memory; the view has them.",
        &CoordinatorProbe::evicted_groups);
  sink.gauge("tributary_group_cached_offsets", "Committed offsets in memory.", {},
             sum(context, [](ShardGroups& groups) { return groups.coordinators().cached_offsets.value(); }));
}

void show_loads(MetricSink& sink, const BrokerContext& context) {
  const auto count = [&](std::string_view name, std::string_view help, Counter LoadProbe::* counter) {
    sink.counter(name, help, {},
                 sum(context, [&](ShardGroups& groups) { return (groups.loads().*counter).value(); }));
  };
  count("tributary_group_loads_total", "Partitions of __consumer_offsets loaded.", &LoadProbe::loads);
  count("tributary_group_view_rebuilds_total", "Of those, the ones whose view had to be made anew.",
        &LoadProbe::rebuilds);
  count("tributary_group_load_failures_total", "Loads that failed and are tried again.", &LoadProbe::failed);
  count("tributary_group_load_records_total", "Records read from the log by loads.", &LoadProbe::records);
  count("tributary_group_unusable_records_total", "Of those, corrupt ones and ones of unknown versions.",
        &LoadProbe::unusable);
  sink.gauge("kafka_server_group_coordinator_metrics_num_partitions",
             "Partitions whose coordinator is active.", {{"state", "active"}},
             sum(context, [](ShardGroups& groups) { return groups.loads().active.value(); }));
  Histogram took;
  for (const auto& shard : context.shards) shard->groups().loads().load_ms.merge_into(took);
  sink.histogram("kafka_server_group_coordinator_metrics_partition_load_time_ms", "Time to load a partition.",
                 {}, took, 1);
}

void show_view(MetricSink& sink, const GroupView& keeper) {
  const ViewPtr view = keeper.opened();
  if (view == nullptr) return;
  sink.gauge("tributary_group_view_disk_bytes", "Size of the view on the disk.", {},
             static_cast<double>(view->disk_bytes()));
  sink.gauge("tributary_group_view_unflushed_bytes", "Of the view, what is in memory only.", {},
             static_cast<double>(view->unflushed_bytes()));
  sink.counter("tributary_group_view_flushes_total", "Flushes of the view.", {},
               static_cast<double>(keeper.flushes.value()));
  sink.counter("tributary_group_view_flush_failures_total", "Of those, the ones that failed.", {},
               static_cast<double>(keeper.failed_flushes.value()));
  sink.counter("tributary_group_view_replacements_total", "Views found damaged while in use and begun anew.",
               {}, static_cast<double>(keeper.replacements.value()));
}

}  // namespace

void show_groups(MetricSink& sink, const BrokerContext& context) {
  show_by_state(sink, context);
  show_coordinators(sink, context);
  show_loads(sink, context);
  show_view(sink, *context.group_view);
}

}  // namespace tributary::broker
