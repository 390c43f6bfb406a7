#include <fmt/format.h>
#include <unistd.h>

#include <map>

#include "consumer.h"
#include "format.h"
#include "reading_plan.h"
#include "record_verbs.h"
#include "spans.h"

namespace tributary::cli {
namespace {

RecordView to_view(const rd_kafka_message_t& message) {
  RecordView record;
  record.topic = rd_kafka_topic_name(message.rkt);
  record.partition = message.partition;
  record.offset = message.offset;
  rd_kafka_timestamp_type_t type{};
  record.timestamp = rd_kafka_message_timestamp(&message, &type);
  if (message.key != nullptr)
    record.key = std::string_view(static_cast<const char*>(message.key), message.key_len);
  if (message.payload != nullptr) {
    record.value = std::string_view(static_cast<const char*>(message.payload), message.len);
  }
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return record;
  const char* name = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    auto& header = record.headers.emplace_back(name, std::nullopt);
    if (value != nullptr) header.second = std::string_view(static_cast<const char*>(value), size);
  }
  return record;
}

// Prints records until there are enough, the plan is done, or a signal comes.
class Printing {
 public:
  Printing(Session& session, Consumer& consumer, Wakeup& wakeup, ReadingPlan* plan, Format format, bool json,
           int64_t count)
      : out_(session.out),
        consumer_(consumer),
        wakeup_(wakeup),
        plan_(plan),
        format_(std::move(format)),
        json_(json),
        count_(count) {}

  void run() {
    while (!finished()) {
      if (const KafkaMessage message = consumer_.poll()) {
        take(*message);
      } else {
        out_.flush();
        // A member of a group has to show up now and then.
        constexpr std::chrono::minutes kLong{1};
        reader_gone_ = wakeup_.wait(STDOUT_FILENO, Wakeup::Watch::kReaderGone, kLong);
      }
    }
    out_.flush();
  }

 private:
  bool finished() const {
    return wakeup_.stopping() || reader_gone_ || !out_.writable() || failed_ ||
           (count_ >= 0 && static_cast<int64_t>(printed_) >= count_) ||
           (plan_ != nullptr && plan_->finished());
  }

  void take(const rd_kafka_message_t& message) {
    if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      if (plan_ != nullptr) plan_->reached(id_of(message), message.offset);
    } else if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      const bool known = message.rkt != nullptr;
      out_.failure(known ? fmt::format("{} partition {}", rd_kafka_topic_name(message.rkt), message.partition)
                         : "consume",
                   describe(message.err));
      failed_ = true;
    } else {
      if (plan_ == nullptr || plan_->wants(id_of(message), message.offset)) print(message);
      if (plan_ != nullptr) plan_->reached(id_of(message), message.offset + 1);
      consumer_.done_with(message);
    }
  }

  void print(const rd_kafka_message_t& message) {
    RecordView record = to_view(message);
    record.number = ++printed_;
    line_.clear();
    if (json_) {
      print_json_record(record, line_);
    } else {
      print_record(format_, record, line_);
    }
    out_.print(line_);
  }

  static PartitionId id_of(const rd_kafka_message_t& message) {
    return {rd_kafka_topic_name(message.rkt), message.partition};
  }

  Output& out_;
  Consumer& consumer_;
  Wakeup& wakeup_;
  ReadingPlan* plan_;
  Format format_;
  bool json_;
  int64_t count_;
  uint64_t printed_ = 0;
  bool failed_ = false;
  bool reader_gone_ = false;
  std::string line_;
};

std::vector<std::pair<std::string, std::string>> settings_of(const ConsumeOptions& options, bool from_end) {
  std::vector<std::pair<std::string, std::string>> settings = {
      {"enable.partition.eof", "true"},
      {"isolation.level", options.read_committed ? "read_committed" : "read_uncommitted"},
      {"auto.offset.reset", from_end ? "latest" : "earliest"},
      {"check.crcs", "true"}};
  if (!options.rack.empty()) settings.emplace_back("client.rack", options.rack);
  if (!options.group.empty()) {
    settings.emplace_back("group.id", options.group);
    settings.emplace_back("enable.auto.offset.store", "false");
  }
  return settings;
}

struct Reading {
  ReadingPlan plan;
  Positions from;
};

Result<Reading> plan_reading(Session& session, const Metadata& topics, const OffsetRange& range,
                             Isolation isolation) {
  TRIBUTARY_ASSIGN(const Spans begin, list_spans(session.cluster(), topics, range.from, isolation));
  Spans end = begin;
  if (range.until && range.until->kind == OffsetBound::Kind::kTimestamp) {
    TRIBUTARY_ASSIGN(end, list_spans(session.cluster(), topics, *range.until, isolation));
  }
  Reading reading;
  for (const auto& [id, entry] : begin) {
    if (entry.error != wire::ErrorCode::kNone) {
      session.out.failure(fmt::format("{} partition {}", id.first, id.second), entry.error);
      continue;
    }
    // An offset that is still to come is waited for.
    const bool exact = range.from.kind == OffsetBound::Kind::kExact;
    const Offset from = resolve(range.from, entry.span);
    const Offset first = exact ? std::max(from, range.from.value) : from;
    std::optional<Offset> until;
    if (range.until) {
      const bool later = range.until->kind == OffsetBound::Kind::kExact;
      until = later ? range.until->value : resolve(*range.until, end.at(id).span);
    }
    if (until && *until <= first) continue;
    reading.plan.add(id, first, until);
    reading.from[id] = from;
  }
  return reading;
}

Status read_partitions(Session& session, const ConsumeOptions& options, const OffsetRange& range,
                       Metadata topics, KafkaConfig config, Format format) {
  TRIBUTARY_ASSIGN(const auto chosen, parse_partitions(options.partitions));
  keep_partitions(session, topics, chosen);
  const Isolation isolation =
      options.read_committed ? Isolation::kReadCommitted : Isolation::kReadUncommitted;
  TRIBUTARY_ASSIGN(Reading reading, plan_reading(session, topics, range, isolation));
  TRIBUTARY_ASSIGN(Wakeup * wakeup, Wakeup::install());
  TRIBUTARY_ASSIGN(const auto consumer, open_partitions(std::move(config), *wakeup, reading.from));
  const bool json = session.out.json() || options.format == "json";
  Printing(session, *consumer, *wakeup, &reading.plan, std::move(format), json, options.count).run();
  consumer->close();
  return {};
}

Status read_as_member(Session& session, const ConsumeOptions& options, const Metadata& topics,
                      KafkaConfig config, Format format) {
  std::vector<std::string> names;
  names.reserve(topics.topics.size());
  for (const TopicInfo& topic : topics.topics) names.push_back(topic.name);
  TRIBUTARY_ASSIGN(Wakeup * wakeup, Wakeup::install());
  TRIBUTARY_ASSIGN(const auto consumer, open_group(std::move(config), *wakeup, names));
  const bool json = session.out.json() || options.format == "json";
  Printing(session, *consumer, *wakeup, nullptr, std::move(format), json, options.count).run();
  consumer->close();
  return {};
}

}  // namespace

Status consume(Session& session, const ConsumeOptions& options) {
  TRIBUTARY_ASSIGN(const OffsetRange range, parse_offset_range(options.offset, session.now()));
  TRIBUTARY_ASSIGN(Format format, parse_format(options.format, kConsumeFields));
  const bool from_end = range.from.kind == OffsetBound::Kind::kEnd;
  if (!options.group.empty()) {
    if (range.until || (!from_end && range.from.kind != OffsetBound::Kind::kStart)) {
      return fail(Errc::kInvalidArgument,
                  "with --group, --offset is start or end, for partitions without a commit");
    }
    if (!options.partitions.empty())
      return fail(Errc::kInvalidArgument, "--partitions and --group exclude each other");
  }
  TRIBUTARY_ASSIGN(Metadata topics, find_topics(session, options.topics, options.regex));
  if (topics.topics.empty()) return {};
  TRIBUTARY_ASSIGN(KafkaConfig config,
                   make_config(session.cluster(), session.options.verbose, settings_of(options, from_end)));
  if (!options.group.empty())
    return read_as_member(session, options, topics, std::move(config), std::move(format));
  return read_partitions(session, options, range, std::move(topics), std::move(config), std::move(format));
}

}  // namespace tributary::cli
