#include "tributary/admin/prometheus.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace tributary::admin {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

class FamilySink final : public MetricSink {
 public:
  void counter(std::string_view name, std::string_view help, Labels labels, double value) override {
    add(name, help, MetricType::Counter, labels).counter.value = value;
  }
  void gauge(std::string_view name, std::string_view help, Labels labels, double value) override {
    add(name, help, MetricType::Gauge, labels).gauge.value = value;
  }
  void histogram(std::string_view name, std::string_view help, Labels labels, const Histogram& values,
                 double scale) override {
    static constexpr std::pair<double, std::string_view> kQuantiles[] = {
        {0.5, "0.50"}, {0.95, "0.95"}, {0.99, "0.99"}, {0.999, "0.999"}};
    for (const auto& [q, text] : kQuantiles) {
      ClientMetric& sample = add(name, help, MetricType::Gauge, labels);
      sample.label.push_back({"quantile", std::string(text)});
      sample.gauge.value = values.quantile(q) * scale;
    }
    counter(std::string(name) + "_count", help, labels, static_cast<double>(values.count()));
  }

  std::vector<MetricFamily> families() && {
    std::vector<MetricFamily> all;
    all.reserve(by_name_.size());
    for (auto& [name, family] : by_name_) all.push_back(std::move(family));
    return all;
  }

 private:
  ClientMetric& add(std::string_view name, std::string_view help, MetricType type, Labels labels) {
    auto found = by_name_.find(name);
    if (found == by_name_.end()) {
      found = by_name_.emplace(std::string(name), MetricFamily{}).first;
      found->second.name = name;
      found->second.help = help;
      found->second.type = type;
    }
    ClientMetric& sample = found->second.metric.emplace_back();
    for (const auto& [key, value] : labels) sample.label.push_back({std::string(key), std::string(value)});
    return sample;
  }

  std::map<std::string, MetricFamily, std::less<>> by_name_;
};

double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  double total = 0, resident = 0;
  statm >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double open_descriptors() {
  std::error_code error;
  double count = 0;
  for (auto it = std::filesystem::directory_iterator("/proc/self/fd", error); !error && it != end(it);
       it.increment(error)) {
    ++count;
  }
  return count;
}

double start_time_seconds() {
  std::error_code error;
  const auto made = std::filesystem::last_write_time("/proc/self", error);
  const auto wall = std::chrono::file_clock::to_sys(made);
  return std::chrono::duration<double>(wall.time_since_epoch()).count();
}

}  // namespace

std::string render_metrics(const std::function<void(MetricSink&)>& collect) {
  FamilySink sink;
  collect(sink);
  return prometheus::TextSerializer().Serialize(std::move(sink).families());
}

void collect_process(MetricSink& sink) {
  static const double started = start_time_seconds();
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  sink.counter("process_cpu_seconds_total", "User and system CPU time spent.", {},
               seconds(usage.ru_utime) + seconds(usage.ru_stime));
  sink.gauge("process_resident_memory_bytes", "Resident memory.", {}, resident_bytes());
  sink.gauge("process_open_fds", "Open file descriptors.", {}, open_descriptors());
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  sink.gauge("process_max_fds", "Most file descriptors the process may have.", {},
             static_cast<double>(limit.rlim_cur));
  sink.gauge("process_start_time_seconds", "Start of the process, seconds since the Unix epoch.", {},
             started);
}

}  // namespace tributary::admin
