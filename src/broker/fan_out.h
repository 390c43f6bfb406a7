// Runs one piece of work per partition on the shard that owns it, then goes on at home when all are done. For
// requests that name partitions and are not on the hot path.
#pragma once
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "request.h"
#include "shard.h"

namespace tributary::broker {

class FanOut : public std::enable_shared_from_this<FanOut> {
 public:
  // Called once per piece, on any thread; the last of them brings `finish` to the home shard.
  using Done = std::function<void()>;
  // On the partition's shard. `partition` is null with `error` set, or open with kNone.
  using Work =
      std::function<void(Shard& here, replica::Partition* partition, wire::ErrorCode error, Done done)>;

  FanOut(RequestPtr request, std::function<void(Request&)> finish)
      : request_(std::move(request)), finish_(std::move(finish)) {}

  void add(std::string_view topic, int32_t partition, Work work);
  // After the last add.
  void run();

 private:
  void one_done();

  struct Piece {
    Placement place;
    int32_t partition;
    Work work;
  };
  RequestPtr request_;
  std::function<void(Request&)> finish_;
  std::vector<Piece> pieces_;
  size_t pending_ = 0;
};

}  // namespace tributary::broker
