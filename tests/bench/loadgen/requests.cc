#include "requests.h"

namespace tributary::bench {
namespace {

constexpr int16_t kProduce = 0, kFetch = 1, kMetadata = 3, kApiVersions = 18, kCreateTopics = 19,
                  kInitProducerId = 22;
constexpr std::string_view kClient = "loadgen";

Encoder begin(int16_t key, int16_t version) {
  Encoder out;
  out.i32(0).i16(key).i16(version).i32(0).string(kClient);
  return out;
}

Encoder begin_flexible(int16_t key, int16_t version) {
  Encoder out = begin(key, version);
  out.i8(0);
  return out;
}

Buffer finish(Encoder& out) {
  Buffer frame = out.take();
  store_be<int32_t>(frame.data(), int32_t(frame.size() - 4));
  return frame;
}

// Positions at which a topic other than the one before begins, and the end.
std::vector<size_t> topic_runs(const std::vector<TopicPartition>& targets) {
  std::vector<size_t> starts;
  for (size_t i = 0; i < targets.size(); ++i)
    if (i == 0 || targets[i].topic != targets[i - 1].topic) starts.push_back(i);
  starts.push_back(targets.size());
  return starts;
}

}  // namespace

void stamp(MutableBytes frame, int32_t correlation_id) {
  store_be<int32_t>(frame.data() + 8, correlation_id);
}

Buffer api_versions_request() {
  Encoder out = begin_flexible(kApiVersions, 3);
  out.compact_string(kClient).compact_string("1.0").i8(0);
  return finish(out);
}

Buffer metadata_request() {
  Encoder out = begin_flexible(kMetadata, 12);
  out.i8(0).i8(0).i8(0).i8(0);  // all topics, no auto-creation, no authorized operations
  return finish(out);
}

Buffer init_producer_id_request() {
  Encoder out = begin(kInitProducerId, 1);
  out.null_string().i32(60000);
  return finish(out);
}

std::vector<std::string> topic_names(std::string_view prefix, int32_t count) {
  std::vector<std::string> names;
  for (int32_t i = 0; i < count; ++i) {
    names.emplace_back(prefix);
    if (count > 1) names.back() += "-" + std::to_string(i);
  }
  return names;
}

Buffer create_topics_request(std::span<const std::string> topics, int32_t partitions) {
  Encoder out = begin(kCreateTopics, 4);
  out.i32(int32_t(topics.size()));
  for (const std::string& topic : topics) out.string(topic).i32(partitions).i16(1).i32(0).i32(0);
  out.i32(60000).i8(0);
  return finish(out);
}

ProduceFrame produce_request(const std::vector<TopicPartition>& targets, ByteView batch, int16_t acks) {
  ProduceFrame frame;
  frame.batch_size = batch.size();
  Encoder out = begin(kProduce, 8);
  out.null_string().i16(acks).i32(30000);
  std::vector<size_t> runs = topic_runs(targets);
  out.i32(int32_t(runs.size()) - 1);
  for (size_t run = 0; run + 1 < runs.size(); ++run) {
    out.string(targets[runs[run]].topic).i32(int32_t(runs[run + 1] - runs[run]));
    for (size_t i = runs[run]; i < runs[run + 1]; ++i) {
      out.i32(targets[i].partition).i32(int32_t(batch.size()));
      frame.batches.push_back(out.size());
      out.raw(batch);
    }
  }
  frame.bytes = finish(out);
  return frame;
}

Buffer fetch_request(const std::vector<FetchTarget>& targets, const FetchLimits& limits) {
  Encoder out = begin(kFetch, 11);
  out.i32(-1).i32(limits.max_wait_ms).i32(limits.min_bytes).i32(limits.max_bytes).i8(0).i32(0).i32(-1);
  out.i32(int32_t(targets.size()));
  for (const FetchTarget& target : targets) {
    out.string(target.partition.topic).i32(1).i32(target.partition.partition).i32(-1);
    out.i64(target.offset).i64(-1).i32(limits.partition_max_bytes);
  }
  out.i32(0).string("");
  return finish(out);
}

ProduceAnswer read_produce_answer(ByteView body) {
  Decoder in(body);
  ProduceAnswer answer;
  for (int32_t topics = in.i32(); topics > 0; --topics) {
    in.string();
    for (int32_t partitions = in.i32(); partitions > 0; --partitions) {
      in.i32();
      int16_t error = in.i16();
      if (answer.error == 0) answer.error = error;
      answer.base_offset = in.i64();
      in.i64(), in.i64();
      for (int32_t errors = in.i32(); errors > 0; --errors) in.i32(), in.string();
      in.string();
    }
  }
  return answer;
}

std::optional<Producer> read_producer(ByteView body) {
  Decoder in(body);
  in.i32();
  if (in.i16() != 0) return std::nullopt;
  Producer producer;
  producer.id = in.i64();
  producer.epoch = in.i16();
  return producer;
}

int16_t read_create_topics_error(ByteView body) {
  constexpr int16_t kTopicAlreadyExists = 36;
  Decoder in(body);
  in.i32();
  int16_t first = 0;
  for (int32_t topics = in.i32(); topics > 0; --topics) {
    in.string();
    int16_t error = in.i16();
    in.string();
    if (first == 0 && error != kTopicAlreadyExists) first = error;
  }
  return first;
}

}  // namespace tributary::bench
