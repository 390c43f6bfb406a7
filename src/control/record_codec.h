// The frame around a metadata record: unsigned varints of frame version, type and record version, then the
// message (Kafka's MetadataRecordSerde). Pure functions.
#pragma once
#include <string>
#include <vector>

#include "tributary/base/bytes.h"
#include "tributary/base/result.h"
#include "tributary/wire/reader.h"
#include "tributary/wire/writer.h"

namespace tributary::control {

struct RecordFrame {
  uint16_t type = 0;
  int16_t version = 0;
  ByteView body;
};

// kCorruption: cut short or out of range. kUnsupported: a frame version other than 1.
Result<RecordFrame> parse_frame(ByteView value);

// Whole or an error: bytes behind the message are a fault, a version above what is known is kUnsupported.
template <typename Record>
Result<Record> decode_record(const RecordFrame& frame) {
  if (frame.version > Record::kMaxVersion) {
    return fail(Errc::kUnsupported, "metadata record type " + std::to_string(frame.type) + " has version " +
                                        std::to_string(frame.version) + ", known up to " +
                                        std::to_string(Record::kMaxVersion));
  }
  Record record;
  wire::Reader in(frame.body);
  record.decode(in, frame.version);
  if (!in.ok() || in.remaining() != 0) {
    return fail(Errc::kCorruption, "metadata record of type " + std::to_string(frame.type) + " is malformed");
  }
  return record;
}

void write_frame_head(wire::Writer& out, uint16_t type, int16_t version);

template <typename Record>
std::vector<uint8_t> encode_record(const Record& record, int16_t version = Record::kMaxVersion) {
  wire::Writer out(64);
  write_frame_head(out, Record::kType, version);
  record.encode(out, version);
  return std::move(out.buffer());
}

// Records on their way into one batch of the log.
class RecordList {
 public:
  template <typename Record>
  void add(const Record& record, int16_t version = Record::kMaxVersion) {
    records_.push_back(encode_record(record, version));
  }
  void add_encoded(ByteView value) { records_.emplace_back(value.begin(), value.end()); }
  void append(RecordList&& other);
  // The same records in lists of at most `size`.
  std::vector<RecordList> split(size_t size) &&;
  bool empty() const { return records_.empty(); }
  size_t size() const { return records_.size(); }
  std::vector<ByteView> views() const { return {records_.begin(), records_.end()}; }

 private:
  std::vector<std::vector<uint8_t>> records_;
};

}  // namespace tributary::control
