// What lies in the directory of a partition, told without opening it as a log: nothing is recovered and
// nothing changes. Any thread; the caller sees to it that nobody writes meanwhile.
#pragma once
#include <functional>
#include <string>

#include "tributary/base/bytes.h"
#include "tributary/storage/file_system.h"

namespace tributary::storage {

struct PartitionSurvey {
  uint64_t bytes = 0;            // of all files
  size_t open_transactions = 0;  // as of the newest producer snapshot; of a clean log that is its end
};

Result<PartitionSurvey> survey_partition(FileSystem& fs, const std::string& directory);

// Visits the whole batches in order of offset; the rest of a segment behind a torn one is passed over.
Status visit_batches(FileSystem& fs, const std::string& directory,
                     const std::function<void(ByteView batch)>& visit);

}  // namespace tributary::storage
