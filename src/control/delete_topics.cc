#include "delete_topics.h"

#include <map>
#include <set>

#include "tributary/wire/records/metadata.h"

namespace tributary::control {
namespace {

using Request = wire::DeleteTopicsRequest;
using Response = wire::DeleteTopicsResponse;
using wire::ErrorCode;

// The first version that knows TOPIC_DELETION_DISABLED.
constexpr int16_t kFirstWithDisabledError = 3;

class TopicDeleter {
 public:
  TopicDeleter(const OperationContext& context, const Request& request)
      : context_(context), request_(request) {}

  Planned<Response> run() {
    for (const std::string_view name : request_.topic_names) ++names_[name];
    for (const auto& topic : request_.topics) add_state(topic);
    for (const auto& [id, times] : ids_) resolve_id(id, times);
    for (const auto& [name, times] : names_) resolve_name(name, times);
    for (const auto& [id, topic] : doomed_) remove(*topic);
    if (planned_.records.size() > kMaxRecordsPerOperation) {
      return refuse_all(
          {ErrorCode::kPolicyViolation, "Unable to perform excessively large batch operation."});
    }
    return std::move(planned_);
  }

  Planned<Response> refuse_all(const ApiFault& fault) {
    planned_ = {};
    for (const std::string_view name : request_.topic_names) answer(name, {}, fault);
    for (const auto& topic : request_.topics) answer(topic.name, topic.topic_id, fault);
    return std::move(planned_);
  }

 private:
  void answer(std::optional<std::string_view> name, const Uuid& id, std::optional<ApiFault> fault) {
    Response::DeletableTopicResult result;
    result.name = name;
    result.topic_id = id;
    set_success(result);
    if (fault) set_fault(result, std::move(*fault), context_.arena);
    planned_.response.responses.push_back(std::move(result));
  }

  void add_state(const Request::DeleteTopicState& topic) {
    constexpr auto kInvalid = ErrorCode::kInvalidRequest;
    if (topic.name && !topic.topic_id.is_zero()) {
      answer(topic.name, topic.topic_id,
             ApiFault{kInvalid, "You may not specify both topic name and topic id."});
    } else if (topic.name) {
      ++names_[*topic.name];
    } else if (!topic.topic_id.is_zero()) {
      ++ids_[topic.topic_id];
    } else {
      answer(std::nullopt, {}, ApiFault{kInvalid, "Neither topic name nor id were specified."});
    }
  }

  void resolve_id(const Uuid& id, int times) {
    if (times > 1)
      return answer(std::nullopt, id, ApiFault{ErrorCode::kInvalidRequest, "Duplicate topic id."});
    if (auto topic = context_.image.find_topic(id)) {
      doomed_.emplace(id, std::move(topic));
    } else {
      answer(std::nullopt, id,
             ApiFault{ErrorCode::kUnknownTopicId, "This server does not host this topic ID."});
    }
  }

  void resolve_name(std::string_view name, int times) {
    if (times > 1) return answer(name, {}, ApiFault{ErrorCode::kInvalidRequest, "Duplicate topic name."});
    auto topic = context_.image.find_topic(name);
    if (!topic) {
      return answer(
          name, {},
          ApiFault{ErrorCode::kUnknownTopicOrPartition, "This server does not host this topic-partition."});
    }
    const Uuid id = topic->id;
    if (!ids_.contains(id)) {
      doomed_.emplace(id, std::move(topic));
      return;
    }
    doomed_.erase(id);
    answer(name, id,
           ApiFault{ErrorCode::kInvalidRequest,
                    "The provided topic name maps to an ID that was already supplied."});
  }

  void remove(const TopicImage& topic) {
    wire::metadata::RemoveTopicRecord record;
    record.topic_id = topic.id;
    planned_.records.add(record);
    answer(context_.arena.keep(topic.name), topic.id, std::nullopt);
  }

  const OperationContext& context_;
  const Request& request_;
  std::map<std::string_view, int> names_;  // how often each was given
  std::map<Uuid, int> ids_;
  std::map<Uuid, TopicPtr> doomed_;
  Planned<Response> planned_;
};

}  // namespace

Planned<Response> plan_delete_topics(const OperationContext& context, const Request& request,
                                     int16_t version) {
  TopicDeleter deleter(context, request);
  if (context.values.get_bool("delete.topic.enable")) return deleter.run();
  if (version < kFirstWithDisabledError) {
    return deleter.refuse_all({ErrorCode::kInvalidRequest, "This version does not support topic deletion."});
  }
  return deleter.refuse_all({ErrorCode::kTopicDeletionDisabled, "Topic deletion is disabled."});
}

}  // namespace tributary::control
