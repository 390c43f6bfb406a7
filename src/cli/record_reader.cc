#include "record_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "text.h"
#include "time_text.h"

namespace tributary::cli {
namespace {

bool is_length(const FormatToken& token) {
  return token.field == 'T' || token.field == 'K' || token.field == 'V';
}

// The field whose length a %T, %K or %V is.
char measured_by(char length) { return static_cast<char>(length - 'A' + 'a'); }

// Whether it is known where token `index` ends, without looking for what comes after it.
bool has_known_size(const Format& format, size_t index) {
  if (format[index].field == 0 || format[index].width > 0) return true;
  return std::any_of(
      format.begin(), format.begin() + static_cast<std::ptrdiff_t>(index),
      [&](const FormatToken& t) { return is_length(t) && measured_by(t.field) == format[index].field; });
}

Status check_readable(const Format& format) {
  const auto bad = [](std::string_view why) {
    return fail(Errc::kInvalidArgument, fmt::format("format cannot be read: {}", why));
  };
  if (std::ranges::none_of(format, [](const auto& t) { return t.field == 'v' || t.field == 'k'; })) {
    return bad("it has neither %k nor %v");
  }
  for (size_t i = 0; i + 1 < format.size(); ++i) {
    if (!has_known_size(format, i) && format[i + 1].field != 0) {
      return bad(
          fmt::format("nothing tells where %{} ends and %{} begins", format[i].field, format[i + 1].field));
    }
  }
  return {};
}

std::optional<int64_t> binary_number(const FormatToken& token, std::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const size_t from = token.form == TextForm::kBig ? i : bytes.size() - 1 - i;
    number = number << 8 | static_cast<uint8_t>(bytes[from]);
  }
  return static_cast<int64_t>(number);
}

std::optional<int64_t> number_of(const FormatToken& token, std::string_view text) {
  return token.width > 0 ? binary_number(token, text) : parse_number<int64_t>(text);
}

std::optional<std::string> bytes_of(const FormatToken& token, std::string text) {
  if (token.form == TextForm::kHex) return from_hex(text);
  if (token.form == TextForm::kBase64) return from_base64(text);
  return text;
}

// Puts the text of a field where it belongs; false if it is not of the field's form.
bool store(const FormatToken& token, std::string text, InputRecord& record) {
  if (token.field == 'k') return (record.key = bytes_of(token, std::move(text))).has_value();
  if (token.field == 'v') return (record.value = bytes_of(token, std::move(text))).has_value();
  if (token.field == 't') return (record.topic = std::move(text)).has_value();
  if (token.form == TextForm::kRfc3339) {
    const auto time = parse_timestamp(text, 0);
    if (time) record.timestamp = *time;
    return time.has_value();
  }
  const auto number = number_of(token, text);
  if (token.field == 'd') return (record.timestamp = number).has_value();
  if (!number || *number < 0 || *number > INT32_MAX) return false;
  if (token.field == 'p') record.partition = static_cast<int32_t>(*number);
  return true;
}

}  // namespace

tl::unexpected<Error> RecordReader::bad(std::string_view why) const {
  return fail(Errc::kCorruption, fmt::format("input, record {}: {}", number_, why));
}

Result<RecordReader> RecordReader::open(Format format, std::istream& in, size_t max_bytes) {
  TRIBUTARY_TRY(check_readable(format));
  RecordReader reader(std::move(format), in, max_bytes);
  reader.by_lengths_ = std::ranges::any_of(reader.format_, is_length);
  if (!reader.by_lengths_ && reader.format_.back().field == 0) {
    reader.terminator_ = std::move(reader.format_.back().literal);
    reader.format_.pop_back();
  }
  return reader;
}

Result<std::optional<InputRecord>> RecordReader::next() {
  if (in_->peek() == std::istream::traits_type::eof()) return std::nullopt;
  ++number_;
  if (by_lengths_) {
    TRIBUTARY_ASSIGN(InputRecord record, read_fields());
    return record;
  }
  TRIBUTARY_ASSIGN(const std::string piece, read_until(terminator_, EndOfInput::kAllowed));
  TRIBUTARY_ASSIGN(InputRecord record, parse_piece(piece));
  return record;
}

Result<InputRecord> RecordReader::parse_piece(std::string_view piece) const {
  InputRecord record;
  for (size_t i = 0; i < format_.size(); ++i) {
    const FormatToken& token = format_[i];
    if (token.field == 0) {
      if (!piece.starts_with(token.literal)) return bad(fmt::format("'{}' is missing", token.literal));
      piece.remove_prefix(token.literal.size());
      continue;
    }
    size_t size = token.width > 0 ? token.width : piece.size();
    if (token.width == 0 && i + 1 < format_.size()) size = piece.find(format_[i + 1].literal);
    if (size == std::string_view::npos) return bad(fmt::format("nothing ends %{}", token.field));
    if (size > piece.size()) return bad(fmt::format("too short for %{}", token.field));
    if (!store(token, std::string(piece.substr(0, size)), record))
      return bad(fmt::format("no valid %{}", token.field));
    piece.remove_prefix(size);
  }
  if (!piece.empty()) return bad("more than the format has");
  return record;
}

Result<InputRecord> RecordReader::read_fields() {
  InputRecord record;
  std::array<std::optional<size_t>, 128> lengths;  // by the letter of the field they belong to
  for (size_t i = 0; i < format_.size(); ++i) {
    const FormatToken& token = format_[i];
    if (token.field == 0) {
      TRIBUTARY_TRY(read_literal(token.literal));
      continue;
    }
    const auto length =
        token.width > 0 ? std::optional(token.width) : lengths[static_cast<uint8_t>(token.field)];
    const bool delimited = !length && i + 1 < format_.size();
    auto text = length      ? read_exactly(*length)
                : delimited ? read_until(format_[++i].literal, EndOfInput::kRefused)
                            : read_until("", EndOfInput::kAllowed);
    TRIBUTARY_TRY(text);
    if (is_length(token)) {
      const auto number = number_of(token, *text);
      if (!number || *number < 0) return bad(fmt::format("no valid %{}", token.field));
      lengths[static_cast<uint8_t>(measured_by(token.field))] = static_cast<size_t>(*number);
    } else if (!store(token, std::move(*text), record)) {
      return bad(fmt::format("no valid %{}", token.field));
    }
  }
  return record;
}

Result<std::string> RecordReader::read_exactly(size_t size) {
  if (size > max_bytes_)
    return bad(fmt::format("a field of {} bytes, at most {} are taken", size, max_bytes_));
  std::string bytes(size, '\0');
  in_->read(bytes.data(), static_cast<std::streamsize>(size));
  if (static_cast<size_t>(in_->gcount()) != size) return bad("the input ends within it");
  return bytes;
}

Result<std::string> RecordReader::read_until(std::string_view delimiter, EndOfInput end) {
  std::string bytes;
  std::streambuf& buffer = *in_->rdbuf();
  for (;;) {
    const auto c = buffer.sbumpc();
    if (c == std::istream::traits_type::eof()) {
      if (end == EndOfInput::kAllowed) return bytes;
      return bad("the input ends within it");
    }
    bytes += static_cast<char>(c);
    if (!delimiter.empty() && bytes.ends_with(delimiter)) {
      bytes.resize(bytes.size() - delimiter.size());
      return bytes;
    }
    if (bytes.size() > max_bytes_ + delimiter.size())
      return bad(fmt::format("longer than {} bytes", max_bytes_));
  }
}

Status RecordReader::read_literal(std::string_view literal) {
  TRIBUTARY_ASSIGN(const std::string found, read_exactly(literal.size()));
  if (found != literal) return bad(fmt::format("'{}' is missing", literal));
  return {};
}

}  // namespace tributary::cli
