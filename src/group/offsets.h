// Committed offsets of groups: OffsetCommit, OffsetFetch, OffsetDelete, the deletion of groups, expiry
// (KIP-211). Changes are in memory from the moment they are appended; answers wait until they are visible.
// Every request is for a group that is ready. One thread.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "answers.h"
#include "membership.h"

namespace tributary::group {

class Offsets {
 public:
  Offsets(Groups& groups, Membership& membership) : groups_(groups), membership_(membership) {}

  void commit(Group& group, const RequestInfo& info, const wire::OffsetCommitRequest& request,
              Reply<wire::OffsetCommitResponse> reply);
  void fetch(Group& group, const RequestInfo& info, const FetchedGroup& request, Reply<FetchedOffsets> reply);
  // Partitions that a transaction may still change are answered UNSTABLE_OFFSET_COMMIT.
  void fetch_stable(Group& group, const RequestInfo& info, const FetchedGroup& request,
                    Reply<FetchedOffsets> reply);
  void delete_offsets(Group& group, const RequestInfo& info, const wire::OffsetDeleteRequest& request,
                      Reply<wire::OffsetDeleteResponse> reply);
  void delete_group(Group& group, const RequestInfo& info, std::string_view id, Reply<DeletedGroup> reply);
  // What has expired goes, and with its last offset a group without members.
  void expire(Group& group);
  void forget_topics(Group& group, const std::vector<std::string>& topics);

 private:
  enum class Stability : bool { kAny, kRequired };
  struct Committing;  // offset_commit.cc

  wire::ErrorCode may_commit(Group& group, const RequestInfo& info, const wire::OffsetCommitRequest& request);
  void commit_topic(Group& group, const RequestInfo& info, const wire::OffsetCommitRequest& request,
                    const wire::OffsetCommitRequest::OffsetCommitRequestTopic& topic, Committing& work);
  void answer_fetch(Group& group, const RequestInfo& info, const FetchedGroup& request, Stability stability,
                    Reply<FetchedOffsets> reply);
  FetchedOffsets look_up(const Group& group, const RequestInfo& info, const FetchedGroup& request,
                         Stability stability) const;
  FetchedOffsets look_up_all(const Group& group, const RequestInfo& info, const FetchedGroup& request,
                             Stability stability) const;
  void write_deletions(Group& group, std::vector<Record> tombstones, PendingAppend::Finish finish);

  Groups& groups_;
  Membership& membership_;
};

}  // namespace tributary::group
