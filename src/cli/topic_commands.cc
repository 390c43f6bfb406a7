#include "commands.h"
#include "topic_verbs.h"

namespace tributary::cli {
namespace {

// Topics as arguments, as --topic, or both.
void add_names(CLI::App& command, TopicNames& topics) {
  command.add_option("topics,--topic", topics.names, "Topics")->type_name("TOPIC")->required();
}
void add_names_or_regex(CLI::App& command, TopicNames& topics) {
  add_names(command, topics);
  command.add_flag("-r,--regex", topics.regex, "Topics are regular expressions for whole names");
}

void add_create(CLI::App& topic, Session& session) {
  CLI::App& command = *topic.add_subcommand("create", "Create topics");
  auto& options = bind(command, session, topic_create);
  add_names(command, options.topics);
  command
      .add_option("-p,--partitions", options.partitions,
                  "Partitions of each topic; else the broker's default")
      ->check(CLI::PositiveNumber);
  command
      .add_option("-r,--replicas,--replication-factor", options.replicas,
                  "Replicas of each partition; else the broker's default")
      ->check(CLI::PositiveNumber);
  add_list(command, "-c,--config,--topic-config", options.configs, "KEY=VALUE",
           "Configuration of the topics");
  command.add_flag("--if-not-exists", options.if_not_exists, "A topic that exists is no error");
  command.add_flag("-d,--dry,--dry-run", options.dry_run, "Only check whether it could be done");
}

void add_list_and_describe(CLI::App& topic, Session& session) {
  CLI::App& list = *topic.add_subcommand("list", "List topics")->alias("ls");
  auto& listing = bind(list, session, topic_list);
  list.add_option("topics,--topic", listing.topics.names, "Only these")->type_name("TOPIC");
  list.add_flag("-r,--regex", listing.topics.regex, "Topics are regular expressions for whole names");
  list.add_flag("-i,--internal", listing.internal, "Internal topics too");

  CLI::App& describe = *topic.add_subcommand("describe", "Partitions, offsets and configuration of topics");
  auto& options = bind(describe, session, topic_describe);
  add_names_or_regex(describe, options.topics);
  describe.add_flag("-s,--summary,--print-summary", options.summary, "Only the summary");
  describe.add_flag("-c,--configs,--print-configs", options.configs, "Only the configuration");
  describe.add_flag("-p,--partitions,--print-partitions", options.partitions, "Only the partitions");
  describe.add_flag("-a,--all-configs", options.all_configs, "Configuration with its defaults");
}

void add_delete(CLI::App& topic, Session& session) {
  CLI::App& command = *topic.add_subcommand("delete", "Delete topics and all their records")->alias("rm");
  auto& options = bind(command, session, topic_delete);
  add_names_or_regex(command, options.topics);
  command.add_flag("--if-exists", options.if_exists, "A topic that does not exist is no error");
}

void add_alter_config(CLI::App& topic, Session& session) {
  CLI::App& command = *topic.add_subcommand("alter-config", "Change the configuration of topics");
  auto& options = bind(command, session, topic_alter_config);
  add_names_or_regex(command, options.topics);
  add_list(command, "-s,--set,--add-config", options.set, "KEY=VALUE", "Set");
  add_list(command, "-d,--delete,--delete-config", options.remove, "KEY", "Back to the default");
  add_list(command, "--append", options.append, "KEY=VALUE", "Add to a list");
  add_list(command, "--subtract", options.subtract, "KEY=VALUE", "Take from a list");
  command.add_flag("--dry,--dry-run", options.dry_run, "Only check whether it could be done");
}

void add_add_partitions(CLI::App& topic, Session& session) {
  CLI::App& command = *topic.add_subcommand("add-partitions", "Give topics more partitions");
  auto& options = bind(command, session, topic_add_partitions);
  add_names(command, options.topics);
  auto* count = command.add_option_group("count");
  count->add_option("-n,--num", options.add, "So many more")->check(CLI::PositiveNumber);
  count->add_option("-p,--partitions", options.total, "So many in all")->check(CLI::PositiveNumber);
  count->require_option(1);
  command.add_flag("-d,--dry,--dry-run", options.dry_run, "Only check whether it could be done");
}

void add_trim_prefix(CLI::App& topic, Session& session) {
  CLI::App& command = *topic.add_subcommand("trim-prefix", "Delete the records before an offset");
  auto& options = bind(command, session, topic_trim_prefix);
  add_names(command, options.topics);
  command.add_option("-o,--offset", options.offset, "First record that stays: N, end, +N, -N or @TIME")
      ->type_name("OFFSET")
      ->required();
  command.add_option("-p,--partitions", options.partitions, "Only these, such as 0,1; else all")
      ->type_name("LIST");
  command.add_flag("--no-confirm", options.no_confirm, "Do not ask");
  command.add_flag("-d,--dry,--dry-run", options.dry_run, "Only show what would be deleted");
}

}  // namespace

void add_topic_commands(CLI::App& program, Session& session) {
  CLI::App& topic = *program.add_subcommand("topic", "Create, describe, change and delete topics");
  topic.require_subcommand(1);
  add_create(topic, session);
  add_list_and_describe(topic, session);
  add_delete(topic, session);
  add_alter_config(topic, session);
  add_add_partitions(topic, session);
  add_trim_prefix(topic, session);
}

}  // namespace tributary::cli
