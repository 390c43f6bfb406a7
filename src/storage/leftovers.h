// What interrupted deletions and cleanings leave in a partition directory.
#pragma once
#include <string>
#include <vector>

#include "tributary/storage/file_system.h"

namespace tributary::storage {

// Removes *.deleted and *.cleaned files, finishes swaps that can be finished, removes indexes without a log.
// Gives the names that are there afterwards.
Result<std::vector<std::string>> clear_leftovers(FileSystem& fs, const std::string& directory);

}  // namespace tributary::storage
