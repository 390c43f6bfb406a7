// Tables for people: columns aligned with two spaces between them, numbers to the right, no colours. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace tributary::cli {

class Table {
 public:
  explicit Table(std::vector<std::string> header) : header_(std::move(header)) {}

  // As many cells as the header has. Control characters are shown as '?', so that a name cannot drive the
  // terminal.
  void add(std::vector<std::string> row);
  bool empty() const { return rows_.empty(); }
  // Lines that end in a newline each, the header first. A column is numeric if all its cells are numbers or
  // "-".
  std::string to_string() const;

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
};

// Name and value on a line each, values aligned.
std::string to_lines(const std::vector<std::pair<std::string, std::string>>& facts);

}  // namespace tributary::cli
