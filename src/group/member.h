// A member of a classic group, and a member id that was handed out but not used yet. Owned by its group; one
// thread.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocols.h"
#include "tributary/group/coordinator.h"

namespace tributary::group {

// When a member counts as gone. Renewed by every sign of life, so only the deadline is moved, and the timer
// looks at it when it fires. Times are Environment::monotonic_ms.
struct Session {
  int64_t deadline_ms = 0;
  int64_t armed_for_ms = 0;
  std::unique_ptr<Timer> timer;
};

struct Member {
  std::string id;
  std::optional<std::string> instance_id;
  std::string client_id;
  std::string client_host;
  int32_t rebalance_timeout_ms = 0;
  int32_t session_timeout_ms = 0;
  Protocols protocols;
  std::vector<uint8_t> assignment;

  // Parked requests. Changed through the group, which counts them.
  Reply<wire::JoinGroupResponse> join_reply;
  Reply<wire::SyncGroupResponse> sync_reply;
  int16_t join_version = 0;

  // Has not seen the end of its first rebalance: goes if its session ends, even while it waits in a join.
  bool is_new = false;
  // Was told of this generation and has not asked for its assignment.
  bool owes_sync = false;
  Session session;

  bool awaits_join() const { return join_reply != nullptr; }
  bool awaits_sync() const { return sync_reply != nullptr; }
};

}  // namespace tributary::group
