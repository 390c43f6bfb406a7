#include <fmt/format.h>

#include "number_text.h"
#include "segment_name.h"
#include "tributary/storage/log_directory.h"

namespace tributary::storage {

std::optional<TopicPartition> parse_partition_directory(std::string_view name) {
  const size_t dash = name.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return std::nullopt;
  const std::string_view digits = name.substr(dash + 1);
  const auto partition = parse_number<int32_t>(digits);
  if (!partition || *partition < 0 || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
  return TopicPartition{std::string(name.substr(0, dash)), *partition};
}

std::string renamed_directory(const TopicPartition& name, const Uuid& unique, std::string_view what) {
  static constexpr size_t kLongestName = 255;
  const std::string suffix = fmt::format("-{}.{}{}", name.partition, unique.to_string(), what);
  return name.topic.substr(0, kLongestName - suffix.size()) + suffix;
}

std::string LogDirectory::partition_path(const TopicPartition& name) const {
  return join_path(path_, fmt::format("{}-{}", name.topic, name.partition));
}

}  // namespace tributary::storage
