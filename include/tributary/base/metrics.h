// Numbers a room counts about itself. Each object is written by one thread (or by several, with the atomic
// add) and read by the scraping one; a read may be a moment old. Rooms keep them in a probe struct of their
// own and show them to a MetricSink; the admin room turns that into the Prometheus text format.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace tributary {

class Counter {
 public:
  void add(uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  // Cheaper: for an object that only one thread writes.
  void add_unshared(uint64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

class Gauge {
 public:
  void set(int64_t v) { value_.store(v, std::memory_order_relaxed); }
  void add(int64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
  int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> value_{0};
};

// Log-linear buckets: four a power of two, so a quantile is off by at most 1/8. Values in any unit the name
// says.
class Histogram {
 public:
  static constexpr int kBuckets = 4 * 40;

  void record_unshared(uint64_t value);
  uint64_t count() const { return count_.value(); }
  uint64_t sum() const { return sum_.value(); }
  // The upper bound of the bucket that holds the q-th value, 0 <= q <= 1; 0 if empty.
  double quantile(double q) const;
  void merge_into(Histogram& total) const;

 private:
  std::array<Counter, kBuckets> buckets_;
  Counter count_;
  Counter sum_;
};

// label name, label value
using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

class MetricSink {
 public:
  virtual ~MetricSink() = default;
  virtual void counter(std::string_view name, std::string_view help, Labels labels, double value) = 0;
  virtual void gauge(std::string_view name, std::string_view help, Labels labels, double value) = 0;
  // Quantiles as a gauge with a `quantile` label plus NAME_count, as Kafka's JMX exporter shows its
  // histograms.
  virtual void histogram(std::string_view name, std::string_view help, Labels labels, const Histogram& values,
                         double scale) = 0;
};

}  // namespace tributary
