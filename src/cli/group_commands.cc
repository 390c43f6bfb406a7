#include "commands.h"
#include "group_verbs.h"

namespace tributary::cli {
namespace {

void add_names(CLI::App& command, GroupNames& groups) {
  command.add_option("groups,--group", groups.names, "Groups")->type_name("GROUP")->required();
  command.add_flag("-r,--regex", groups.regex, "Groups are regular expressions for whole names");
}

void add_list_and_describe(CLI::App& group, Session& session) {
  CLI::App& list = *group.add_subcommand("list", "List groups")->alias("ls");
  auto& listing = bind(list, session, group_list);
  list.add_option("-s,--states,--state", listing.states, "Only in these states, such as stable,empty")
      ->type_name("LIST");
  list.add_option("--types,--type", listing.types, "Only of these types: classic, consumer")
      ->type_name("LIST");

  CLI::App& describe = *group.add_subcommand("describe", "Members, offsets and lag of groups");
  auto& options = bind(describe, session, group_describe);
  add_names(describe, options.groups);
  describe.add_flag("-s,--summary,--print-summary", options.summary, "Only the summary");
  describe.add_flag("-m,--members", options.members, "Only the members");
  describe.add_flag("-c,--offsets,--print-commits", options.offsets, "Only offsets and lag");
}

void add_deletes(CLI::App& group, Session& session) {
  CLI::App& command = *group.add_subcommand("delete", "Delete groups and their offsets")->alias("rm");
  auto& options = bind(command, session, group_delete);
  add_names(command, options.groups);

  CLI::App& offsets = *group.add_subcommand("offset-delete", "Delete a group's offsets of some topics");
  auto& which = bind(offsets, session, group_offset_delete);
  offsets.add_option("group,--group", which.group, "The group")->type_name("GROUP")->required();
  add_list(offsets, "-t,--topic,--topics", which.topics, "TOPIC", "topic, or topic:0,1 for some partitions")
      ->required();
}

void add_seek(CLI::App& group, Session& session) {
  CLI::App& command =
      *group.add_subcommand("seek", "Set the offsets of a group that has no members")->alias("reset-offsets");
  auto& options = bind(command, session, group_seek);
  command.add_option("group,--group", options.group, "The group")->type_name("GROUP")->required();
  CLI::App& target = *command.add_option_group("target", "Where to; exactly one of these");
  target
      .add_option("--to", options.to,
                  "start, end, or a time: @-1h, 2024-05-01T10:00:00Z, seconds, milliseconds")
      ->type_name("start|end|TIME");
  target.add_option("--to-file,--from-file", options.to_file, "Lines of topic, partition, offset")
      ->type_name("FILE");
  target.add_option("--to-group", options.to_group, "To where another group is")->type_name("GROUP");
  target.add_option("--to-offset", options.to_offset, "To this offset, within what there is")
      ->check(CLI::NonNegativeNumber);
  target.add_option("--shift-by", options.shift_by, "By so many records, back if negative")->type_name("N");
  target.add_flag("--to-earliest", options.to_earliest, "As --to start");
  target.add_flag("--to-latest", options.to_latest, "As --to end");
  target.add_option("--to-datetime", options.to_datetime, "As --to with a time")->type_name("TIME");
  target.require_option(1);
  add_list(command, "-t,--topics,--topic", options.topics, "TOPIC",
           "Only topic, or topic:0,1; else all the group has offsets of");
  command.add_flag("-d,--dry,--dry-run", options.dry_run, "Only show what would be done");
}

}  // namespace

void add_group_commands(CLI::App& program, Session& session) {
  CLI::App& group = *program.add_subcommand("group", "Describe, seek and delete consumer groups");
  group.require_subcommand(1);
  add_list_and_describe(group, session);
  add_deletes(group, session);
  add_seek(group, session);
}

}  // namespace tributary::cli
