#include "group_run.h"

#include <cstdio>

namespace tributary::sim {

using wire::ErrorCode;

namespace {

const std::vector<std::string> kGroups{"a", "b"};

}  // namespace

GroupRun::GroupRun(uint64_t seed, bool trace)
    : random_(seed),
      seed_(seed),
      trace_(trace),
      world_{.random = random_,
             .model = model_,
             .coordinator = nullptr,
             .unanswered = 0,
             .fault = [this](const std::string& why) { fault(why); },
             .trace =
                 [this](const std::string& what) {
                   if (trace_) {
                     std::printf("%8lld %s\n", static_cast<long long>(environment_.monotonic_ms()),
                                 what.c_str());
                   }
                 }} {
  config_.initial_rebalance_delay_ms = static_cast<int32_t>(random_.below(2) * 3'000);
  config_.max_cached_offsets = random_.below(3) * 2;
  config_.max_requests_per_loading_group = 1 + random_.below(8);
  environment_.add_topic("t", 8);
  environment_.on_append = [this](const std::vector<group::Record>& records) {
    world_.trace("append of " + std::to_string(records.size()) + " records");
    for (const std::string& id : kGroups) {
      if (std::ranges::count(records, group::group_tombstone(id)) > 0) model_.forgotten(id);
    }
  };
  const uint64_t count = 2 + random_.below(5);
  for (uint64_t i = 0; i < count; ++i) {
    clients_.push_back(std::make_unique<GroupClient>(world_, "c" + std::to_string(i),
                                                     kGroups[random_.below(2)], random_.one_in(3)));
  }
  start();
}

bool GroupRun::run(int steps) {
  for (int i = 0; i < steps && !failed_; ++i) step();
  if (!failed_) heal();
  if (!failed_) check_healed();
  world_.coordinator = nullptr;
  coordinator_.reset();
  if (world_.unanswered != 0) fault(std::to_string(world_.unanswered) + " requests were never answered");
  return !failed_;
}

void GroupRun::step() {
  // For a while at a time, so that batches and loads pile up.
  if (random_.one_in(8)) environment_.hold_appends = !environment_.hold_appends;
  if (random_.one_in(8)) environment_.hold_loads = random_.one_in(3);
  switch (random_.below(24)) {
    case 0:
      return disturb_client();
    case 1:
      return random_.one_in(4) ? crash() : void();
    case 2:
      return fail_appends();
    case 3:
      environment_.failing_loads = random_.below(2);
      return;
    case 4:
      return random_.one_in(6) ? delete_group() : void();
    case 5:
      return expire();
    case 6:
      environment_.run_append();
      return;
    case 7:
      environment_.run_load();
      return;
    case 8:
    case 9:
      return environment_.advance(static_cast<int64_t>(random_.below(4'000)));
    case 10:
      return environment_.advance(static_cast<int64_t>(random_.below(40'000)));
    default:
      clients_[random_.below(clients_.size())]->act();
      return environment_.run();
  }
}

void GroupRun::disturb_client() {
  GroupClient& client = *clients_[random_.below(clients_.size())];
  switch (random_.below(6)) {
    case 0:
      return client.remove();
    case 1:
      return random_.one_in(8) ? client.stop() : void();
    case 2:
    case 3:
      return client.reconnect();
    default:
      world_.trace(client.name() + " dies");
      return client.restart();
  }
}

// What was not visible may be in the log all the same: any part of it from its beginning.
void GroupRun::crash() {
  ++crashes_;
  world_.coordinator = nullptr;
  coordinator_.reset();
  if (world_.unanswered != 0) return fault("requests are left parked in a coordinator that is gone");
  const uint64_t survive = random_.below(environment_.pending.size() + 1);
  world_.trace("crash, " + std::to_string(survive) + " of " + std::to_string(environment_.pending.size()) +
               " batches survive");
  for (uint64_t i = 0; i < survive; ++i) {
    group::apply_records(environment_.view, environment_.pending[i].records);
  }
  environment_.pending.clear();
  environment_.loads.clear();
  environment_.append_results.clear();
  start();
}

void GroupRun::start() {
  coordinator_ = std::make_unique<group::Coordinator>(config_, environment_, probe_);
  world_.coordinator = coordinator_.get();
  std::vector<std::string> with_members;
  for (const auto& [id, stored] : environment_.view) {
    if (stored.metadata && !stored.metadata->members.empty()) with_members.push_back(id);
  }
  coordinator_->start(with_members);
}

void GroupRun::fail_appends() {
  static constexpr ErrorCode kErrors[] = {ErrorCode::kNotEnoughReplicas, ErrorCode::kMessageTooLarge,
                                          ErrorCode::kRequestTimedOut};
  const uint64_t count = 1 + random_.below(4);
  for (uint64_t i = 0; i < count; ++i) {
    const bool fails = random_.one_in(2);
    environment_.append_results.push_back(fails ? kErrors[random_.below(std::size(kErrors))]
                                                : ErrorCode::kNone);
  }
}

void GroupRun::delete_group() {
  const std::string& id = kGroups[random_.below(kGroups.size())];
  ++world_.unanswered;
  model_.deleting(id);
  coordinator_->delete_group(id, [this](const auto& response) {
    --world_.unanswered;
    world_.trace("delete: " + std::string(wire::error_name(response.error_code)));
  });
  environment_.run();
}

void GroupRun::expire() {
  const std::string& id = kGroups[random_.below(kGroups.size())];
  coordinator_->expire_offsets(id);
  environment_.run();
}

void GroupRun::heal() {
  world_.trace("the faults end");
  environment_.hold_appends = environment_.hold_loads = false;
  environment_.append_results.clear();
  environment_.failing_loads = 0;
  for (int second = 0; second < 180 && !failed_; ++second) {
    for (const auto& client : clients_) {
      client->act();
      environment_.run();
    }
    environment_.advance(1'000);
  }
}

void GroupRun::check_healed() {
  std::map<std::string, int32_t> generations;
  for (const auto& client : clients_) {
    if (client->stopped()) continue;
    if (!client->is_assigned())
      return fault(client->name() + " has no assignment long after the faults ended");
    const auto [found, first] = generations.try_emplace(client->group(), client->generation());
    if (!first && found->second != client->generation()) return fault("members of different generations");
  }
}

void GroupRun::fault(const std::string& why) {
  if (!failed_) std::fprintf(stderr, "seed %llu: %s\n", static_cast<unsigned long long>(seed_), why.c_str());
  failed_ = true;
}

}  // namespace tributary::sim
