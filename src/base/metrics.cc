#include "tributary/base/metrics.h"

#include <algorithm>
#include <bit>

namespace tributary {
namespace {

size_t bucket_of(uint64_t value) {
  if (value < 4) return value;
  const int power = std::bit_width(value) - 1;  // >= 2
  const uint64_t quarter = (value >> (power - 2)) & 3;
  return std::min<size_t>((power - 1) * 4 + quarter, Histogram::kBuckets - 1);
}

uint64_t upper_bound_of(size_t bucket) {
  if (bucket < 4) return bucket;
  const size_t power = bucket / 4 + 1;
  const uint64_t quarter = bucket % 4;
  return ((4 + quarter + 1) << (power - 2)) - 1;
}

}  // namespace

void Histogram::record_unshared(uint64_t value) {
  buckets_[bucket_of(value)].add_unshared();
  count_.add_unshared();
  sum_.add_unshared(value);
}

double Histogram::quantile(double q) const {
  const uint64_t total = count();
  if (total == 0) return 0;
  const auto rank = static_cast<uint64_t>(q * static_cast<double>(total - 1)) + 1;
  uint64_t seen = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i].value();
    if (seen >= rank) return static_cast<double>(upper_bound_of(i));
  }
  return static_cast<double>(upper_bound_of(buckets_.size() - 1));
}

void Histogram::merge_into(Histogram& total) const {
  for (size_t i = 0; i < buckets_.size(); ++i) total.buckets_[i].add_unshared(buckets_[i].value());
  total.count_.add_unshared(count());
  total.sum_.add_unshared(sum());
}

}  // namespace tributary
