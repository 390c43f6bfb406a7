#include <charconv>

#include "config_view.h"
#include "tributary/control/controller.h"

namespace tributary::control {
namespace {

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// A value that is no number (nothing checks what another controller wrote) leaves what was there.
template <typename Number>
void read_number(std::string_view text, Number& to) {
  const std::string_view digits = trimmed(text);
  Number parsed{};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), parsed);
  if (error == std::errc() && end == digits.data() + digits.size()) to = parsed;
}

// Reads the settings of one topic.
class TopicReader {
 public:
  TopicReader(const ConfigView& view, const ConfigMap* topic) : view_(view), topic_(topic) {}

  std::string text(std::string_view name) const { return view_.topic_value(name, topic_).value_or(""); }
  bool flag(std::string_view name) const { return trimmed(text(name)) == "true"; }

  template <typename Number>
  void number(std::string_view name, Number& to) const {
    read_number(text(name), to);
  }

  bool lists(std::string_view name, std::string_view element) const {
    const std::string value = text(name);
    for (std::string_view rest = value; !rest.empty();) {
      const size_t comma = std::min(rest.find(','), rest.size());
      if (trimmed(rest.substr(0, comma)) == element) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return false;
  }

 private:
  const ConfigView& view_;
  const ConfigMap* topic_;
};

constexpr int kGzipOwnChoice = -1;

struct CodecChoice {
  std::optional<wire::Codec> codec;
  std::string_view level_setting;
};

CodecChoice codec_named(std::string_view name) {
  if (name == "uncompressed") return {wire::Codec::kNone, ""};
  if (name == "gzip") return {wire::Codec::kGzip, "compression.gzip.level"};
  if (name == "snappy") return {wire::Codec::kSnappy, ""};
  if (name == "lz4") return {wire::Codec::kLz4, "compression.lz4.level"};
  if (name == "zstd") return {wire::Codec::kZstd, "compression.zstd.level"};
  return {std::nullopt, ""};
}

void read_segments(const TopicReader& topic, storage::LogConfig& config) {
  topic.number("segment.bytes", config.segment_bytes);
  topic.number("internal.segment.bytes", config.segment_bytes);
  topic.number("segment.ms", config.segment_ms);
  topic.number("segment.jitter.ms", config.segment_jitter_ms);
  topic.number("segment.index.bytes", config.segment_index_bytes);
  topic.number("index.interval.bytes", config.index_interval_bytes);
  topic.number("file.delete.delay.ms", config.file_delete_delay_ms);
  config.preallocate = topic.flag("preallocate");
}

void read_retention(const TopicReader& topic, storage::LogConfig& config) {
  topic.number("retention.ms", config.retention_ms);
  topic.number("retention.bytes", config.retention_bytes);
  config.delete_policy = topic.lists("cleanup.policy", "delete");
  config.compact_policy = topic.lists("cleanup.policy", "compact");
  topic.number("min.cleanable.dirty.ratio", config.min_cleanable_dirty_ratio);
  topic.number("delete.retention.ms", config.delete_retention_ms);
  topic.number("min.compaction.lag.ms", config.min_compaction_lag_ms);
  topic.number("max.compaction.lag.ms", config.max_compaction_lag_ms);
}

void read_compression(const TopicReader& topic, storage::LogConfig& config) {
  const CodecChoice choice = codec_named(topic.text("compression.type"));
  config.codec = choice.codec;
  if (!choice.level_setting.empty()) topic.number(choice.level_setting, config.compression_level);
  // Of zstd, -1 is a level like others.
  if (choice.codec == wire::Codec::kGzip && config.compression_level == kGzipOwnChoice)
    config.compression_level = wire::kDefaultLevel;
}

void read_produce_rules(const TopicReader& topic, storage::LogConfig& config) {
  topic.number("max.message.bytes", config.max_message_bytes);
  config.timestamp_type = topic.text("message.timestamp.type") == "LogAppendTime"
                              ? wire::TimestampType::kLogAppendTime
                              : wire::TimestampType::kCreateTime;
  topic.number("message.timestamp.before.max.ms", config.timestamp_before_max_ms);
  topic.number("message.timestamp.after.max.ms", config.timestamp_after_max_ms);
  topic.number("flush.messages", config.flush_messages);
  topic.number("flush.ms", config.flush_ms);
  topic.number("min.insync.replicas", config.min_insync_replicas);
  read_compression(topic, config);
}

}  // namespace

int64_t broker_number(const Image& image, const config::Values& values, NodeId node, std::string_view name) {
  const auto text = ConfigView(image, values, node).broker_setting(name).value;
  int64_t number = values.get_long(name);
  if (text) std::from_chars(text->data(), text->data() + text->size(), number);
  return number;
}

storage::LogConfig resolve_log_config(const Image& image, const config::Values& values, NodeId node,
                                      std::string_view topic) {
  const ConfigView view(image, values, node);
  const TopicReader reader(view, image.find_config(ResourceType::kTopic, topic));
  storage::LogConfig config;
  read_segments(reader, config);
  read_retention(reader, config);
  read_produce_rules(reader, config);
  config.producer_id_expiration_ms = broker_number(image, values, node, "producer.id.expiration.ms");
  config.max_producers = static_cast<size_t>(values.get_long("max.producers.per.partition"));
  config.inflated_limit = static_cast<size_t>(values.get_long("max.decompressed.batch.bytes"));
  return config;
}

CleanerConfig resolve_cleaner_config(const Image& image, const config::Values& values, NodeId node) {
  const ConfigView view(image, values, node);
  const auto text = [&](std::string_view name) { return view.broker_setting(name).value.value_or(""); };
  CleanerConfig config;
  config.enabled = values.get_bool("log.cleaner.enable");
  read_number(text("log.cleaner.threads"), config.threads);
  read_number(text("log.cleaner.dedupe.buffer.size"), config.dedupe_buffer_bytes);
  read_number(text("log.cleaner.io.buffer.size"), config.io_buffer_bytes);
  read_number(text("log.cleaner.io.buffer.load.factor"), config.load_factor);
  read_number(text("log.cleaner.io.max.bytes.per.second"), config.io_bytes_per_second);
  read_number(text("log.cleaner.backoff.ms"), config.backoff_ms);
  return config;
}

}  // namespace tributary::control
