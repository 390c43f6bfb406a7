// ListOffsets, OffsetForLeaderEpoch, DeleteRecords, DescribeProducers: questions about offsets, each to be
// answered by the partition's own shard.
#include <set>

#include "ask_partitions.h"
#include "handlers.h"
#include "tributary/storage/log.h"

namespace tributary::broker {
namespace {

using wire::ErrorCode;

constexpr int64_t kLatest = -1;
constexpr int64_t kEarliest = -2;
constexpr int64_t kMaxTimestamp = -3;
constexpr int64_t kEarliestLocal = -4;
constexpr int64_t kLatestTiered = -5;
constexpr int64_t kEarliestPendingUpload = -6;

using ListedPartition = wire::ListOffsetsResponse::ListOffsetsPartitionResponse;

// The version from which a special timestamp is known; 0 for real ones (KIP-734, KIP-405, KIP-1005,
// KIP-1023).
int16_t first_version_of(int64_t timestamp) {
  switch (timestamp) {
    case kMaxTimestamp:
      return 7;
    case kEarliestLocal:
      return 8;
    case kLatestTiered:
      return 9;
    case kEarliestPendingUpload:
      return 11;
    default:
      return timestamp < kEarliestPendingUpload ? INT16_MAX : 0;
  }
}

// Look-ups that read the log: first from the page cache, then on the disk pool.
void look_up(Shard& here, storage::TimestampLookup lookup, ListedPartition& answer, FanOut::Done done) {
  const auto take = [](ListedPartition& into, const Result<storage::OffsetAndTimestamp>& found) {
    if (!found) {
      into.error_code = found.error().code == Errc::kCorruption ? ErrorCode::kCorruptMessage
                                                                : ErrorCode::kKafkaStorageError;
      return;
    }
    into.offset = found->offset;
    into.timestamp = found->timestamp;
    into.leader_epoch = raw(found->leader_epoch);
  };
  const auto cached = lookup.execute(storage::ReadMode::kCached);
  if (cached || cached.error().code != Errc::kWouldBlock) {
    take(answer, cached);
    return done();
  }
  boost::asio::post(here.context().disk_pool, [lookup, &answer, take, done = std::move(done)]() mutable {
    take(answer, lookup.execute(storage::ReadMode::kBlocking));
    done();
  });
}

using TopicPartitionSet = std::set<std::pair<std::string_view, int32_t>>;

template <typename Message>
TopicPartitionSet asked_twice(const Message& message) {
  TopicPartitionSet seen;
  TopicPartitionSet repeated;
  for (const auto& topic : message.topics) {
    for (const auto& asked : asked_partitions(topic)) {
      const std::pair<std::string_view, int32_t> one{topic_name(topic), partition_number(asked)};
      if (!seen.insert(one).second) repeated.insert(one);
    }
  }
  return repeated;
}

struct Question {
  int64_t timestamp;
  int32_t current_leader_epoch;
  bool committed;
};

void answer_offset(Shard& here, replica::Partition& partition, const Question& question,
                   ListedPartition& answer, FanOut::Done done) {
  answer.error_code = partition.check_epoch(question.current_leader_epoch);
  if (answer.error_code != ErrorCode::kNone) return done();
  const storage::Log& log = partition.log();
  const Offset end = question.committed ? partition.last_stable_offset() : partition.high_watermark();
  switch (question.timestamp) {
    case kLatest:
      answer.offset = end;
      answer.leader_epoch = raw(partition.leader_epoch());
      return done();
    case kEarliest:
    case kEarliestLocal: {
      answer.offset = log.start_offset();
      const LeaderEpoch epoch = log.epoch_for_offset(answer.offset);
      answer.leader_epoch = raw(epoch == kNoLeaderEpoch ? partition.leader_epoch() : epoch);
      return done();
    }
    case kLatestTiered:
    case kEarliestPendingUpload:
      return done();  // no tiered storage: there is no such offset
    default:
      break;
  }
  auto lookup = question.timestamp == kMaxTimestamp ? log.plan_max_timestamp_lookup()
                                                    : log.plan_timestamp_lookup(question.timestamp, end);
  if (!lookup) {
    answer.error_code = ErrorCode::kKafkaStorageError;
    return done();
  }
  look_up(here, std::move(*lookup), answer, std::move(done));
}

ErrorCode delete_before(replica::Partition& partition, int64_t offset) {
  if (control::is_internal_topic(partition.name().topic)) return ErrorCode::kInvalidTopicException;
  if (!partition.log().config().delete_policy) return ErrorCode::kPolicyViolation;
  return partition.delete_records_before(offset);
}

}  // namespace

void list_offsets(RequestPtr request, const wire::ListOffsetsRequest& message) {
  const int16_t version = request->version();
  const TopicPartitionSet repeated = asked_twice(message);
  ask_partitions<wire::ListOffsetsResponse>(
      std::move(request), message,
      [committed = message.isolation_level == 1](Shard& here, replica::Partition& partition,
                                                 const auto& asked, ListedPartition& answer,
                                                 FanOut::Done done) {
        answer_offset(here, partition, {asked.timestamp, asked.current_leader_epoch, committed}, answer,
                      std::move(done));
      },
      [&](const auto& topic, const auto& asked) {
        if (repeated.contains({topic.name, asked.partition_index})) return ErrorCode::kInvalidRequest;
        return version < first_version_of(asked.timestamp) ? ErrorCode::kUnsupportedVersion
                                                           : ErrorCode::kNone;
      });
}

void offset_for_leader_epoch(RequestPtr request, const wire::OffsetForLeaderEpochRequest& message) {
  ask_partitions<wire::OffsetForLeaderEpochResponse>(
      std::move(request), message,
      [](Shard&, replica::Partition& partition, const auto& asked, auto& answer, const FanOut::Done& done) {
        answer.error_code = partition.check_epoch(asked.current_leader_epoch);
        if (answer.error_code == ErrorCode::kNone) {
          const auto end =
              asked.leader_epoch == raw(partition.leader_epoch())
                  ? storage::EpochEndOffset{partition.leader_epoch(), partition.log().end_offset()}
                  : partition.log().end_offset_for_epoch(LeaderEpoch{asked.leader_epoch});
          answer.leader_epoch = raw(end.epoch);
          answer.end_offset = end.end_offset;
        }
        done();
      });
}

void delete_records(RequestPtr request, const wire::DeleteRecordsRequest& message) {
  ask_partitions<wire::DeleteRecordsResponse>(
      std::move(request), message,
      [](Shard&, replica::Partition& partition, const auto& asked, auto& answer, const FanOut::Done& done) {
        answer.error_code = delete_before(partition, asked.offset);
        const bool deleted = answer.error_code == ErrorCode::kNone;
        answer.low_watermark = deleted ? partition.log().start_offset() : -1;
        done();
      });
}

void describe_producers(RequestPtr request, const wire::DescribeProducersRequest& message) {
  // Each may have many producers, so a small request could ask for an answer of any size.
  const TopicPartitionSet repeated = asked_twice(message);
  ask_partitions<wire::DescribeProducersResponse>(
      std::move(request), message,
      [](Shard&, replica::Partition& partition, int32_t, auto& answer, const FanOut::Done& done) {
        for (const auto& producer : partition.log().active_producers()) {
          auto& shown = answer.active_producers.emplace_back();
          shown.producer_id = raw(producer.producer_id);
          shown.producer_epoch = producer.producer_epoch;
          shown.last_sequence = producer.last_sequence;
          shown.last_timestamp = producer.last_timestamp;
          shown.coordinator_epoch = producer.coordinator_epoch;
          shown.current_txn_start_offset = producer.current_transaction_start;
        }
        done();
      },
      [&](const auto& topic, int32_t partition) {
        if (repeated.contains({topic.name, partition})) return ErrorCode::kInvalidRequest;
        return control::topic_name_fault(topic.name) ? ErrorCode::kInvalidTopicException : ErrorCode::kNone;
      });
}

}  // namespace tributary::broker
