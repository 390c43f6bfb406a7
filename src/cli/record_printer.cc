#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "format.h"
#include "text.h"
#include "time_text.h"

namespace tributary::cli {
namespace {

void print_number(const FormatToken& token, int64_t number, std::string& out) {
  if (token.form == TextForm::kPlain) {
    fmt::format_to(std::back_inserter(out), "{}", number);
    return;
  }
  const auto bits = static_cast<uint64_t>(number);
  for (size_t i = 0; i < token.width; ++i) {
    const size_t shift = token.form == TextForm::kBig ? token.width - 1 - i : i;
    out += static_cast<char>(bits >> (8 * shift));
  }
}

void print_bytes(const FormatToken& token, std::string_view bytes, std::string& out) {
  if (token.form == TextForm::kHex) {
    out += to_hex(bytes);
  } else if (token.form == TextForm::kBase64) {
    out += to_base64(bytes);
  } else {
    out += bytes;
  }
}

int64_t size_of(const std::optional<std::string_view>& bytes) {
  return bytes ? static_cast<int64_t>(bytes->size()) : 0;
}

void print_time(const FormatToken& token, TimestampMs time, std::string& out) {
  if (token.form == TextForm::kRfc3339) {
    out += to_rfc3339(time);
  } else {
    print_number(token, time, out);
  }
}

void print_headers(const FormatToken& token, const RecordView& record, std::string& out) {
  RecordView header;
  for (const auto& [name, value] : record.headers) {
    header.key = name;
    header.value = value;
    print_record(token.inner, header, out);
  }
}

void print_field(const FormatToken& token, const RecordView& record, std::string& out) {
  switch (token.field) {
    case 't':
      return void(out += record.topic);
    case 'k':
      return print_bytes(token, record.key.value_or(""), out);
    case 'v':
      return print_bytes(token, record.value.value_or(""), out);
    case 'T':
      return print_number(token, static_cast<int64_t>(record.topic.size()), out);
    case 'K':
      return print_number(token, size_of(record.key), out);
    case 'V':
      return print_number(token, size_of(record.value), out);
    case 'H':
      return print_number(token, static_cast<int64_t>(record.headers.size()), out);
    case 'p':
      return print_number(token, record.partition, out);
    case 'o':
      return print_number(token, record.offset, out);
    case 'i':
      return print_number(token, static_cast<int64_t>(record.number), out);
    case 'd':
      return print_time(token, record.timestamp, out);
    case 'h':
      return print_headers(token, record, out);
    default:
      return void(out += token.literal);
  }
}

void put_bytes(nlohmann::ordered_json& json, const char* name, const std::optional<std::string_view>& bytes) {
  if (!bytes) {
    json[name] = nullptr;
  } else if (is_utf8(*bytes)) {
    json[name] = *bytes;
  } else {
    json[fmt::format("{}_base64", name)] = to_base64(*bytes);
  }
}

}  // namespace

void print_record(const Format& format, const RecordView& record, std::string& out) {
  for (const FormatToken& token : format) print_field(token, record, out);
}

void print_json_record(const RecordView& record, std::string& out) {
  nlohmann::ordered_json json = {{"topic", record.topic},
                                 {"partition", record.partition},
                                 {"offset", record.offset},
                                 {"timestamp", record.timestamp}};
  put_bytes(json, "key", record.key);
  put_bytes(json, "value", record.value);
  json["headers"] = nlohmann::ordered_json::array();
  for (const auto& [name, value] : record.headers) {
    auto& header = json["headers"].emplace_back();
    put_bytes(header, "name", name);
    put_bytes(header, "value", value);
  }
  out += json.dump();
  out += '\n';
}

}  // namespace tributary::cli
