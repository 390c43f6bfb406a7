#include "checkpoint_text.h"

#include <fmt/format.h>

#include "number_text.h"

namespace tributary::storage {

namespace {

std::string_view take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

}  // namespace

Result<std::vector<std::string_view>> parse_checkpoint(std::string_view text) {
  // Without the last newline its last number may be cut off.
  if (!text.ends_with('\n')) return fail(Errc::kCorruption, "checkpoint does not end with a line");
  if (take_line(text) != "0") return fail(Errc::kCorruption, "checkpoint is not of version 0");
  const auto count = parse_number<size_t>(take_line(text));
  if (!count) return fail(Errc::kCorruption, "checkpoint has no count");
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (!line.empty()) lines.push_back(line);
  }
  if (lines.size() != count) return fail(Errc::kCorruption, "checkpoint has another count than entries");
  return lines;
}

std::string checkpoint_head(size_t count) { return fmt::format("0\n{}\n", count); }

std::vector<std::string_view> split_words(std::string_view line, size_t fields) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const size_t end = line.find(' ');
    if (end == 0 || words.size() == fields) return {};
    words.push_back(line.substr(0, end));
    line = end == std::string_view::npos ? std::string_view{} : line.substr(end + 1);
  }
  if (words.size() != fields) words.clear();
  return words;
}

}  // namespace tributary::storage
