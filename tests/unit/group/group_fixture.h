// A coordinator over a MemoryEnvironment, and clients of it in few words. Each answer is encoded and decoded
// at its request's version, so that one that cannot be sent fails the test.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "memory_environment.h"
#include "tributary/group/coordinator.h"

namespace tributary::wire {
inline void PrintTo(ErrorCode code, std::ostream* out) { *out << error_name(code); }
}  // namespace tributary::wire

namespace tributary::group {

using wire::ErrorCode;

template <typename Message>
class Answer {
 public:
  bool arrived() const { return state_->arrivals == 1; }
  const Message& operator*() const {
    EXPECT_TRUE(arrived()) << "no answer yet";
    return state_->message;
  }
  const Message* operator->() const { return &**this; }

  Reply<Message> reply(int16_t version) {
    return [state = state_, version](const Message& message) {
      wire::Writer out;
      message.encode(out, version);
      state->bytes = out.to_vector();
      wire::Reader in(state->bytes);
      state->message = {};
      state->message.decode(in, version);
      EXPECT_TRUE(in.ok() && in.remaining() == 0);
      EXPECT_EQ(++state->arrivals, 1) << "answered twice";
    };
  }

 private:
  struct State {
    int arrivals = 0;
    std::vector<uint8_t> bytes;
    Message message;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

using Joined = Answer<wire::JoinGroupResponse>;
using Synced = Answer<wire::SyncGroupResponse>;
using Left = Answer<wire::LeaveGroupResponse>;
using Committed = Answer<wire::OffsetCommitResponse>;
using Fetched = Answer<wire::OffsetFetchResponse::OffsetFetchResponseGroup>;
using Described = Answer<wire::DescribeGroupsResponse::DescribedGroup>;
using OffsetsDeleted = Answer<wire::OffsetDeleteResponse>;

struct JoinSpec {
  std::string member{};
  std::optional<std::string> instance{};
  std::vector<std::pair<std::string, std::string>> protocols{{"range", "meta"}};
  std::string type = "consumer";
  int32_t session_ms = 10'000;
  int32_t rebalance_ms = 60'000;
  int16_t version = 9;
};

struct CommitSpec {
  std::string member{};
  int32_t generation = -1;
  std::optional<std::string> instance{};
  std::string metadata{};
  int64_t retention_ms = -1;
  int16_t version = 9;
};

// A consumer's subscription as version 0 has it.
std::string subscription(const std::vector<std::string>& topics);

class GroupFixture : public testing::Test {
 private:
  std::vector<std::shared_ptr<void>> kept_;  // outlives the coordinator, which answers with it at its end

 protected:
  GroupFixture() {
    config.initial_rebalance_delay_ms = 3'000;
    environment.add_topic("t", 8);
    environment.add_topic("u", 8);
    restart();
  }

  // A new coordinator over what is visible.
  void restart();

  Joined join(const std::string& group, JoinSpec spec = {});
  Synced sync(const std::string& group, const std::string& member, int32_t generation,
              const std::vector<std::pair<std::string, std::string>>& assignments = {}, int16_t version = 5,
              std::optional<std::string> instance = std::nullopt);
  ErrorCode heartbeat(const std::string& group, const std::string& member, int32_t generation,
                      std::optional<std::string> instance = std::nullopt);
  Left leave(const std::string& group,
             const std::vector<std::pair<std::string, std::optional<std::string>>>& members,
             int16_t version = 5);
  Committed commit(const std::string& group, const std::string& topic, int32_t partition, int64_t offset,
                   CommitSpec spec = {});
  ErrorCode commit_error(const Committed& answer) { return answer->topics.at(0).partitions.at(0).error_code; }
  Fetched fetch(const std::string& group, const std::vector<std::pair<std::string, int32_t>>& partitions,
                bool stable = false, int16_t version = 9);
  Fetched fetch_all(const std::string& group, bool stable = false, int16_t version = 9);
  int64_t committed(const std::string& group, const std::string& topic = "t", int32_t partition = 0) {
    return fetch(group, {{topic, partition}})->topics.at(0).partitions.at(0).committed_offset;
  }
  Described describe(const std::string& group, int16_t version = 6);
  std::string state(const std::string& group) { return std::string(describe(group, 5)->group_state); }
  ErrorCode delete_group(const std::string& group);
  OffsetsDeleted delete_offsets(const std::string& group,
                                const std::vector<std::pair<std::string, int32_t>>& partitions);

  // A member id as MEMBER_ID_REQUIRED gives it out.
  std::string member_id(const std::string& group, JoinSpec spec = {});
  struct Members {
    int32_t generation = 0;
    std::vector<std::string> ids;  // the leader first
  };
  // `count` dynamic members in a stable group, each with its id as its assignment.
  Members stable_group(const std::string& group, size_t count, JoinSpec spec = {});

  CoordinatorConfig config;
  CoordinatorProbe probe;
  MemoryEnvironment environment;
  std::unique_ptr<Coordinator> coordinator;

 private:
  // Requests live as long as the test, so that no answer can depend on when they go.
  template <typename T>
  T& keep(T value) {
    auto kept = std::make_shared<T>(std::move(value));
    kept_.push_back(kept);
    return *kept;
  }
  std::string_view text(const std::string& value) { return keep(value); }
  std::optional<std::string_view> text(const std::optional<std::string>& value) {
    return value ? std::optional(text(*value)) : std::nullopt;
  }
  RequestInfo info(int16_t version) { return {.version = version, .client_id = "c", .client_host = "/h"}; }
};

}  // namespace tributary::group
