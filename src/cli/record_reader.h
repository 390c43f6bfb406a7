// Reads records from a stream by a format. Without lengths (%K, %V, %T) the input is cut at the format's last
// literal and each piece must match the rest; with lengths it is read field by field, so that keys and values
// may hold any byte. Bounded: a record longer than the limit is an error. One thread.
#pragma once
#include <istream>
#include <optional>
#include <string>

#include "format.h"

namespace tributary::cli {

struct InputRecord {
  std::optional<std::string> topic;
  std::optional<int32_t> partition;
  std::optional<TimestampMs> timestamp;
  std::optional<std::string> key;
  std::optional<std::string> value;
};

class RecordReader {
 public:
  // A format that cannot be read back unambiguously is an error.
  static Result<RecordReader> open(Format format, std::istream& in, size_t max_bytes);

  // The next record; none at the end of the input. After an error nothing more can be read.
  Result<std::optional<InputRecord>> next();

 private:
  RecordReader(Format format, std::istream& in, size_t max_bytes)
      : format_(std::move(format)), in_(&in), max_bytes_(max_bytes) {}

  Result<InputRecord> parse_piece(std::string_view piece) const;
  Result<InputRecord> read_fields();
  Result<std::string> read_exactly(size_t size);
  enum class EndOfInput { kRefused, kAllowed };
  // Up to the delimiter, which is taken too; to the end of the input if it is empty.
  Result<std::string> read_until(std::string_view delimiter, EndOfInput end);
  Status read_literal(std::string_view literal);
  tl::unexpected<Error> bad(std::string_view why) const;

  Format format_;
  std::string terminator_;  // of a piece; empty for the whole input
  bool by_lengths_ = false;
  std::istream* in_;
  size_t max_bytes_;
  uint64_t number_ = 0;  // of the record being read, from 1
};

}  // namespace tributary::cli
