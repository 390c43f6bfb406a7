// The view over one RocksDB database; what is where is in view_keys.h, and view.h says what it promises.
#pragma once
#include <rocksdb/db.h>
#include <rocksdb/utilities/write_batch_with_index.h>

#include <memory>
#include <string>
#include <string_view>

#include "tributary/group/view.h"

namespace tributary::group {

inline std::string_view as_view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }
Status to_status(const rocksdb::Status& status, std::string_view what);

// The value of an offset, pending or not: where in the log the record stood, then the record's value.
struct OffsetValue {
  Offset log_offset;
  std::string_view record;
};
std::string encode_offset_value(Offset log_offset, ByteView record);
Result<OffsetValue> decode_offset_value(std::string_view value);
// What the record said, for the partition it was for.
Result<CommittedOffset> decode_commit(std::string_view group, const TopicPartition& of,
                                      std::string_view record);

// One key and value of a group, `key` from behind the group's prefix.
Status add_to(StoredGroup& stored, std::string_view group, std::string_view key, std::string_view value);

class RocksView final : public View {
 public:
  RocksView(std::unique_ptr<rocksdb::DB> db, std::string reset_reason, size_t write_buffer_bytes);
  ~RocksView() override;

  const std::string& reset_reason() const override { return reset_reason_; }
  std::optional<ViewPosition> position(int32_t partition) override;
  Status drop(int32_t partition) override;
  std::unique_ptr<Changes> begin(int32_t partition) override;
  Status apply(Changes& changes, const ViewPosition& position) override;
  Result<StoredGroup> load(int32_t partition, std::string_view group) override;
  Result<std::vector<std::string>> groups_with_members(int32_t partition) override;
  Status for_each_group(int32_t partition, const std::optional<std::string>& after,
                        const VisitGroup& visit) override;
  Status for_each_expired(int32_t partition, const std::optional<std::string>& after, const Expiry& expiry,
                          const VisitGroup& visit) override;
  Status for_each_with_topic(int32_t partition, const std::optional<std::string>& after,
                             const std::vector<std::string>& topics, const VisitGroup& visit) override;
  size_t unflushed_bytes() const override;
  Status flush() override;
  uint64_t disk_bytes() const override;

 private:
  // Whether the group is one to visit; the iterator stands on its first key and may be moved.
  using Choose = std::function<Result<bool>(rocksdb::Iterator& at, const GroupSummary& group)>;
  Status scan(int32_t partition, const std::optional<std::string>& after, const Choose& choose,
              const VisitGroup& visit);

  std::unique_ptr<rocksdb::DB> db_;
  const std::string reset_reason_;
  const size_t most_unflushed_;
};

// Collects in an index over the database, so that a marker finds what came just before it.
class RocksChanges final : public View::Changes {
 public:
  RocksChanges(rocksdb::DB& db, int32_t partition);
  Status add(const LogRecord& record) override;
  Status add(const LogMarker& marker) override;
  size_t bytes() const override;

  int32_t partition() const { return partition_; }
  void set_position(const ViewPosition& position);
  const Status& failure() const { return failure_; }
  rocksdb::WriteBatch& batch() { return *batch_.GetWriteBatch(); }

 private:
  void apply(const LogRecord& record, const OffsetEvent& event);
  void apply(const LogRecord& record, const MetadataEvent& event);
  void apply(const LogRecord& record, const ForeignEvent& event);
  Status end_transaction(const LogMarker& marker);
  Status drop_pending(const OffsetEvent& event);
  Status commit(std::string_view group, const TopicPartition& of, const std::string& pending);
  bool has_transactions();
  void note(const Status& status);
  std::unique_ptr<rocksdb::Iterator> iterator();

  rocksdb::DB& db_;
  const int32_t partition_;
  rocksdb::WriteBatchWithIndex batch_;
  bool transactions_ = false;  // some are open: in the database, or begun here
  Status failure_;             // of the database, not of a record
};

}  // namespace tributary::group
