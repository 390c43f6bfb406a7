#include "table.h"

#include <algorithm>

#include "text.h"

namespace tributary::cli {
namespace {

// Cells are counted in code points, good enough for the names that Kafka allows.
size_t width(std::string_view cell) {
  return static_cast<size_t>(std::ranges::count_if(cell, [](char c) { return (c & 0xc0) != 0x80; }));
}

bool is_number(std::string_view cell) {
  if (cell == "-") return true;
  if (cell.starts_with('-')) cell.remove_prefix(1);
  return !cell.empty() && cell.find_first_not_of("0123456789") == std::string_view::npos;
}

struct Column {
  size_t width;
  bool to_the_right;
};

void append_row(const std::vector<std::string>& row, const std::vector<Column>& columns, std::string& out) {
  const size_t begin = out.size();
  for (size_t i = 0; i < row.size(); ++i) {
    const std::string padding(columns[i].width - width(row[i]), ' ');
    if (i > 0) out += "  ";
    out += columns[i].to_the_right ? padding + row[i] : row[i] + padding;
  }
  out.resize(std::max(begin, out.find_last_not_of(' ') + 1));
  out += '\n';
}

}  // namespace

void Table::add(std::vector<std::string> row) {
  row.resize(header_.size());
  std::ranges::transform(row, row.begin(), printable);
  rows_.push_back(std::move(row));
}

std::string Table::to_string() const {
  std::vector<Column> columns;
  for (size_t i = 0; i < header_.size(); ++i) {
    Column column{width(header_[i]), !rows_.empty()};
    for (const auto& row : rows_) {
      column.width = std::max(column.width, width(row[i]));
      column.to_the_right = column.to_the_right && is_number(row[i]);
    }
    columns.push_back(column);
  }
  std::string out;
  append_row(header_, columns, out);
  for (const auto& row : rows_) append_row(row, columns, out);
  return out;
}

std::string to_lines(const std::vector<std::pair<std::string, std::string>>& facts) {
  size_t longest = 0;
  for (const auto& [name, value] : facts) longest = std::max(longest, width(name));
  std::string out;
  for (const auto& [name, value] : facts) {
    out += name + std::string(longest - width(name) + 2, ' ') + printable(value) + '\n';
  }
  return out;
}

}  // namespace tributary::cli
