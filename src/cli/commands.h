// The command tree: each function adds a group of verbs with their options to the program. What a verb does
// is in the file of that name. The name of an option's type tells completion what to offer: TOPIC, GROUP, or
// words with bars between.
#pragma once
#include <CLI/CLI.hpp>
#include <memory>

#include "session.h"

namespace tributary::cli {

void add_topic_commands(CLI::App& program, Session& session);
void add_group_commands(CLI::App& program, Session& session);
void add_config_commands(CLI::App& program, Session& session);
void add_cluster_commands(CLI::App& program, Session& session);
void add_produce_command(CLI::App& program, Session& session);
void add_consume_command(CLI::App& program, Session& session);
void add_completion_commands(CLI::App& program, Session& session);

// Options that live as long as the command, and the verb to run with them when the command line chooses it.
template <typename Options>
Options& bind(CLI::App& command, Session& session, Status (*verb)(Session&, const Options&)) {
  auto options = std::make_shared<Options>();
  command.callback([&session, options, verb] {
    session.verb = [options, verb](Session& running) { return verb(running, *options); };
  });
  return *options;
}

// An option with one value that may be given several times.
inline CLI::Option* add_list(CLI::App& command, const std::string& names, std::vector<std::string>& values,
                             const std::string& type, const std::string& description) {
  return command.add_option(names, values, description)->type_name(type)->allow_extra_args(false);
}

}  // namespace tributary::cli
