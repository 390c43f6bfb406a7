#include "program.h"

#include "commands.h"

namespace tributary::cli {

std::unique_ptr<CLI::App> make_program(Session& session) {
  auto program = std::make_unique<CLI::App>(
      "Operates Tributary, Apache Kafka and what speaks Kafka's protocol", "tributary");
  program->set_version_flag("--version", "tributary " TRIBUTARY_VERSION);
  program->fallthrough();  // global options may stand after the verb; verbs inherit it
  program->require_subcommand(1);
  GlobalOptions& options = session.options;
  program
      ->add_option("-X,--brokers,--bootstrap-server", options.brokers,
                   "Brokers to begin with; else $TRIBUTARY_BROKERS, else 127.0.0.1:9092")
      ->type_name("HOST:PORT,...")
      ->envname(kBrokersVariable);
  program->add_option("--output", options.output, "Form of the output")
      ->type_name("table|json")
      ->check(CLI::IsMember({"table", "json"}).description(""));
  program->add_option("--timeout", options.timeout, "How long a request may take, such as 500ms or 10s")
      ->type_name("DURATION");
  program->add_flag("-v,--verbose", options.verbose, "Say on standard error which requests are sent where");
  add_topic_commands(*program, session);
  add_group_commands(*program, session);
  add_config_commands(*program, session);
  add_produce_command(*program, session);
  add_consume_command(*program, session);
  add_cluster_commands(*program, session);
  add_completion_commands(*program, session);
  return program;
}

}  // namespace tributary::cli
