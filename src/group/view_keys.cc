#include "view_keys.h"

#include "tributary/base/bytes.h"

namespace tributary::group::view_keys {
namespace {

constexpr char kEscape = '\0';
constexpr char kEscaped = '\xff';
constexpr char kEnd = '\0';

template <typename T>
void append_number(std::string& key, T value) {
  uint8_t bytes[sizeof(T)];
  store_be(bytes, value);
  key.append(reinterpret_cast<const char*>(bytes), sizeof bytes);
}

void append_name(std::string& key, std::string_view name) {
  for (size_t zero; (zero = name.find(kEscape)) != std::string_view::npos; name.remove_prefix(zero + 1)) {
    key.append(name.substr(0, zero + 1)).push_back(kEscaped);
  }
  key.append(name).append({kEscape, kEnd});
}

void append(std::string& key, const TopicPartition& of) {
  append_name(key, of.topic);
  append_number(key, of.partition);
}

}  // namespace

std::string partition(int32_t partition) {
  std::string key;
  append_number(key, partition);
  return key;
}

std::string kind(int32_t partition, Kind kind) {
  std::string key = view_keys::partition(partition);
  key.push_back(static_cast<char>(kind));
  return key;
}

std::string group(int32_t partition, std::string_view group, Kind kind) {
  std::string key = view_keys::kind(partition, kind);
  append_name(key, group);
  return key;
}

std::string part(int32_t partition, std::string_view group, Part part) {
  std::string key = view_keys::group(partition, group);
  key.push_back(static_cast<char>(part));
  return key;
}

std::string offsets_of_topic(int32_t partition, std::string_view group, std::string_view topic) {
  std::string key = part(partition, group, Part::kOffset);
  append_name(key, topic);
  return key;
}

std::string transaction(int32_t partition, ProducerId producer) {
  std::string key = kind(partition, Kind::kTransactions);
  append_number(key, raw(producer));
  return key;
}

std::string behind(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<uint8_t>(prefix.back()) + 1);
  return prefix;
}

std::string offset(int32_t partition, std::string_view group, const TopicPartition& of) {
  std::string key = part(partition, group, Part::kOffset);
  append(key, of);
  return key;
}

std::string pending(int32_t partition, std::string_view group, const TopicPartition& of,
                    ProducerId producer) {
  std::string key = part(partition, group, Part::kPending);
  append(key, of);
  append_number(key, raw(producer));
  return key;
}

std::string in_transaction(int32_t partition, ProducerId producer, std::string_view group,
                           const TopicPartition& of) {
  std::string key = transaction(partition, producer);
  append_name(key, group);
  append(key, of);
  return key;
}

std::optional<std::string> Reader::name() {
  std::string name;
  while (true) {
    const size_t zero = rest_.find(kEscape);
    if (zero == std::string_view::npos || zero + 1 == rest_.size()) return std::nullopt;
    name.append(rest_.substr(0, zero));
    const char next = rest_[zero + 1];
    rest_.remove_prefix(zero + 2);
    if (next == kEnd) return name;
    name.push_back(kEscape);
  }
}

template <typename T>
std::optional<T> Reader::number() {
  if (rest_.size() < sizeof(T)) return std::nullopt;
  const T value = load_be<T>(as_bytes(rest_).data());
  rest_.remove_prefix(sizeof(T));
  return value;
}

std::optional<Part> Reader::part() {
  const auto value = number<uint8_t>();
  return value ? std::optional(Part{*value}) : std::nullopt;
}
std::optional<int32_t> Reader::int32() { return number<int32_t>(); }
std::optional<int64_t> Reader::int64() { return number<int64_t>(); }

std::optional<TopicPartition> Reader::topic_partition() {
  auto topic = name();
  const auto index = int32();
  if (!topic || !index) return std::nullopt;
  return TopicPartition{std::move(*topic), *index};
}

}  // namespace tributary::group::view_keys
