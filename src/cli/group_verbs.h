// `tributary group ...`. A returned error means that nothing (more) was done; groups and partitions that
// failed by themselves are reported and do not stop the others.
#pragma once
#include <string>
#include <vector>

#include "session.h"

namespace tributary::cli {

struct GroupListOptions {
  std::string states, types;  // lists with commas
};
Status group_list(Session& session, const GroupListOptions& options);

struct GroupNames {
  std::vector<std::string> names;
  bool regex = false;
};

struct GroupDescribeOptions {
  GroupNames groups;
  bool summary = false, members = false, offsets = false;  // none of them: summary and offsets
};
Status group_describe(Session& session, const GroupDescribeOptions& options);

struct GroupDeleteOptions {
  GroupNames groups;
};
Status group_delete(Session& session, const GroupDeleteOptions& options);

struct GroupOffsetDeleteOptions {
  std::string group;
  std::vector<std::string> topics;  // topic or topic:0,1
};
Status group_offset_delete(Session& session, const GroupOffsetDeleteOptions& options);

struct GroupSeekOptions {
  std::string group;
  std::string to;  // start, end, +N, -N, @TIME or a bare time
  std::string to_file;
  std::string to_group;
  int64_t to_offset = -1;
  std::string shift_by;  // N or -N from where the group is
  bool to_earliest = false, to_latest = false;
  std::string to_datetime;
  std::vector<std::string> topics;  // topic or topic:0,1
  bool dry_run = false;
};
Status group_seek(Session& session, const GroupSeekOptions& options);

}  // namespace tributary::cli
