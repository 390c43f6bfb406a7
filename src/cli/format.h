// Format strings of produce and consume. A format is parsed once into tokens; RecordPrinter writes records by
// them, RecordReader (record_reader.h) reads records by them. Pure.
//
//   %t %p %o %d   topic, partition, offset, timestamp (milliseconds; %d{rfc3339} as text)
//   %k %v         key and value; {hex}, {base64}
//   %T %K %V      their lengths in bytes; %H number of headers; %i number of the record, from 1
//                 numbers take {big8} {big16} {big32} {big64} {little8} ... instead of digits
//   %h{...}       the format in braces for each header, of which %k and %v are name and value
//   %% %{ %}      a percent sign and braces;   \n \t \r \\ \xHH bytes
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tributary/base/ids.h"
#include "tributary/base/result.h"

namespace tributary::cli {

enum class TextForm { kPlain, kHex, kBase64, kRfc3339, kBig, kLittle };

struct FormatToken {
  char field = 0;       // the letter after the percent sign; 0 for a literal
  std::string literal;  // where field is 0
  TextForm form = TextForm::kPlain;
  size_t width = 0;                // bytes of kBig and kLittle
  std::vector<FormatToken> inner;  // of %h
};

using Format = std::vector<FormatToken>;

// Neighbouring literals are one token. `fields` are the letters that are allowed.
Result<Format> parse_format(std::string_view text, std::string_view fields);

inline constexpr std::string_view kConsumeFields = "tTkKvVhHpodi";
inline constexpr std::string_view kProduceFields = "tTkKvVpd";
inline constexpr std::string_view kReportFields = "tTkKvVpod";

struct RecordView {
  std::string_view topic;
  int32_t partition = 0;
  Offset offset = 0;
  TimestampMs timestamp = kNoTimestamp;
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  std::vector<std::pair<std::string_view, std::optional<std::string_view>>> headers;
  uint64_t number = 0;  // of the record in this run, from 1
};

// Appends the record to `out`. A null key or value is empty.
void print_record(const Format& format, const RecordView& record, std::string& out);

// One JSON object on a line: topic, partition, offset, timestamp, key, value, headers. Null is null; bytes
// that are not UTF-8 stand as key_base64 or value_base64 instead.
void print_json_record(const RecordView& record, std::string& out);

}  // namespace tributary::cli
