#include "properties.h"

#include <fmt/format.h>

#include <iterator>

namespace tributary::storage {

namespace {

constexpr std::string_view kSpace = " \t\f\r";

std::string_view trim_left(std::string_view text) {
  const size_t start = text.find_first_not_of(kSpace);
  return start == std::string_view::npos ? std::string_view{} : text.substr(start);
}

std::string unescape(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      plain.push_back(text[i]);
      continue;
    }
    const char next = text[++i];
    plain.push_back(next == 't' ? '\t' : next == 'n' ? '\n' : next == 'r' ? '\r' : next);
  }
  return plain;
}

// Where the key ends: at the first '=', ':' or blank that is not escaped.
size_t key_end(std::string_view line) {
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '=' || line[i] == ':' || kSpace.find(line[i]) != std::string_view::npos) {
      return i;
    }
  }
  return line.size();
}

std::string_view value_after(std::string_view rest) {
  rest = trim_left(rest);
  if (!rest.empty() && (rest.front() == '=' || rest.front() == ':')) rest = trim_left(rest.substr(1));
  return rest;
}

std::string escape(std::string_view text, bool is_key) {
  std::string escaped;
  for (const char c : text) {
    const bool special = c == '\\' || c == '=' || c == ':' || c == '#' || c == '!' || (is_key && c == ' ');
    if (special) escaped.push_back('\\');
    escaped.push_back(c);
  }
  return escaped;
}

}  // namespace

Properties parse_properties(std::string_view text) {
  Properties properties;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = trim_left(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#' || line.front() == '!') continue;
    const size_t split = key_end(line);
    properties[unescape(line.substr(0, split))] = unescape(value_after(line.substr(split)));
  }
  return properties;
}

std::string format_properties(const Properties& properties) {
  std::string text = "#\n";
  for (const auto& [key, value] : properties) {
    fmt::format_to(std::back_inserter(text), "{}={}\n", escape(key, true), escape(value, false));
  }
  return text;
}

}  // namespace tributary::storage
