// The group coordinator of one partition of __consumer_offsets: classic consumer groups (JoinGroup to
// LeaveGroup, KIP-345 static members, KIP-429 cooperative rebalancing) and committed offsets. A state machine
// on the shard of that partition: requests come in, records go out through the Environment, answers wait
// until their records are visible (docs/architecture.md). No IO, no clock of its own.
//
// Groups are loaded from the view when first asked for and forgotten again when they have no members, nothing
// under way and have been idle the longest, so memory is bounded by `max_cached_offsets` and the one used
// last, not by how many groups there are. Groups with members stay, up to `max_active_groups`.
//
// A request is looked at during the call only, but what its views and those of RequestInfo point to has to
// live until its reply has been called or dropped. Answers are the wire's own structs, whose views are good
// during the reply's call. A reply comes during the call or later, exactly once, and must not call the
// coordinator.
//
// Where a version names topics by id, the caller puts the name of each topic it knows beside the id, and the
// coordinator answers UNKNOWN_TOPIC_ID for those left without one.
//
// Reads of offsets that are not visible yet wait for them, so no answer is ever taken back.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tributary/base/metrics.h"
#include "tributary/group/environment.h"
#include "tributary/group/view.h"
#include "tributary/wire/messages/delete_groups.h"
#include "tributary/wire/messages/describe_groups.h"
#include "tributary/wire/messages/heartbeat.h"
#include "tributary/wire/messages/join_group.h"
#include "tributary/wire/messages/leave_group.h"
#include "tributary/wire/messages/list_groups.h"
#include "tributary/wire/messages/offset_commit.h"
#include "tributary/wire/messages/offset_delete.h"
#include "tributary/wire/messages/offset_fetch.h"
#include "tributary/wire/messages/sync_group.h"

namespace tributary::group {

// Kafka's settings of the same names.
struct CoordinatorConfig {
  int32_t min_session_timeout_ms = 6'000;
  int32_t max_session_timeout_ms = 1'800'000;
  int32_t initial_rebalance_delay_ms = 3'000;
  int32_t max_group_size = INT32_MAX;
  int32_t offset_metadata_max_bytes = 4'096;
  int64_t offsets_retention_ms = 7LL * 86'400'000;
  size_t max_cached_offsets = 100'000;  // of idle groups
  size_t max_requests_per_loading_group = 10'000;
  size_t max_active_groups = 100'000;  // with members, or something under way; over it no other begins to be
};

// Shared by all coordinators of one shard.
struct CoordinatorProbe {
  Counter completed_rebalances;
  Counter offset_commits;  // offsets, not requests
  Counter offset_expirations;
  Counter offset_deletions;
  Counter expired_members;
  Counter evicted_groups;  // from the cache
  Gauge cached_groups;
  Gauge cached_offsets;
  // Loaded groups by state.
  Gauge preparing_rebalance;
  Gauge completing_rebalance;
  Gauge stable;
  Gauge empty;
  Gauge dead;
};

struct RequestInfo {
  int16_t version = 0;
  std::string_view client_id;
  std::string_view client_host;  // "/127.0.0.1", as Kafka writes it
};

template <typename Response>
using Reply = std::function<void(const Response&)>;

class Coordinator {
 public:
  // All three outlive it.
  Coordinator(const CoordinatorConfig& config, Environment& environment, CoordinatorProbe& probe);
  // Leadership went: every parked request is answered NOT_COORDINATOR; nothing is written.
  ~Coordinator();

  // Once, before any request: the groups of this partition that had members, whose sessions begin anew.
  void start(const std::vector<std::string>& groups_with_members);

  void join_group(const RequestInfo& info, const wire::JoinGroupRequest& request,
                  Reply<wire::JoinGroupResponse> reply);
  void sync_group(const RequestInfo& info, const wire::SyncGroupRequest& request,
                  Reply<wire::SyncGroupResponse> reply);
  void heartbeat(const RequestInfo& info, const wire::HeartbeatRequest& request,
                 Reply<wire::HeartbeatResponse> reply);
  void leave_group(const RequestInfo& info, const wire::LeaveGroupRequest& request,
                   Reply<wire::LeaveGroupResponse> reply);
  void offset_commit(const RequestInfo& info, const wire::OffsetCommitRequest& request,
                     Reply<wire::OffsetCommitResponse> reply);
  // One group of the request; the caller puts the answers together.
  void offset_fetch(const RequestInfo& info, const wire::OffsetFetchRequest::OffsetFetchRequestGroup& group,
                    bool require_stable, Reply<wire::OffsetFetchResponse::OffsetFetchResponseGroup> reply);
  void offset_delete(const RequestInfo& info, const wire::OffsetDeleteRequest& request,
                     Reply<wire::OffsetDeleteResponse> reply);
  void describe_group(const RequestInfo& info, std::string_view group,
                      Reply<wire::DescribeGroupsResponse::DescribedGroup> reply);
  void delete_group(std::string_view group, Reply<wire::DeleteGroupsResponse::DeletableGroupResult> reply);

  // State of a loaded group for ListGroups, "" if it is not loaded: then what the view says of it holds
  // (Empty, or Stable if it has members). Kafka's names.
  std::string_view state_of(std::string_view group) const;
  std::string_view protocol_type_of(std::string_view group) const;
  // Loaded groups that the view may not know yet.
  void for_each_loaded(const std::function<void(std::string_view group)>& visit) const;

  // A candidate that a scan of the view found: no members, and something in it that may have expired. Loads
  // the group and removes what has (KIP-211; never while it has members subscribed to the topic).
  void expire_offsets(std::string_view group);
  // Topics that are gone: their offsets are deleted (as Kafka does on deletion of a topic).
  void forget_topics(const std::vector<std::string>& topics, std::string_view group);

  size_t loaded_groups() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tributary::group
