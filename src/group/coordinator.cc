#include "tributary/group/coordinator.h"

#include "answers.h"
#include "describe.h"
#include "groups.h"
#include "membership.h"
#include "offsets.h"

namespace tributary::group {

using wire::ErrorCode;

struct Coordinator::Impl {
  Impl(const CoordinatorConfig& config, Environment& environment, CoordinatorProbe& probe)
      : groups(config, environment, probe), membership(groups), offsets(groups, membership) {
    groups.on_loaded([this](Group& group) { membership.loaded(group); });
  }

  // Has `serve` answer the request when the group is ready, or `refuse` if it never is. Nothing is copied
  // when it is ready already, which is nearly always.
  template <typename Request, typename Response, typename Serve, typename Refuse>
  void run(std::string_view id, const RequestInfo& info, const Request& request, Reply<Response> reply,
           Serve serve, Refuse refuse) {
    Group& group = groups.get(id);
    if (group.ready()) {
      serve(*this, group, info, request, std::move(reply));
      return groups.settle(group);
    }
    groups.wait(group, [this, info, request, reply = std::move(reply), serve, refuse](Group& loaded,
                                                                                      ErrorCode error) {
      if (error != ErrorCode::kNone) return reply(refuse(info, request, error));
      serve(*this, loaded, info, request, reply);
    });
  }

  // Work that nobody waits for.
  void run(std::string_view id, const std::function<void(Group&)>& work) {
    Group& group = groups.get(id);
    if (group.ready()) {
      work(group);
      return groups.settle(group);
    }
    groups.wait(group, [work](Group& loaded, ErrorCode error) {
      if (error == ErrorCode::kNone) work(loaded);
    });
  }

  Groups groups;
  Membership membership;
  Offsets offsets;
};

namespace {

// A method of a part of Impl as what run() takes.
template <auto kPart, auto kMethod>
constexpr auto by = [](auto& impl, Group& group, const RequestInfo& info, const auto& request, auto&& reply) {
  ((impl.*kPart).*kMethod)(group, info, request, std::forward<decltype(reply)>(reply));
};

}  // namespace

Coordinator::Coordinator(const CoordinatorConfig& config, Environment& environment, CoordinatorProbe& probe)
    : impl_(std::make_unique<Impl>(config, environment, probe)) {}

Coordinator::~Coordinator() {
  impl_->groups.for_each([this](Group& group) { impl_->membership.abandon(group); });
  impl_->groups.abandon();
}

void Coordinator::start(const std::vector<std::string>& groups_with_members) {
  for (const std::string& id : groups_with_members) impl_->groups.load(impl_->groups.get(id));
}

void Coordinator::join_group(const RequestInfo& info, const wire::JoinGroupRequest& request,
                             Reply<wire::JoinGroupResponse> reply) {
  const CoordinatorConfig& config = impl_->groups.config();
  if (request.group_id.empty()) return reply(refuse_join(info, request, ErrorCode::kInvalidGroupId));
  if (request.session_timeout_ms < config.min_session_timeout_ms ||
      request.session_timeout_ms > config.max_session_timeout_ms) {
    return reply(refuse_join(info, request, ErrorCode::kInvalidSessionTimeout));
  }
  impl_->run(request.group_id, info, request, std::move(reply), by<&Impl::membership, &Membership::join>,
             refuse_join);
}

void Coordinator::sync_group(const RequestInfo& info, const wire::SyncGroupRequest& request,
                             Reply<wire::SyncGroupResponse> reply) {
  if (request.group_id.empty()) return reply(refuse_sync(info, request, ErrorCode::kInvalidGroupId));
  impl_->run(request.group_id, info, request, std::move(reply), by<&Impl::membership, &Membership::sync>,
             refuse_sync);
}

void Coordinator::heartbeat(const RequestInfo& info, const wire::HeartbeatRequest& request,
                            Reply<wire::HeartbeatResponse> reply) {
  if (request.group_id.empty()) return reply(refuse_heartbeat(info, request, ErrorCode::kInvalidGroupId));
  impl_->run(request.group_id, info, request, std::move(reply), by<&Impl::membership, &Membership::heartbeat>,
             refuse_heartbeat);
}

void Coordinator::leave_group(const RequestInfo& info, const wire::LeaveGroupRequest& request,
                              Reply<wire::LeaveGroupResponse> reply) {
  if (request.group_id.empty()) return reply(refuse_leave(info, request, ErrorCode::kInvalidGroupId));
  impl_->run(request.group_id, info, request, std::move(reply), by<&Impl::membership, &Membership::leave>,
             refuse_leave);
}

void Coordinator::offset_commit(const RequestInfo& info, const wire::OffsetCommitRequest& request,
                                Reply<wire::OffsetCommitResponse> reply) {
  impl_->run(request.group_id, info, request, std::move(reply), by<&Impl::offsets, &Offsets::commit>,
             refuse_commit);
}

void Coordinator::offset_fetch(const RequestInfo& info, const FetchedGroup& group, bool require_stable,
                               Reply<FetchedOffsets> reply) {
  const auto run = [&](auto serve) {
    impl_->run(group.group_id, info, group, std::move(reply), serve, refuse_fetch);
  };
  if (require_stable) return run(by<&Impl::offsets, &Offsets::fetch_stable>);
  run(by<&Impl::offsets, &Offsets::fetch>);
}

void Coordinator::offset_delete(const RequestInfo& info, const wire::OffsetDeleteRequest& request,
                                Reply<wire::OffsetDeleteResponse> reply) {
  if (request.group_id.empty()) return reply(refuse_offset_delete(info, request, ErrorCode::kInvalidGroupId));
  impl_->run(request.group_id, info, request, std::move(reply), by<&Impl::offsets, &Offsets::delete_offsets>,
             refuse_offset_delete);
}

void Coordinator::describe_group(const RequestInfo& info, std::string_view group,
                                 Reply<DescribedGroup> reply) {
  const auto serve = [](Impl&, Group& found, const RequestInfo& asked, std::string_view id,
                        const Reply<DescribedGroup>& answer) { describe(found, asked, id, answer); };
  impl_->run(group, info, group, std::move(reply), serve, refuse_describe);
}

void Coordinator::delete_group(std::string_view group, Reply<DeletedGroup> reply) {
  impl_->run(group, {}, group, std::move(reply), by<&Impl::offsets, &Offsets::delete_group>, refuse_delete);
}

std::string_view Coordinator::state_of(std::string_view group) const {
  const Group* found = impl_->groups.find(group);
  if (found == nullptr || !found->ready() || found->foreign) return "";
  return found->exists ? state_name(found->classic.state()) : "Dead";
}

std::string_view Coordinator::protocol_type_of(std::string_view group) const {
  const Group* found = impl_->groups.find(group);
  if (found == nullptr || !found->classic.protocol_type()) return "";
  return *found->classic.protocol_type();
}

void Coordinator::for_each_loaded(const std::function<void(std::string_view group)>& visit) const {
  impl_->groups.for_each([&](const Group& group) {
    if (group.ready() && group.exists) visit(group.id);
  });
}

void Coordinator::expire_offsets(std::string_view group) {
  impl_->run(group, [this](Group& found) { impl_->offsets.expire(found); });
}

void Coordinator::forget_topics(const std::vector<std::string>& topics, std::string_view group) {
  impl_->run(group, [this, topics](Group& found) { impl_->offsets.forget_topics(found, topics); });
}

size_t Coordinator::loaded_groups() const { return impl_->groups.size(); }

}  // namespace tributary::group
