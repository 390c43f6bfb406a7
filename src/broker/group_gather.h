// For requests that name many groups: each is asked where its coordinator lives, and the parts of the answer
// are gathered at home in the order of the question. A part's views are good only during the coordinator's
// reply, so it travels encoded.
#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "group_call.h"

namespace tributary::broker {

template <typename Part>
class GroupGather : public std::enable_shared_from_this<GroupGather<Part>> {
 public:
  // The parts' views are good during the call.
  using Finish = std::function<void(Request&, std::vector<Part>)>;

  GroupGather(RequestPtr request, size_t parts, Finish finish)
      : request_(std::move(request)), finish_(std::move(finish)), parts_(parts), left_(parts + 1) {}

  const RequestPtr& request() const { return request_; }

  // From the shard of that part's coordinator.
  void put(Shard& here, size_t part, const Part& answer) {
    wire::Writer encoded;
    answer.encode(encoded, request_->version());
    parts_[part] = std::move(encoded.buffer());
    Shard& home = request_->shard();
    if (&home == &here) return one_done();
    home.post([self = this->shared_from_this()] { self->one_done(); });
  }
  // At home, after all have been asked.
  void all_asked() { one_done(); }

 private:
  void one_done() {
    if (--left_ > 0) return;
    std::vector<Part> decoded(parts_.size());
    for (size_t i = 0; i < parts_.size(); ++i) {
      wire::Reader reader(parts_[i]);
      decoded[i].decode(reader, request_->version());
    }
    finish_(*request_, std::move(decoded));
  }

  RequestPtr request_;
  Finish finish_;
  std::vector<std::vector<uint8_t>> parts_;
  size_t left_;
};

}  // namespace tributary::broker
