// What the tests of this room share: records by the short way, images from them, a controller on a file
// system in memory.
#pragma once
#include <gtest/gtest.h>

#include "control/operation.h"
#include "control/record_codec.h"
#include "tributary/control/controller.h"
#include "tributary/control/image_builder.h"
#include "tributary/storage/memory_file_system.h"
#include "tributary/wire/records/metadata.h"

namespace tributary::control {

namespace md = wire::metadata;

inline Uuid test_id(uint8_t number) {
  Uuid id;
  id.bytes.fill(number);
  return id;
}

// Applies records one after another.
class Replay {
 public:
  explicit Replay(ReplayOptions options = {}) : builder_(options) {}

  template <typename Record>
  Status apply(const Record& record, int16_t version = Record::kMaxVersion) {
    ++offset_;
    return builder_.apply(encode_record(record, version));
  }
  Status apply(const RecordList& records) {
    for (const ByteView value : records.views()) {
      ++offset_;
      if (Status applied = builder_.apply(value); !applied) return applied;
    }
    return {};
  }
  ImagePtr image() {
    auto image = builder_.publish(offset_, LeaderEpoch{1});
    EXPECT_TRUE(image) << (image ? "" : image.error().message);
    return image ? *image : nullptr;
  }
  ImageBuilder& builder() { return builder_; }

 private:
  ImageBuilder builder_;
  Offset offset_ = -1;
};

inline md::RegisterBrokerRecord broker_record(int32_t id, std::optional<std::string_view> rack = std::nullopt,
                                              bool fenced = false) {
  md::RegisterBrokerRecord record;
  record.broker_id = id;
  record.incarnation_id = test_id(static_cast<uint8_t>(100 + id));
  record.broker_epoch = id * 10;
  record.rack = rack;
  record.fenced = fenced;
  record.log_dirs = {test_id(static_cast<uint8_t>(200 + id))};
  return record;
}

inline md::TopicRecord topic_record(std::string_view name, const Uuid& id) {
  md::TopicRecord record;
  record.name = name;
  record.topic_id = id;
  return record;
}

inline md::PartitionRecord partition(const Uuid& topic, int32_t index, std::vector<int32_t> replicas) {
  md::PartitionRecord record;
  record.topic_id = topic;
  record.partition_id = index;
  record.isr = replicas;
  record.leader = replicas.empty() ? -1 : replicas.front();
  record.leader_epoch = 0;
  record.partition_epoch = 0;
  record.directories.assign(replicas.size(), test_id(9));
  record.replicas = std::move(replicas);
  return record;
}

inline md::ConfigRecord config_record(ResourceType type, std::string_view resource, std::string_view name,
                                      std::optional<std::string_view> value) {
  md::ConfigRecord record;
  record.resource_type = static_cast<int8_t>(type);
  record.resource_name = resource;
  record.name = name;
  record.value = value;
  return record;
}

// A controller on memory that can be stopped and started again.
class TestController {
 public:
  TestController() {
    options_.fs = &fs;
    EXPECT_TRUE(fs.create_directories("/data"));
    EXPECT_TRUE(fs.sync_directory("/"));
  }

  Result<std::unique_ptr<Controller>> open() {
    options_.directory = "/data";
    options_.cluster_id = "test-cluster";
    if (options_.directory_id.is_zero()) options_.directory_id = test_id(7);
    options_.incarnation = Uuid::generate(random);
    options_.endpoints = {{"PLAINTEXT", "localhost", 9092, 0}};
    options_.controller_endpoints = {{"CONTROLLER", "localhost", 9093, 0}};
    options_.log_directories = {options_.directory_id};
    options_.values = std::make_shared<const config::Values>(values);
    options_.clock = &clock;
    options_.random = &random;
    return Controller::open(options_);
  }
  ControllerOptions& options() { return options_; }
  void set(std::string_view name, std::string value) { values.set(name, std::move(value), {}); }

  storage::MemoryFileSystem fs;
  config::Values values;
  ManualClock clock;
  Random random{42};

 private:
  ControllerOptions options_;
};

inline wire::CreateTopicsRequest create_request(std::string_view name, int32_t partitions = 1,
                                                int16_t factor = 1) {
  wire::CreateTopicsRequest request;
  wire::CreateTopicsRequest::CreatableTopic topic;
  topic.name = name;
  topic.num_partitions = partitions;
  topic.replication_factor = factor;
  request.topics.push_back(topic);
  return request;
}

}  // namespace tributary::control
