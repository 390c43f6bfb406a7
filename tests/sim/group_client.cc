#include "group_client.h"

namespace tributary::sim {

using wire::ErrorCode;

namespace {

constexpr int32_t kPartitions = 3;

}  // namespace

template <typename Response, typename Take>
group::Reply<Response> GroupClient::reply(bool& waiting, Take take) {
  waiting = true;
  ++world_.unanswered;
  // The requests' views point into this client, which outlives them; what changes is copied by the caller.
  return [this, &waiting, answered = std::make_shared<bool>(false), process = std::weak_ptr(process_),
          take](const Response& response) {
    if (std::exchange(*answered, true)) return world_.fault(name_ + " was answered twice");
    --world_.unanswered;
    if (process.expired()) return;
    waiting = false;
    take(response);
  };
}

void GroupClient::act() {
  if (stopped_ || world_.coordinator == nullptr) return;
  if (!membership_under_way_) {
    switch (step_) {
      case Step::kJoin:
        join();
        break;
      case Step::kSync:
        sync();
        break;
      case Step::kAssigned:
        heartbeat();
        break;
    }
  }
  if (offsets_under_way_ || world_.random.one_in(2)) return;
  world_.random.one_in(3) ? fetch() : commit();
}

void GroupClient::reconnect() {
  process_ = std::make_shared<const int>(0);
  membership_under_way_ = offsets_under_way_ = removal_under_way_ = false;
}

void GroupClient::restart() {
  reconnect();
  step_ = Step::kJoin;
  member_id_.clear();
  generation_ = -1;
  assignment_.clear();
}

void GroupClient::join() {
  wire::JoinGroupRequest request;
  request.group_id = group_;
  request.session_timeout_ms = 10'000;
  request.rebalance_timeout_ms = 30'000;
  const auto id = std::make_shared<std::string>(member_id_);
  request.member_id = *id;
  if (static_) request.group_instance_id = name_;
  request.protocol_type = "consumer";
  request.protocols.emplace_back().name = "range";
  // Now and then with something new to say, which is a reason to rebalance.
  static constexpr std::string_view kMetadata = "abcd";
  request.protocols[0].metadata = as_bytes(kMetadata.substr(world_.random.below(4)));
  const auto version = static_cast<int16_t>(world_.random.one_in(8) ? 3 : 9);
  world_.coordinator->join_group(
      info(version), request,
      reply<wire::JoinGroupResponse>(membership_under_way_,
                                     [this, id](const auto& response) { joined(response); }));
}

void GroupClient::joined(const wire::JoinGroupResponse& response) {
  world_.trace(name_ + " joined " + std::string(wire::error_name(response.error_code)) + " generation " +
               std::to_string(response.generation_id));
  if (response.error_code == ErrorCode::kMemberIdRequired) {
    member_id_ = response.member_id;
    return;
  }
  if (response.error_code != ErrorCode::kNone) return back_off(response.error_code);
  if (auto fault = world_.model.joined(group_, response.generation_id)) return world_.fault(*fault);
  member_id_ = response.member_id;
  generation_ = response.generation_id;
  leader_ = response.leader;
  members_.clear();
  if (!response.skip_assignment) {
    for (const auto& member : response.members) members_.emplace_back(member.member_id);
  }
  step_ = Step::kSync;
}

void GroupClient::sync() {
  struct Kept {
    std::string id;
    std::string token;
    std::vector<std::string> members;
  };
  const auto kept =
      std::make_shared<Kept>(Kept{member_id_, name_ + "/" + std::to_string(++tokens_), members_});
  wire::SyncGroupRequest request;
  request.group_id = group_;
  request.member_id = kept->id;
  request.generation_id = generation_;
  request.protocol_type = "consumer";
  request.protocol_name = "range";
  for (const std::string& member : kept->members) {
    auto& assignment = request.assignments.emplace_back();
    assignment.member_id = member;
    assignment.assignment = as_bytes(kept->token);
  }
  world_.coordinator->sync_group(
      info(5), request,
      reply<wire::SyncGroupResponse>(membership_under_way_,
                                     [this, kept](const auto& response) { synced(response); }));
}

void GroupClient::synced(const wire::SyncGroupResponse& response) {
  world_.trace(name_ + " synced " + std::string(wire::error_name(response.error_code)));
  if (response.error_code != ErrorCode::kNone) return back_off(response.error_code);
  assignment_ = as_text(response.assignment);
  if (!assignment_.empty()) {
    if (auto fault = world_.model.synced(group_, generation_, assignment_)) return world_.fault(*fault);
  }
  step_ = Step::kAssigned;
}

void GroupClient::heartbeat() {
  const auto id = std::make_shared<std::string>(member_id_);
  wire::HeartbeatRequest request;
  request.group_id = group_;
  request.member_id = *id;
  request.generation_id = generation_;
  if (static_) request.group_instance_id = name_;
  world_.coordinator->heartbeat(
      info(4), request,
      reply<wire::HeartbeatResponse>(membership_under_way_, [this, id](const auto& response) {
        if (response.error_code != ErrorCode::kNone) back_off(response.error_code);
      }));
}

void GroupClient::remove() {
  if (removal_under_way_ || member_id_.empty() || world_.coordinator == nullptr) return;
  const auto id = std::make_shared<std::string>(member_id_);
  wire::LeaveGroupRequest request;
  request.group_id = group_;
  request.members.emplace_back().member_id = *id;
  world_.coordinator->leave_group(
      info(5), request, reply<wire::LeaveGroupResponse>(removal_under_way_, [this, id](const auto& response) {
        world_.trace(name_ + " was removed: " + std::string(wire::error_name(response.error_code)));
      }));
}

void GroupClient::back_off(ErrorCode error) {
  world_.trace(name_ + " goes back on " + std::string(wire::error_name(error)));
  switch (error) {
    case ErrorCode::kUnknownMemberId:
    case ErrorCode::kFencedInstanceId:
    case ErrorCode::kIllegalGeneration:
      member_id_.clear();
      break;
    case ErrorCode::kRebalanceInProgress:
      break;
    case ErrorCode::kCoordinatorNotAvailable:
    case ErrorCode::kNotCoordinator:
    case ErrorCode::kCoordinatorLoadInProgress:
    case ErrorCode::kUnknownServerError:
      if (step_ == Step::kAssigned) return;  // it is the same request again
      break;
    default:
      return world_.fault(name_ + " got " + std::string(wire::error_name(error)));
  }
  step_ = Step::kJoin;
  assignment_.clear();
}

void GroupClient::commit() {
  struct Kept {
    std::string id;
    GroupModel::Partition partition;
    int64_t value;
  };
  const GroupModel::Partition partition{group_, static_cast<int32_t>(world_.random.below(kPartitions))};
  const auto kept = std::make_shared<Kept>(Kept{member_id_, partition, world_.model.next_value()});
  wire::OffsetCommitRequest request;
  request.group_id = group_;
  request.member_id = kept->id;
  request.generation_id_or_member_epoch = generation_;
  auto& topic = request.topics.emplace_back();
  topic.name = "t";
  auto& entry = topic.partitions.emplace_back();
  entry.partition_index = partition.second;
  entry.committed_offset = kept->value;
  const uint64_t deletions = world_.model.deletions(group_);
  world_.coordinator->offset_commit(
      info(9), request,
      reply<wire::OffsetCommitResponse>(offsets_under_way_, [this, kept, deletions](const auto& response) {
        const ErrorCode error = response.topics.at(0).partitions.at(0).error_code;
        world_.trace(name_ + " committed " + std::to_string(kept->value) + " to " +
                     std::to_string(kept->partition.second) + ": " + std::string(wire::error_name(error)));
        if (error == ErrorCode::kNone && deletions == world_.model.deletions(group_)) {
          world_.model.committed(kept->partition, kept->value);
        }
        // These say that it is not written; NOT_COORDINATOR may come of a crash, which leaves that open.
        if (error == ErrorCode::kUnknownServerError || error == ErrorCode::kIllegalGeneration) {
          world_.model.commit_failed(kept->value);
        }
      }));
}

void GroupClient::fetch() {
  const GroupModel::Partition partition{group_, static_cast<int32_t>(world_.random.below(kPartitions))};
  wire::OffsetFetchRequest::OffsetFetchRequestGroup request;
  request.group_id = group_;
  auto& topic = request.topics->emplace_back();
  topic.name = "t";
  topic.partition_indexes.push_back(partition.second);
  const int64_t floor = world_.model.floor(partition);
  const uint64_t deletions = world_.model.deletions(group_);
  world_.coordinator->offset_fetch(
      info(9), request, world_.random.one_in(2),
      reply<wire::OffsetFetchResponse::OffsetFetchResponseGroup>(
          offsets_under_way_, [this, partition, floor, deletions](const auto& response) {
            if (response.error_code != ErrorCode::kNone) return;
            const auto& found = response.topics.at(0).partitions.at(0);
            if (found.error_code != ErrorCode::kNone) return;
            world_.trace(name_ + " fetched " + std::to_string(found.committed_offset) + " of " +
                         std::to_string(partition.second));
            if (auto fault = world_.model.fetched(partition, floor, deletions, found.committed_offset)) {
              world_.fault(*fault);
            }
          }));
}

}  // namespace tributary::sim
