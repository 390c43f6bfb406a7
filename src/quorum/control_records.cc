#include "control_records.h"

#include "tributary/wire/reader.h"
#include "tributary/wire/records/control.h"
#include "tributary/wire/writer.h"

namespace tributary::quorum {
namespace {

namespace ctl = wire::control;

enum class Type : int16_t {
  kLeaderChange = 2,
  kSnapshotHeader = 3,
  kSnapshotFooter = 4,
  kKRaftVersion = 5,
  kKRaftVoters = 6,
};

class ControlBatchBuilder {
 public:
  ControlBatchBuilder(wire::BatchOptions at, TimestampMs now) : builder_(as_control(at)), now_(now) {}

  template <typename Message>
  void add(Type type, const Message& message) {
    wire::Writer key;
    key.write_int16(0);
    key.write_int16(static_cast<int16_t>(type));
    wire::Writer value;
    message.encode(value, message.record_version);
    builder_.append(now_, key.buffer(), value.buffer());
  }

  void add(const VoterSet& set) {
    ctl::KRaftVersionRecord version;
    version.kraft_version = set.kraft_version;
    add(Type::kKRaftVersion, version);
    if (set.voters) add(Type::kKRaftVoters, voters_record(*set.voters));
  }

  std::vector<uint8_t> build() { return builder_.build(); }

 private:
  static wire::BatchOptions as_control(wire::BatchOptions at) {
    at.control = true;
    return at;
  }

  static ctl::VotersRecord voters_record(const std::vector<Voter>& voters) {
    ctl::VotersRecord record;
    for (const Voter& voter : voters) {
      ctl::VotersRecord::Voter entry;
      entry.voter_id = raw(voter.id);
      entry.voter_directory_id = voter.directory_id;
      entry.kraft_version_feature.min_supported_version = voter.min_kraft_version;
      entry.kraft_version_feature.max_supported_version = voter.max_kraft_version;
      for (const Endpoint& endpoint : voter.endpoints) {
        ctl::VotersRecord::Endpoint point;
        point.name = endpoint.name;
        point.host = endpoint.host;
        point.port = endpoint.port;
        entry.endpoints.push_back(point);
      }
      record.voters.push_back(std::move(entry));
    }
    return record;
  }

  wire::BatchBuilder builder_;
  TimestampMs now_;
};

std::vector<Voter> voters_of(const ctl::VotersRecord& record) {
  std::vector<Voter> voters;
  for (const auto& entry : record.voters) {
    Voter voter;
    voter.id = NodeId{entry.voter_id};
    voter.directory_id = entry.voter_directory_id;
    voter.min_kraft_version = entry.kraft_version_feature.min_supported_version;
    voter.max_kraft_version = entry.kraft_version_feature.max_supported_version;
    for (const auto& point : entry.endpoints) {
      voter.endpoints.push_back({std::string(point.name), std::string(point.host), point.port});
    }
    voters.push_back(std::move(voter));
  }
  return voters;
}

// The version inside says how to read the rest; one that is newer is read as far as it is known.
template <typename Message>
Result<Message> decode(ByteView value) {
  Message message;
  wire::Reader in(value);
  const int16_t version = wire::Reader(value).read_int16();
  message.decode(in, std::clamp(version, Message::kMinVersion, Message::kMaxVersion));
  if (!in.ok()) return fail(Errc::kCorruption, "a control record of the metadata log is malformed");
  return message;
}

Status read_leader_change(ByteView value, ControlBatch& out) {
  TRIBUTARY_ASSIGN(const auto message, decode<ctl::LeaderChangeMessage>(value));
  out.leader = NodeId{message.leader_id};
  for (const auto& voter : message.voters) out.leader_voters.push_back(NodeId{voter.voter_id});
  return {};
}

Status read_record(Type type, ByteView value, ControlBatch& out) {
  switch (type) {
    case Type::kLeaderChange:
      return read_leader_change(value, out);
    case Type::kSnapshotHeader: {
      TRIBUTARY_ASSIGN(const auto message, decode<ctl::SnapshotHeaderRecord>(value));
      out.snapshot_header = message.last_contained_log_timestamp;
      return {};
    }
    case Type::kSnapshotFooter:
      out.snapshot_footer = true;
      return {};
    case Type::kKRaftVersion: {
      TRIBUTARY_ASSIGN(const auto message, decode<ctl::KRaftVersionRecord>(value));
      out.kraft_version = message.kraft_version;
      return {};
    }
    case Type::kKRaftVoters: {
      TRIBUTARY_ASSIGN(const auto message, decode<ctl::VotersRecord>(value));
      out.voters = voters_of(message);
      return {};
    }
  }
  return fail(Errc::kUnsupported, "the metadata log has a control record of type " +
                                      std::to_string(static_cast<int>(type)) +
                                      ", which this build does not know");
}

}  // namespace

Result<ControlBatch> read_control_batch(const wire::BatchView& batch) {
  ControlBatch out;
  std::vector<uint8_t> scratch;
  TRIBUTARY_ASSIGN(const ByteView payload, wire::plain_records(batch, scratch, kMaxBatchBytes));
  wire::RecordIterator records(payload, batch.record_count());
  while (const auto record = records.next()) {
    if (!record->key || record->key->size() < 4 || !record->value) {
      return fail(Errc::kCorruption, "a control record of the metadata log is malformed");
    }
    TRIBUTARY_TRY(read_record(Type{load_be<int16_t>(record->key->data() + 2)}, *record->value, out));
  }
  if (!records.ok() || !records.at_end()) {
    return fail(Errc::kCorruption, "a control batch of the metadata log is malformed");
  }
  return out;
}

std::vector<uint8_t> leader_change_batch(const wire::BatchOptions& at, TimestampMs now, NodeId leader,
                                         const std::vector<Voter>& electorate, const VoterSet* voters) {
  ctl::LeaderChangeMessage message;
  message.leader_id = raw(leader);
  for (const Voter& voter : electorate) {
    ctl::LeaderChangeMessage::Voter entry;
    entry.voter_id = raw(voter.id);
    message.voters.push_back(entry);
    if (voter.id == leader) message.granting_voters.push_back(entry);
  }
  ControlBatchBuilder builder(at, now);
  builder.add(Type::kLeaderChange, message);
  if (voters != nullptr) builder.add(*voters);
  return builder.build();
}

std::vector<uint8_t> snapshot_header_batch(const wire::BatchOptions& at, TimestampMs now,
                                           TimestampMs last_contained_timestamp, const VoterSet& voters) {
  ctl::SnapshotHeaderRecord header;
  header.last_contained_log_timestamp = last_contained_timestamp;
  ControlBatchBuilder builder(at, now);
  builder.add(Type::kSnapshotHeader, header);
  if (voters.kraft_version > 0) builder.add(voters);
  return builder.build();
}

std::vector<uint8_t> snapshot_footer_batch(const wire::BatchOptions& at, TimestampMs now) {
  ControlBatchBuilder builder(at, now);
  builder.add(Type::kSnapshotFooter, ctl::SnapshotFooterRecord{});
  return builder.build();
}

}  // namespace tributary::quorum
