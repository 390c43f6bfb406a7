// `partition.metadata`: the topic id a partition directory belongs to.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "tributary/base/uuid.h"
#include "tributary/storage/file_system.h"

namespace tributary::storage {

// nullopt if the file is missing or was torn by a crash. kUnsupported for a newer version.
Result<std::optional<Uuid>> read_partition_metadata(FileSystem& fs, const std::string& directory);
// Not synced: hands the file out to be.
Result<std::shared_ptr<File>> write_partition_metadata(FileSystem& fs, const std::string& directory,
                                                       const Uuid& topic_id);

}  // namespace tributary::storage
