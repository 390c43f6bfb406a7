#include <fmt/format.h>
#include <unistd.h>

#include <istream>
#include <set>

#include "input.h"
#include "producer.h"
#include "record_reader.h"
#include "record_verbs.h"
#include "text.h"
#include "time_text.h"
#include "topics.h"

namespace tributary::cli {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

Result<Settings> settings_of(const ProduceOptions& options, int32_t timeout_ms) {
  int64_t delivery_ms = timeout_ms;
  if (!options.delivery_timeout.empty()) {
    TRIBUTARY_ASSIGN(const auto timeout, parse_duration(options.delivery_timeout));
    delivery_ms = std::max<int64_t>(1, timeout.count());
  }
  const bool all = options.acks == "all" || options.acks == "-1";
  return Settings{{"acks", options.acks},
                  {"enable.idempotence", all ? "true" : "false"},
                  {"compression.codec", options.compression},
                  {"partitioner", "murmur2_random"},  // that of Kafka's own clients
                  {"message.timeout.ms", std::to_string(delivery_ms)},
                  {"message.max.bytes", std::to_string(options.max_message_bytes)}};
}

// NAME=VALUE, or rpk's NAME:VALUE.
Result<Headers> parse_headers(const std::vector<std::string>& texts) {
  Headers headers;
  for (const std::string& text : texts) {
    const size_t at = text.find_first_of(":=");
    if (at == std::string::npos || at == 0) {
      return fail(Errc::kInvalidArgument, fmt::format("header '{}': expected name=value", text));
    }
    headers.emplace_back(text.substr(0, at), text.substr(at + 1));
  }
  return headers;
}

// Prints what became of each record.
class Reporter {
 public:
  Reporter(Output& out, Format format) : out_(out), format_(std::move(format)) {}

  void operator()(const RecordView& record, const std::optional<std::string>& failure) {
    if (failure) return report_failure(record, *failure);
    if (out_.json()) {
      const Json json = {{"topic", record.topic},
                         {"partition", record.partition},
                         {"offset", record.offset < 0 ? Json(nullptr) : Json(record.offset)},
                         {"timestamp", record.timestamp}};
      out_.print(json.dump() + "\n");
    } else if (!format_.empty()) {
      std::string line;
      print_record(format_, record, line);
      out_.print(line);
    }
  }
  uint64_t failures() const { return failures_; }

 private:
  void report_failure(const RecordView& record, const std::string& failure) {
    constexpr uint64_t kShown = 10;
    if (++failures_ <= kShown)
      out_.failure(fmt::format("record {} to {}", record.number, record.topic), failure);
  }

  Output& out_;
  Format format_;
  uint64_t failures_ = 0;
};

// librdkafka's producer would make topics by asking for them.
class KnownTopics {
 public:
  explicit KnownTopics(Session& session, bool auto_create) : session_(session), auto_create_(auto_create) {}

  // False if there is no such topic, which is reported.
  Result<bool> contains(const std::string& name) {
    if (auto_create_ || known_.contains(name)) return true;
    TRIBUTARY_ASSIGN(const Metadata found, find_topics(session_, {name}, false));
    if (found.topics.empty()) return false;
    known_.insert(name);
    return true;
  }

 private:
  Session& session_;
  bool auto_create_;
  std::set<std::string> known_;
};

OutgoingRecord to_record(const ProduceOptions& options, InputRecord input) {
  OutgoingRecord record;
  record.topic = input.topic ? std::move(*input.topic) : options.topic;
  record.partition = input.partition.value_or(options.partition);
  record.timestamp = input.timestamp;
  record.key = input.key ? std::move(input.key) : options.key;
  record.value = input.value ? std::move(input.value) : std::optional<std::string>("");
  if (options.tombstone && record.value->empty()) record.value.reset();
  return record;
}

// Until the input ends, a record is wrong, or a topic is.
Status send_all(const ProduceOptions& options, RecordReader& reader, KnownTopics& topics,
                Producer& producer) {
  for (;;) {
    TRIBUTARY_ASSIGN(auto input, reader.next());
    if (!input) return {};
    const OutgoingRecord record = to_record(options, std::move(*input));
    TRIBUTARY_ASSIGN(const bool known, topics.contains(record.topic));
    if (!known) return {};
    producer.send(record);
  }
}

}  // namespace

Status produce(Session& session, const ProduceOptions& options) {
  TRIBUTARY_ASSIGN(Format format, parse_format(options.format, kProduceFields));
  TRIBUTARY_ASSIGN(Format report, parse_format(options.report, kReportFields));
  TRIBUTARY_ASSIGN(Headers headers, parse_headers(options.headers));
  TRIBUTARY_ASSIGN(const Settings settings, settings_of(options, session.cluster().timeout_ms()));
  TRIBUTARY_TRY(session.cluster().controller());  // says better than librdkafka why no broker can be reached
  KnownTopics topics(session, options.auto_create);
  if (!options.topic.empty()) {
    TRIBUTARY_ASSIGN(const bool known, topics.contains(options.topic));
    if (!known) return {};
  } else if (std::ranges::none_of(format, [](const FormatToken& token) { return token.field == 't'; })) {
    return fail(Errc::kInvalidArgument, "which topic? Name it, or have %t in the format");
  }
  TRIBUTARY_ASSIGN(Wakeup * wakeup, Wakeup::install());

  Reporter reporter(session.out, std::move(report));
  TRIBUTARY_ASSIGN(const auto producer, Producer::create(session.cluster(), session.options.verbose, settings,
                                                         std::move(headers), *wakeup, std::ref(reporter)));
  Input input(STDIN_FILENO, *wakeup, [&] {
    producer->poll();
    session.out.flush();
  });
  std::istream in(&input);
  TRIBUTARY_ASSIGN(RecordReader reader,
                   RecordReader::open(std::move(format), in, static_cast<size_t>(options.max_message_bytes)));
  const Status sent = send_all(options, reader, topics, *producer);
  producer->flush();
  if (reporter.failures() > 0 || session.options.verbose) {
    session.out.note(
        fmt::format("{} of {} records written", producer->sent() - reporter.failures(), producer->sent()));
  }
  return sent;
}

}  // namespace tributary::cli
