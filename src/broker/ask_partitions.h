// For requests that ask something of each of many partitions: lays the answer out like the question, has each
// partition's shard fill in its part, answers when all did. The messages differ only in the names of their
// fields.
#pragma once
#include <memory>
#include <type_traits>
#include <utility>

#include "fan_out.h"

namespace tributary::broker {

template <typename Topic>
auto& topic_name(Topic& topic) {
  if constexpr (requires { topic.name; }) {
    return topic.name;
  } else {
    return topic.topic;
  }
}

template <typename Topic>
const auto& asked_partitions(const Topic& topic) {
  if constexpr (requires { topic.partition_indexes; }) {
    return topic.partition_indexes;
  } else {
    return topic.partitions;
  }
}

template <typename Part>
auto& partition_number(Part& part) {
  if constexpr (std::is_same_v<std::remove_const_t<Part>, int32_t>) {
    return part;
  } else if constexpr (requires { part.partition_index; }) {
    return part.partition_index;
  } else {
    return part.partition;
  }
}

// `fill(Shard&, Partition&, asked, answer, done)` runs on the partition's shard and calls `done` once, there
// or later. `objection(topic, asked)` is asked first, here; anything but kNone is the answer.
template <typename Response, typename Message, typename Fill, typename Objection>
void ask_partitions(RequestPtr request, const Message& message, Fill fill, Objection objection) {
  auto response = std::make_shared<Response>();
  auto fan_out =
      std::make_shared<FanOut>(std::move(request), [response](Request& to) { to.respond(*response); });
  response->topics.resize(message.topics.size());
  for (size_t t = 0; t < message.topics.size(); ++t) {
    const auto& topic = message.topics[t];
    topic_name(response->topics[t]) = topic_name(topic);
    auto& answers = response->topics[t].partitions;
    answers.resize(asked_partitions(topic).size());
    for (size_t p = 0; p < answers.size(); ++p) {
      const auto& asked = asked_partitions(topic)[p];
      auto& answer = answers[p];
      partition_number(answer) = partition_number(asked);
      answer.error_code = objection(topic, asked);
      if (answer.error_code != wire::ErrorCode::kNone) continue;
      fan_out->add(topic_name(topic), partition_number(asked),
                   [response, &answer, asked, fill](Shard& here, replica::Partition* partition,
                                                    wire::ErrorCode error, const FanOut::Done& done) {
                     if (partition != nullptr) return fill(here, *partition, asked, answer, done);
                     answer.error_code = error;
                     if constexpr (requires { answer.low_watermark; }) answer.low_watermark = -1;
                     done();
                   });
    }
  }
  fan_out->run();
}

template <typename Response, typename Message, typename Fill>
void ask_partitions(RequestPtr request, const Message& message, Fill fill) {
  ask_partitions<Response>(std::move(request), message, std::move(fill),
                           [](const auto&, const auto&) { return wire::ErrorCode::kNone; });
}

}  // namespace tributary::broker
