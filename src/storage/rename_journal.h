// Renames that are done together or taken back. One thread.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "tributary/storage/file_system.h"

namespace tributary::storage {

class RenameJournal {
 public:
  explicit RenameJournal(FileSystem& fs) : fs_(fs) {}

  Status rename(std::string from, std::string to) {
    TRIBUTARY_TRY(fs_.rename(from, to));
    done_.emplace_back(std::move(from), std::move(to));
    return {};
  }
  // The last one first; stops at the first that cannot be taken back.
  Status undo() {
    for (; !done_.empty(); done_.pop_back())
      TRIBUTARY_TRY(fs_.rename(done_.back().second, done_.back().first));
    return {};
  }

 private:
  FileSystem& fs_;
  std::vector<std::pair<std::string, std::string>> done_;
};

}  // namespace tributary::storage
