// Names of a partition directory's files: a segment's base offset in 20 digits, then what the file is.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "tributary/base/ids.h"
#include "tributary/base/uuid.h"
#include "tributary/storage/log.h"

namespace tributary::storage {

inline constexpr std::string_view kLogSuffix = ".log";
inline constexpr std::string_view kOffsetIndexSuffix = ".index";
inline constexpr std::string_view kTimeIndexSuffix = ".timeindex";
inline constexpr std::string_view kTxnIndexSuffix = ".txnindex";
inline constexpr std::string_view kSnapshotSuffix = ".snapshot";
inline constexpr std::string_view kDeletedSuffix = ".deleted";
inline constexpr std::string_view kCleanedSuffix = ".cleaned";
inline constexpr std::string_view kSwapSuffix = ".swap";

std::string join_path(std::string_view directory, std::string_view name);
// The directory a path lies in; "." if it names none.
std::string parent_path(std::string_view path);
std::string segment_path(std::string_view directory, Offset base, std::string_view suffix);

// TOPIC-N.UNIQUE with `what` behind it; the topic's name is cut where that is too long for a file name.
std::string renamed_directory(const TopicPartition& name, const Uuid& unique, std::string_view what);

// "00000000000000000042.log" gives {42, ".log"}; the suffix is all from the first dot. Null for other names.
struct SegmentName {
  Offset base;
  std::string_view suffix;
};
std::optional<SegmentName> parse_segment_name(std::string_view name);

}  // namespace tributary::storage
