#include "fan_out.h"

namespace tributary::broker {

using wire::ErrorCode;

void FanOut::add(std::string_view topic, int32_t partition, Work work) {
  pieces_.push_back({request_->shard().locate(topic, partition), partition, std::move(work)});
}

void FanOut::run() {
  pending_ = pieces_.size() + 1;
  Shard& home = request_->shard();
  const auto self = shared_from_this();
  const Done done = [self, &home] { home.post([self] { self->one_done(); }); };
  for (Piece& piece : pieces_) {
    if (piece.place.error != ErrorCode::kNone) {
      piece.work(home, nullptr, piece.place.error, done);
      continue;
    }
    home.submit(piece.place.shard, [topic = piece.place.topic_id, partition = piece.partition,
                                    work = piece.work, done](Shard& here) {
      replica::Partition* open = here.find_partition(topic, partition);
      work(here, open, open != nullptr ? ErrorCode::kNone : ErrorCode::kNotLeaderOrFollower, done);
    });
  }
  one_done();
}

void FanOut::one_done() {
  if (--pending_ == 0) finish_(*request_);
}

}  // namespace tributary::broker
