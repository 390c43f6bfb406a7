#include "commands.h"
#include "config_verbs.h"

namespace tributary::cli {
namespace {

void add_target(CLI::App& command, ConfigTarget& target) {
  CLI::App& group = *command.add_option_group("resource", "Whose configuration");
  add_list(group, "--topic", target.topics, "TOPIC", "Of this topic");
  group.add_option("--broker", target.brokers, "Of this broker alone")
      ->type_name("ID")
      ->allow_extra_args(false);
  group.add_flag("--broker-defaults,--cluster", target.defaults, "The dynamic defaults of all brokers");
  CLI::App& kafka = *group.add_option_group("");
  kafka.add_option("--entity-type", target.entity_type, "As in kafka-configs.sh")
      ->type_name("topics|brokers");
  kafka.add_option("--entity-name", target.entity_name, "As in kafka-configs.sh")->type_name("NAME");
  group.require_option(1, 2);
}

}  // namespace

void add_config_commands(CLI::App& program, Session& session) {
  CLI::App& config = *program.add_subcommand("config", "Configuration of topics and brokers");
  config.require_subcommand(1);

  CLI::App& list = *config.add_subcommand("list", "What is set")->alias("ls")->alias("describe");
  auto& listing = bind(list, session, config_list);
  add_target(list, listing.target);
  list.add_flag("-a,--all", listing.all, "Defaults too");

  CLI::App& get = *config.add_subcommand("get", "Values, and where each comes from");
  auto& getting = bind(get, session, config_get);
  add_target(get, getting.target);
  get.add_option("keys", getting.keys, "Names of settings")->type_name("KEY")->required();

  CLI::App& set = *config.add_subcommand("set", "Change settings")->alias("alter");
  auto& setting = bind(set, session, config_set);
  add_target(set, setting.target);
  set.add_option("settings,--add-config", setting.items, "key=value")->type_name("KEY=VALUE")->required();
  set.add_flag("-d,--dry,--dry-run", setting.dry_run, "Only check whether it could be done");

  CLI::App& unset = *config.add_subcommand("unset", "Settings back to what holds without them");
  auto& unsetting = bind(unset, session, config_unset);
  add_target(unset, unsetting.target);
  unset.add_option("keys,--delete-config", unsetting.items, "Names of settings")
      ->type_name("KEY")
      ->required();
  unset.add_flag("-d,--dry,--dry-run", unsetting.dry_run, "Only check whether it could be done");
}

}  // namespace tributary::cli
