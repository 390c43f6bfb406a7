#include "commands.h"
#include "completion.h"

namespace tributary::cli {
namespace {

struct CompletionOptions {
  std::string shell;
};

Status print_script(Session& session, const CompletionOptions& options) {
  session.out.print(completion_script(options.shell));
  return {};
}

}  // namespace

void add_completion_commands(CLI::App& program, Session& session) {
  CLI::App& command = *program.add_subcommand("completion", "Print the completion script of a shell");
  auto& options = bind(command, session, print_script);
  command.add_option("shell", options.shell, "The shell")
      ->type_name("bash|zsh|fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""));
  command.footer(
      "bash: source <(tributary completion bash)\n"
      "zsh:  source <(tributary completion zsh)\n"
      "fish: tributary completion fish | source");
}

}  // namespace tributary::cli
