#include "describe.h"

namespace tributary::group {

namespace {

// Before this version a group that is not there was just Dead.
constexpr int16_t kGroupIdNotFoundSince = 6;

void describe_missing(const Group& group, const RequestInfo& info, DescribedGroup& answer,
                      std::string& message) {
  answer.group_state = "Dead";
  if (info.version < kGroupIdNotFoundSince) return;
  message = "Group " + group.id + (group.foreign ? " is not a classic group." : " not found.");
  if (message.size() > INT16_MAX) message.resize(INT16_MAX);
  answer.error_code = wire::ErrorCode::kGroupIdNotFound;
  answer.error_message = message;
}

}  // namespace

void describe(const Group& group, const RequestInfo& info, std::string_view id,
              const Reply<DescribedGroup>& reply) {
  DescribedGroup answer;
  std::string message;
  answer.group_id = id;
  const ClassicGroup& classic = group.classic;
  if (!group.is_classic()) {
    describe_missing(group, info, answer, message);
    return reply(answer);
  }
  const bool stable = classic.state() == GroupState::kStable;
  answer.group_state = state_name(classic.state());
  if (classic.protocol_type()) answer.protocol_type = *classic.protocol_type();
  if (stable) answer.protocol_data = *classic.protocol();
  answer.members.reserve(classic.members().size());
  for (const auto& [member_id, member] : classic.members()) {
    auto& out = answer.members.emplace_back();
    out.member_id = member_id;
    out.group_instance_id = member->instance_id;
    out.client_id = member->client_id;
    out.client_host = member->client_host;
    out.member_assignment = member->assignment;
    const Protocol* protocol = stable ? find(member->protocols, *classic.protocol()) : nullptr;
    if (protocol != nullptr) out.member_metadata = protocol->metadata;
  }
  reply(answer);
}

}  // namespace tributary::group
