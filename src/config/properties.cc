#include "properties.h"

namespace tributary::config {
namespace {

constexpr std::string_view kBlanks = " \t\f";

std::string_view skip_blanks(std::string_view text) {
  const size_t first = text.find_first_not_of(kBlanks);
  return first == std::string_view::npos ? std::string_view{} : text.substr(first);
}

bool ends_in_escape(std::string_view line) {
  const size_t last = line.find_last_not_of('\\');
  const size_t backslashes = line.size() - (last == std::string_view::npos ? 0 : last + 1);
  return backslashes % 2 == 1;
}

// Hands out natural lines without their ends (\n, \r\n or \r).
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  bool next(std::string_view& line) {
    if (rest_.empty()) return false;
    ++number_;
    const size_t end = std::min(rest_.find_first_of("\r\n"), rest_.size());
    line = rest_.substr(0, end);
    const bool pair = rest_.substr(end).starts_with("\r\n");
    rest_.remove_prefix(std::min(rest_.size(), end + (pair ? 2 : 1)));
    return true;
  }
  int number() const { return number_; }

 private:
  std::string_view rest_;
  int number_ = 0;
};

void append_utf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | code >> 6));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xE0 | code >> 12));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The four digits behind \u at `at`; false when they are none.
bool unicode_escape(std::string_view text, size_t at, uint32_t& code) {
  if (text.size() - at < 4) return false;
  code = 0;
  for (size_t i = at; i < at + 4; ++i) {
    const int digit = hex_digit(text[i]);
    if (digit < 0) return false;
    code = code << 4 | static_cast<uint32_t>(digit);
  }
  return true;
}

std::string unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      if (text[i] != '\\') out.push_back(text[i]);
      continue;
    }
    const char escaped = text[++i];
    constexpr std::string_view kFrom = "tnrf", kTo = "\t\n\r\f";
    uint32_t code = 0;
    if (const size_t which = kFrom.find(escaped); which != std::string_view::npos) {
      out.push_back(kTo[which]);
    } else if (escaped == 'u' && unicode_escape(text, i + 1, code)) {
      append_utf8(out, code);
      i += 4;
    } else {
      out.push_back(escaped);
    }
  }
  return out;
}

Property split(std::string_view line, int number) {
  size_t end = 0;
  while (end < line.size() && kBlanks.find(line[end]) == std::string_view::npos && line[end] != '=' &&
         line[end] != ':')
    end += line[end] == '\\' ? 2 : 1;
  end = std::min(end, line.size());
  std::string_view value = skip_blanks(line.substr(end));
  if (value.starts_with('=') || value.starts_with(':')) value = skip_blanks(value.substr(1));
  return {unescape(line.substr(0, end)), unescape(value), number};
}

}  // namespace

std::vector<Property> parse_properties(std::string_view text) {
  std::vector<Property> properties;
  Lines lines(text);
  for (std::string_view line; lines.next(line);) {
    line = skip_blanks(line);
    if (line.empty() || line[0] == '#' || line[0] == '!') continue;
    const int number = lines.number();
    std::string logical;
    while (ends_in_escape(line)) {
      logical.append(line.substr(0, line.size() - 1));
      if (!lines.next(line)) {
        line = {};
        break;
      }
      line = skip_blanks(line);
    }
    logical.append(line);
    properties.push_back(split(logical, number));
  }
  return properties;
}

}  // namespace tributary::config
