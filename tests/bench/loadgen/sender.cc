#include "sender.h"

#include "requests.h"

namespace tributary::bench {

Sender::Sender(Loop& loop, const Address& address, std::unique_ptr<Traffic> traffic, Pace pace,
               Totals& totals)
    : connection_(loop, address), traffic_(std::move(traffic)), pace_(pace), totals_(totals) {
  connection_.on_frame([this](int32_t id, ByteView body) { answer(id, body); });
}

void Sender::begin(uint64_t now) {
  due_ = now;
  if (pace_.rate > 0 || pace_.one_way) return;
  for (int i = 0; i < pace_.depth && may_send(now); ++i) send(now);
}

void Sender::send(uint64_t due) {
  MutableBytes frame = traffic_->next_frame();
  stamp(frame, int32_t(sent_++));
  if (!pace_.one_way) in_flight_.push_back(due);
  connection_.send(frame);
}

void Sender::answer(int32_t correlation_id, ByteView body) {
  if (closing_) {
    finished_ = true;
    return;
  }
  if (in_flight_.empty() || correlation_id != expected_id_++) die("an answer nobody waits for");
  uint64_t now = now_ns();
  totals_.latency.add(now - in_flight_.front());
  in_flight_.pop_front();
  ++totals_.requests;
  traffic_->answered(body, totals_);
  if (pace_.rate == 0 && may_send(now)) send(now);
  finish_if_idle(now);
}

void Sender::finish_if_idle(uint64_t now) {
  if (!may_send(now) && in_flight_.empty()) finished_ = true;
}

uint64_t Sender::next_tick() const {
  if (finished_ || closing_) return UINT64_MAX;
  if (pace_.one_way) return connection_.backlogged() ? UINT64_MAX : 0;
  return pace_.rate > 0 && sent_ < pace_.requests ? due_ : UINT64_MAX;
}

void Sender::tick(uint64_t now) {
  if (pace_.one_way) return tick_one_way(now);
  if (!may_send(now)) {
    pace_.requests = sent_;
    return finish_if_idle(now);
  }
  send(due_);
  due_ += uint64_t(1e9 / pace_.rate);
}

// A bounded number at a time, so that several senders and the answers of others get their turn.
void Sender::tick_one_way(uint64_t now) {
  for (int i = 0; i < 16 && may_send(now) && !connection_.backlogged(); ++i) {
    send(now);
    ++totals_.requests;
    traffic_->unanswered(totals_);
  }
  if (may_send(now)) return;
  closing_ = true;
  connection_.send(api_versions_request());
}

}  // namespace tributary::bench
