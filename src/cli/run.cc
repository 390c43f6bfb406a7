#include "tributary/cli/run.h"

#include <fmt/format.h>

#include "commands.h"
#include "completion.h"
#include "groups.h"
#include "program.h"
#include "text.h"

namespace tributary::cli {
namespace {

int finish(Session& session, const Status& status) {
  session.out.flush();
  if (!status) {
    fmt::print(stderr, "tributary: {}\n", printable(status.error().message));
    return exit_code_of(status.error());
  }
  return session.out.failed() ? kExitFailed : kExitOk;
}

Status print_names(Session& session, Completion::Names names) {
  TRIBUTARY_TRY(session.open());
  if (names == Completion::Names::kTopics) {
    TRIBUTARY_ASSIGN(const Metadata all, session.cluster().metadata(std::nullopt));
    for (const TopicInfo& topic : all.topics) session.out.print(printable(topic.name) + "\n");
  } else if (names == Completion::Names::kGroups) {
    TRIBUTARY_ASSIGN(const auto groups, list_groups(session, {}));
    for (const ListedGroup& group : groups) session.out.print(printable(group.name) + "\n");
  }
  return {};
}

// What is wrong with the command line. For a verb that does not exist the library says that one is missing.
std::string explain(const CLI::App& program, const CLI::ParseError& error,
                    const std::vector<std::string>& words) {
  const WrongVerb wrong = find_wrong_verb(program, words);
  std::string text = error.what();
  if (!wrong.word.empty()) text = fmt::format("there is no verb '{}'", wrong.word);
  if (const auto other = nearest(wrong.word, wrong.verbs)) text += fmt::format("; is '{}' meant?", *other);
  return fmt::format("{}\nsee {} --help", text, wrong.command);
}

// Completion must neither hang nor talk: what cannot be had quickly is not offered.
int run_completion(const CLI::App& program, Session& session, const std::vector<std::string>& words) {
  const Completion completion = complete(program, words);
  for (const std::string& word : completion.words) session.out.print(word + "\n");
  const char* from_environment = std::getenv(kBrokersVariable);
  if (from_environment != nullptr && *from_environment != '\0') session.options.brokers = from_environment;
  if (!completion.brokers.empty()) session.options.brokers = completion.brokers;
  session.options.timeout = "1s";
  static_cast<void>(print_names(session, completion.names));
  session.out.flush();
  return kExitOk;
}

}  // namespace

int run(int argc, char** argv) {
  Session session;
  const auto program = make_program(session);
  if (argc > 1 && kCompleteVerb == argv[1]) {
    return run_completion(*program, session, std::vector<std::string>(argv + 2, argv + argc));
  }
  try {
    program->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return program->exit(error);  // --help and --version
    fmt::print(stderr, "tributary: {}\n", explain(*program, error, {argv + 1, argv + argc}));
    return kExitUsage;
  }
  const Status opened = session.open();
  return finish(session, opened ? session.verb(session) : opened);
}

}  // namespace tributary::cli
