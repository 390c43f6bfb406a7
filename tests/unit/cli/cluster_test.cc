#include "cli/cluster.h"

#include "fake_broker.h"
#include "tributary/wire/messages/create_topics.h"
#include "tributary/wire/messages/delete_groups.h"
#include "tributary/wire/messages/find_coordinator.h"

namespace tributary::cli {
namespace {

using test::FakeBroker;
using wire::ApiKey;
using wire::ErrorCode;

Cluster cluster_of(std::vector<Address> bootstrap) {
  return Cluster({std::move(bootstrap), std::chrono::seconds(10), false});
}

void serve_create_topics(FakeBroker& broker, std::vector<ErrorCode> codes) {
  broker.serve(ApiKey::kCreateTopics, 2, 7,
               [codes, i = size_t{0}](int16_t version, wire::Reader&, wire::Writer& out) mutable {
                 wire::CreateTopicsResponse response;
                 auto& topic = response.topics.emplace_back();
                 topic.name = "t";
                 topic.error_code = codes[std::min(i++, codes.size() - 1)];
                 response.encode(out, version);
                 return true;
               });
}

Result<Answer<wire::CreateTopicsResponse>> create(Cluster& cluster) {
  wire::CreateTopicsRequest request;
  request.topics.emplace_back().name = "t";
  return cluster.ask_controller<wire::CreateTopicsResponse>(
      request, [](const auto& response) { return response.topics.front().error_code; });
}

TEST(Cluster, BrokerThatKnowsLess_IsAskedInItsVersions) {
  FakeBroker broker;
  int16_t asked = -1;
  broker.serve(ApiKey::kMetadata, 0, 4, [&](int16_t version, wire::Reader&, wire::Writer& out) {
    asked = version;
    wire::MetadataResponse response;
    response.brokers.push_back({7, "h", 1, std::nullopt, {}});
    response.encode(out, version);
    return true;
  });
  broker.start();
  Cluster cluster = cluster_of({broker.address()});
  const auto metadata = cluster.metadata(std::nullopt);
  ASSERT_TRUE(metadata) << metadata.error().message;
  EXPECT_EQ(asked, 4);
  EXPECT_EQ(metadata->brokers.front().id, 7);
}

TEST(Cluster, OldApiVersions_IsAskedAgainInVersion0) {
  FakeBroker broker;
  broker.serve(ApiKey::kApiVersions, 0, 2, [](int16_t version, wire::Reader&, wire::Writer& out) {
    wire::ApiVersionsResponse response;
    response.api_keys.push_back({static_cast<int16_t>(ApiKey::kMetadata), 0, 1, {}});
    response.encode(out, version);
    return true;
  });
  broker.start();
  Cluster cluster = cluster_of({broker.address()});
  EXPECT_TRUE(cluster.metadata(std::nullopt));
  EXPECT_EQ(broker.requests(ApiKey::kApiVersions), 2);
}

TEST(Cluster, ApiThatIsNotServed_IsNamed) {
  FakeBroker broker;
  broker.start();
  Cluster cluster = cluster_of({broker.address()});
  const auto answer = create(cluster);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::kUnsupported);
  EXPECT_TRUE(answer.error().message.ends_with("does not serve CreateTopics")) << answer.error().message;
}

TEST(Cluster, VersionsThatDoNotMeet_AreAnError) {
  FakeBroker broker;
  broker.serve(ApiKey::kCreateTopics, 8, 9, nullptr);
  broker.start();
  Cluster cluster = cluster_of({broker.address()});
  EXPECT_EQ(create(cluster).error().code, Errc::kUnsupported);
}

TEST(Cluster, ControllerThatMoved_IsLookedUpAgain) {
  FakeBroker broker;
  serve_create_topics(broker, {ErrorCode::kNotController, ErrorCode::kNotController, ErrorCode::kNone});
  broker.start();
  Cluster cluster = cluster_of({broker.address()});
  const auto answer = create(cluster);
  ASSERT_TRUE(answer);
  EXPECT_EQ((*answer)->topics.front().error_code, ErrorCode::kNone);
  EXPECT_EQ(broker.requests(ApiKey::kCreateTopics), 3);
  EXPECT_GE(broker.requests(ApiKey::kMetadata), 3);
}

TEST(Cluster, OtherErrors_AreNotTriedAgain) {
  FakeBroker broker;
  serve_create_topics(broker, {ErrorCode::kTopicAlreadyExists, ErrorCode::kNone});
  broker.start();
  Cluster cluster = cluster_of({broker.address()});
  EXPECT_EQ((*create(cluster))->topics.front().error_code, ErrorCode::kTopicAlreadyExists);
}

TEST(Cluster, CoordinatorThatLoads_IsWaitedFor) {
  FakeBroker broker;
  broker.serve(ApiKey::kFindCoordinator, 0, 3,
               [&, calls = 0](int16_t version, wire::Reader&, wire::Writer& out) mutable {
                 wire::FindCoordinatorResponse response;
                 if (calls++ == 0) response.error_code = ErrorCode::kCoordinatorNotAvailable;
                 response.node_id = 1;
                 response.host = "127.0.0.1";
                 response.port = broker.address().port;
                 response.encode(out, version);
                 return true;
               });
  broker.serve(ApiKey::kDeleteGroups, 0, 2,
               [calls = 0](int16_t version, wire::Reader&, wire::Writer& out) mutable {
                 wire::DeleteGroupsResponse response;
                 response.results.push_back(
                     {"g", calls++ == 0 ? ErrorCode::kCoordinatorLoadInProgress : ErrorCode::kNone, {}});
                 response.encode(out, version);
                 return true;
               });
  broker.start();
  Cluster cluster = cluster_of({broker.address()});
  wire::DeleteGroupsRequest request;
  request.groups_names = {"g"};
  const auto answer = cluster.ask_coordinator<wire::DeleteGroupsResponse>(
      "g", request, [](const auto& response) { return response.results.front().error_code; });
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ((*answer)->results.front().error_code, ErrorCode::kNone);
  EXPECT_EQ(broker.requests(ApiKey::kFindCoordinator), 3);
}

TEST(Cluster, FirstServerGone_TheNextAnswers) {
  Address gone;
  {
    FakeBroker broker;
    gone = broker.address();
  }
  FakeBroker broker;
  broker.start();
  Cluster cluster = cluster_of({gone, broker.address()});
  EXPECT_TRUE(cluster.metadata(std::nullopt));
}

TEST(Cluster, ServerThatHangsUp_TheNextAnswers) {
  FakeBroker rude, polite;
  rude.serve(ApiKey::kMetadata, 0, 13, [](int16_t, wire::Reader&, wire::Writer&) { return false; });
  rude.start();
  polite.start();
  Cluster cluster = cluster_of({rude.address(), polite.address()});
  const auto metadata = cluster.metadata(std::nullopt);
  ASSERT_TRUE(metadata) << metadata.error().message;
  EXPECT_EQ(metadata->cluster_id, "fake");
}

TEST(Cluster, NobodyThere_SaysWhyForEach) {
  Address gone;
  {
    FakeBroker broker;
    gone = broker.address();
  }
  Cluster cluster = cluster_of({gone, gone});
  for (int i = 0; i < 2; ++i) {
    const auto metadata = cluster.metadata(std::nullopt);
    ASSERT_FALSE(metadata);
    EXPECT_EQ(metadata.error().code, Errc::kIo);
    const std::string reason = gone.to_string() + ": Connection refused";
    EXPECT_EQ(metadata.error().message, "cannot reach a broker: " + reason + "; " + reason);
  }
}

TEST(Cluster, AnswerThatDoesNotDecode_IsCorruption) {
  FakeBroker broker;
  broker.serve(ApiKey::kMetadata, 0, 13, [](int16_t, wire::Reader&, wire::Writer& out) {
    out.write_int32(0x7fffffff);
    out.write_int32(0x7fffffff);
    return true;
  });
  broker.start();
  Cluster cluster = cluster_of({broker.address()});
  EXPECT_EQ(cluster.metadata(std::nullopt).error().code, Errc::kCorruption);
}

TEST(Cluster, ControllersListener_IsToldByName) {
  FakeBroker broker;
  broker.serve(ApiKey::kApiVersions, 0, 4, [](int16_t version, wire::Reader&, wire::Writer& out) {
    wire::ApiVersionsResponse{}.encode(out, version);
    return true;
  });
  broker.start();
  Cluster cluster = cluster_of({broker.address()});
  const auto metadata = cluster.metadata(std::nullopt);
  ASSERT_FALSE(metadata);
  EXPECT_NE(metadata.error().message.find("a listener for controllers"), std::string::npos);
}

TEST(Cluster, UnknownBroker_IsAnError) {
  FakeBroker broker;
  broker.start();
  Cluster cluster = cluster_of({broker.address()});
  EXPECT_EQ(cluster.ask<wire::MetadataResponse>(9, wire::MetadataRequest{}).error().code, Errc::kNotFound);
}

}  // namespace
}  // namespace tributary::cli
