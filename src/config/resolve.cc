#include "tributary/config/resolve.h"

#include <fmt/format.h>

#include "listeners.h"
#include "units.h"

namespace tributary::config {
namespace {

class Checks {
 public:
  explicit Checks(const Values& values) : values_(values) {}

  std::vector<Complaint> run() {
    check_listeners();
    check_identity();
    check_times();
    check_sizes();
    check_cordoned();
    check_admin();
    return std::move(found_);
  }

 private:
  void require(bool good, std::string_view setting, std::string text) {
    if (!good) found_.push_back({setting, std::move(text)});
  }

  void check_listeners() {
    const auto listeners = resolve_listeners(values_);
    if (!listeners) require(false, "listeners", listeners.error().message);
  }

  void check_identity() {
    const bool both = values_.is_set("node.id") && values_.is_set("broker.id");
    require(!both || values_.get_int("node.id") == values_.get_int("broker.id"), "node.id",
            "node.id and broker.id must be the same number");
  }

  int64_t topic_number(std::string_view name) const {
    return *parse_integer(*topic_default(values_, *find_topic_setting(name)));
  }

  void check_times() {
    const int64_t retention = topic_number("retention.ms");
    require(retention >= 1 || retention == -1, deciding("retention.ms"),
            "the retention time must be -1 (no limit) or at least 1 ms");
    require(topic_number("segment.ms") >= 1, deciding("segment.ms"), "the roll time must be at least 1 ms");
    require(topic_number("segment.jitter.ms") >= 0, deciding("segment.jitter.ms"),
            "the roll jitter must not be negative");
    require(values_.get_long("replica.fetch.wait.max.ms") <= values_.get_long("replica.socket.timeout.ms"),
            "replica.fetch.wait.max.ms",
            "replica.fetch.wait.max.ms must not exceed replica.socket.timeout.ms");
    require(values_.get_long("replica.fetch.wait.max.ms") <= values_.get_long("replica.lag.time.max.ms"),
            "replica.fetch.wait.max.ms", "replica.fetch.wait.max.ms must not exceed replica.lag.time.max.ms");
    require(
        values_.get_long("broker.heartbeat.interval.ms") * 2 <= values_.get_long("broker.session.timeout.ms"),
        "broker.heartbeat.interval.ms",
        "broker.heartbeat.interval.ms must be at most half of broker.session.timeout.ms");
  }

  std::string_view deciding(std::string_view topic_name) const {
    const auto synonym = deciding_synonym(values_, *find_topic_setting(topic_name));
    return synonym ? synonym->broker_name : topic_name;
  }

  void check_sizes() {
    constexpr int64_t kLeastPerCleaner = 1 << 20;
    const int64_t cleaners = std::max<int64_t>(values_.get_long("log.cleaner.threads"), 1);
    require(values_.get_long("log.cleaner.dedupe.buffer.size") / cleaners > kLeastPerCleaner,
            "log.cleaner.dedupe.buffer.size",
            "log.cleaner.dedupe.buffer.size must be more than 1 MiB per cleaner thread");
    const int64_t queued = values_.get_long("queued.max.request.bytes");
    require(queued <= 0 || queued >= values_.get_long("socket.request.max.bytes"), "queued.max.request.bytes",
            "queued.max.request.bytes must be at least socket.request.max.bytes");
  }

  void check_cordoned() {
    const auto cordoned = values_.get_list("cordoned.log.dirs");
    const auto dirs = log_dirs(values_);
    if (cordoned == std::vector<std::string>{"*"}) return;
    for (const std::string& dir : cordoned)
      require(std::ranges::find(dirs, dir) != dirs.end(), "cordoned.log.dirs",
              fmt::format("{} of cordoned.log.dirs is no log directory", dir));
  }

  void check_admin() {
    const std::string address = values_.get_string("admin.listen");
    if (address.empty()) return;
    const auto parsed = parse_listener("admin.listen", "ADMIN://" + address);
    require(parsed.has_value(), "admin.listen",
            fmt::format("admin.listen: expected host:port, got \"{}\"", address));
  }

  const Values& values_;
  std::vector<Complaint> found_;
};

}  // namespace

std::vector<std::string> log_dirs(const Values& values) {
  auto dirs = values.get_list("log.dirs");
  return dirs.empty() ? values.get_list("log.dir") : dirs;
}

std::vector<std::string> cordoned_log_dirs(const Values& values) {
  auto dirs = values.get_list("cordoned.log.dirs");
  return dirs == std::vector<std::string>{"*"} ? log_dirs(values) : dirs;
}

int32_t node_id(const Values& values) {
  return values.is_set("node.id") ? values.get_int("node.id") : values.get_int("broker.id");
}

std::optional<Synonym> deciding_synonym(const Values& values, const TopicSetting& setting) {
  for (const Synonym& synonym : setting.synonyms)
    if (values.is_set(synonym.broker_name)) return synonym;
  return std::nullopt;
}

std::optional<std::string> topic_default(const Values& values, const TopicSetting& setting) {
  const auto synonym = deciding_synonym(values, setting);
  if (!synonym)
    return setting.default_value ? std::optional(std::string(*setting.default_value)) : std::nullopt;
  if (synonym->factor == 1) return values.get_string(synonym->broker_name);
  const int64_t number = values.get_long(synonym->broker_name);
  // -1 hours is no limit, as -1 ms is.
  return std::to_string(number < 0 ? -1 : number * synonym->factor);
}

std::vector<Complaint> cross_check(const Values& values) { return Checks(values).run(); }

}  // namespace tributary::config
