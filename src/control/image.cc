#include "tributary/control/image.h"

#include "topic_name.h"

namespace tributary::control {
namespace {

template <typename Map>
bool same_pointees(const Map& a, const Map& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& left, const auto& right) {
    return left.first == right.first && *left.second == *right.second;
  });
}

template <typename Map>
bool same_entries(const Map& a, const Map& b) {
  if (a.size() != b.size()) return false;
  auto right = b.begin();
  for (const auto& entry : a) {
    if (entry != *right) return false;
    ++right;
  }
  return true;
}

template <typename Map>
bool same_pointed_entries(const Map& a, const Map& b) {
  if (a.size() != b.size()) return false;
  auto right = b.begin();
  for (const auto& [key, value] : a) {
    if (key != right->first || !(*value == *right->second)) return false;
    ++right;
  }
  return true;
}

}  // namespace

TopicPtr Image::find_topic(std::string_view name) const {
  const TopicPtr* found = topics_by_name_.find(name);
  return found ? *found : nullptr;
}

TopicPtr Image::find_topic(const Uuid& id) const {
  const TopicPtr* found = topics_by_id_.find(id);
  return found ? *found : nullptr;
}

size_t Image::topic_count() const { return topics_by_name_.size(); }

void Image::for_each_topic(const std::function<void(const TopicPtr&)>& visit) const {
  for (const auto& [name, topic] : topics_by_name_) visit(topic);
}

TopicPtr Image::topic_at_or_after(std::string_view name) const {
  const auto found = topics_by_name_.lower_bound(name);
  return found == topics_by_name_.end() ? nullptr : found->second;
}

std::shared_ptr<const BrokerImage> Image::find_broker(NodeId id) const {
  const auto found = brokers_->find(id);
  return found == brokers_->end() ? nullptr : found->second;
}

BrokerLoad Image::load(NodeId id) const {
  const auto found = loads_.find(id);
  return found == loads_.end() ? BrokerLoad{} : found->second;
}

const ConfigMap* Image::find_config(ResourceType type, std::string_view name) const {
  const auto* found = configs_.find(ConfigResource{type, std::string(name)});
  return found ? found->get() : nullptr;
}

void Image::for_each_topic_change(const Image& before, const Image& after,
                                  const std::function<void(const TopicPtr&, const TopicPtr&)>& visit) {
  const TopicPtr none;
  decltype(topics_by_id_)::for_each_difference(
      before.topics_by_id_, after.topics_by_id_,
      [&](const auto* old, const auto* now) { visit(old ? old->second : none, now ? now->second : none); });
}

void Image::for_each_config_change(const Image& before, const Image& after,
                                   const std::function<void(const ConfigResource&)>& visit) {
  decltype(configs_)::for_each_difference(
      before.configs_, after.configs_,
      [&](const auto* old, const auto* now) { visit(now ? now->first : old->first); });
}

std::optional<std::string> Image::find_collision(std::string_view name) const {
  const std::string prefix = collision_prefix(name);
  for (auto at = collision_keys_.lower_bound(prefix); at != collision_keys_.end(); ++at) {
    if (!at->first.starts_with(prefix)) break;
    const std::string_view other = std::string_view(at->first).substr(prefix.size());
    if (other != name) return std::string(other);
  }
  return std::nullopt;
}

bool Image::same_state(const Image& other) const {
  return same_pointed_entries(topics_by_name_, other.topics_by_name_) &&
         same_pointed_entries(topics_by_id_, other.topics_by_id_) &&
         same_pointees(*brokers_, *other.brokers_) && same_pointed_entries(configs_, other.configs_) &&
         *features_ == *other.features_ && same_entries(kept_, other.kept_) &&
         same_entries(collision_keys_, other.collision_keys_) &&
         next_producer_id_ == other.next_producer_id_ && loads_ == other.loads_ &&
         partition_count_ == other.partition_count_;
}

}  // namespace tributary::control
