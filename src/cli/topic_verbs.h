// `tributary topic ...`: options and what each verb does. A returned error means that nothing (more) was
// done; items that failed by themselves are reported and do not stop the others.
#pragma once
#include <string>
#include <vector>

#include "session.h"

namespace tributary::cli {

struct TopicNames {
  std::vector<std::string> names;
  bool regex = false;
};

struct TopicCreateOptions {
  TopicNames topics;
  int32_t partitions = -1;  // -1: the broker's default
  int16_t replicas = -1;
  std::vector<std::string> configs;
  bool if_not_exists = false;
  bool dry_run = false;
};
Status topic_create(Session& session, const TopicCreateOptions& options);

struct TopicListOptions {
  TopicNames topics;
  bool internal = false;
};
Status topic_list(Session& session, const TopicListOptions& options);

struct TopicDescribeOptions {
  TopicNames topics;
  bool summary = false, configs = false, partitions = false;  // none of them: all three
  bool all_configs = false;
};
Status topic_describe(Session& session, const TopicDescribeOptions& options);

struct TopicDeleteOptions {
  TopicNames topics;
  bool if_exists = false;
};
Status topic_delete(Session& session, const TopicDeleteOptions& options);

struct TopicAlterOptions {
  TopicNames topics;
  std::vector<std::string> set, remove, append, subtract;
  bool dry_run = false;
};
Status topic_alter_config(Session& session, const TopicAlterOptions& options);

struct TopicAddPartitionsOptions {
  TopicNames topics;
  int32_t add = 0;    // so many more
  int32_t total = 0;  // or so many then
  bool dry_run = false;
};
Status topic_add_partitions(Session& session, const TopicAddPartitionsOptions& options);

struct TopicTrimOptions {
  TopicNames topics;
  std::string offset;
  std::string partitions;
  bool no_confirm = false;
  bool dry_run = false;
};
Status topic_trim_prefix(Session& session, const TopicTrimOptions& options);

}  // namespace tributary::cli
