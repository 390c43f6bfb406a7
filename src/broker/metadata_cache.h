// Encoded answers to a Metadata request for all topics: the dearest request there is, and its answer is the
// same for everyone who asks on one listener. Those of one image, begun anew with the next. One shard's.
#pragma once
#include <memory>
#include <vector>

#include "tributary/control/image.h"

namespace tributary::broker {

struct BoundListener;

class MetadataCache {
 public:
  struct Question {
    int16_t version;
    const BoundListener* listener;
    bool topic_operations;
    bool cluster_operations;
    bool operator==(const Question&) const = default;
  };
  using Answer = std::shared_ptr<const std::vector<uint8_t>>;

  // Null if it is not known.
  Answer find(const control::ImagePtr& image, const Question& question) {
    if (image != image_) return nullptr;
    for (const auto& [known, answer] : answers_) {
      if (known == question) return answer;
    }
    return nullptr;
  }

  // The oldest goes for one too many; one too large is not kept.
  void keep(const control::ImagePtr& image, const Question& question, Answer answer) {
    if (image != std::exchange(image_, image)) answers_.clear();
    if (answer->size() > kLargest) return;
    if (answers_.size() == kMost) answers_.erase(answers_.begin());
    answers_.emplace_back(question, std::move(answer));
  }

 private:
  static constexpr size_t kMost = 4;
  static constexpr size_t kLargest = 4 << 20;

  control::ImagePtr image_;
  std::vector<std::pair<Question, Answer>> answers_;
};

}  // namespace tributary::broker
