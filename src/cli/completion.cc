#include "completion.h"

#include <algorithm>

#include "text.h"

namespace tributary::cli {
namespace {

const CLI::Option* find_option(const CLI::App& app, const std::string& word) {
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
    if (const CLI::Option* option = at->get_option_no_throw(word)) return option;
    for (const CLI::App* group :
         at->get_subcommands([](const CLI::App* sub) { return sub->get_name().empty(); })) {
      if (const CLI::Option* option = group->get_option_no_throw(word)) return option;
    }
  }
  return nullptr;
}

const CLI::App* find_command(const CLI::App& app, const std::string& word) {
  for (const CLI::App* sub : app.get_subcommands(nullptr)) {
    if (!sub->get_name().empty() && sub->check_name(word)) return sub;
  }
  return nullptr;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

// By the name of its type: TOPIC, GROUP, or words with bars between.
void complete_value(const CLI::Option& option, Completion& completion) {
  const std::string type = option.get_type_name();
  if (type == "TOPIC") completion.names = Completion::Names::kTopics;
  if (type == "GROUP") completion.names = Completion::Names::kGroups;
  if (type.find('|') != std::string::npos) completion.words = split(type, '|');
}

void add_options(const CLI::App& app, std::vector<std::string>& words) {
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
  }
  for (const CLI::App* group :
       app.get_subcommands([](const CLI::App* sub) { return sub->get_name().empty(); })) {
    add_options(*group, words);
  }
}

struct Position {
  const CLI::App* command;
  const CLI::Option* awaiting;  // the option whose value comes next; null if none
  std::string brokers;
  std::string wrong;  // the first word where a verb should be and is none
};

bool has_verbs(const CLI::App& app) {
  return std::ranges::any_of(app.get_subcommands(nullptr),
                             [](const auto* sub) { return !sub->get_name().empty(); });
}

std::vector<std::string> verbs_of(const CLI::App& app) {
  std::vector<std::string> verbs;
  for (const CLI::App* sub : app.get_subcommands(nullptr)) {
    if (!sub->get_name().empty()) verbs.push_back(sub->get_name());
  }
  return verbs;
}

// Follows all the words but the last.
Position walk(const CLI::App& program, const std::vector<std::string>& words) {
  Position at{&program, nullptr, {}, {}};
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string& word = words[i];
    if (at.awaiting != nullptr) {
      if (at.awaiting->check_lname("brokers")) at.brokers = word;
      at.awaiting = nullptr;
    } else if (word.starts_with('-')) {
      const CLI::Option* option = find_option(*at.command, word);
      if (option != nullptr && takes_value(*option)) at.awaiting = option;
    } else if (const CLI::App* sub = find_command(*at.command, word)) {
      at.command = sub;
    } else if (at.wrong.empty() && has_verbs(*at.command)) {
      at.wrong = word;
    }
  }
  return at;
}

// The words come from the line itself, for bash splits them at colons; compgen -W is not used, for it would
// run what a group's name holds.
constexpr std::string_view kBash = R"sh(_tributary() {
  local line=${COMP_LINE:0:COMP_POINT} words candidate
  read -ra words <<< "$line"
  [[ $line != *[[:space:]] ]] || words+=("")
  COMPREPLY=()
  while IFS= read -r candidate; do
    [[ $candidate != "${words[-1]}"* ]] || COMPREPLY+=("$(printf %q "$candidate")")
  done < <("${COMP_WORDS[0]}" __complete "${words[@]:1}" 2>/dev/null)
}
complete -o default -F _tributary tributary
)sh";

constexpr std::string_view kZsh = R"sh(#compdef tributary
_tributary() {
  local -a candidates
  candidates=("${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  candidates=("${(@)candidates:#}")
  if (( ${#candidates} )); then compadd -- "${candidates[@]}"; else _files; fi
}
if [ "$funcstack[1]" = _tributary ]; then _tributary "$@"; else compdef _tributary tributary; fi
)sh";

constexpr std::string_view kFish = R"sh(function __tributary_complete
  set -l words (commandline -opc) (commandline -ct)
  $words[1] __complete $words[2..-1] 2>/dev/null
end
complete -c tributary -f -a '(__tributary_complete)'
)sh";

}  // namespace

Completion complete(const CLI::App& program, const std::vector<std::string>& words) {
  Completion completion;
  const Position at = walk(program, words);
  completion.brokers = at.brokers;
  if (at.awaiting != nullptr) {
    complete_value(*at.awaiting, completion);
  } else if (!words.empty() && words.back().starts_with('-')) {
    for (const CLI::App* app = at.command; app != nullptr; app = app->get_parent())
      add_options(*app, completion.words);
  } else {
    completion.words = verbs_of(*at.command);
    for (const CLI::Option* option : at.command->get_options()) {
      if (option->get_positional()) complete_value(*option, completion);
    }
  }
  return completion;
}

WrongVerb find_wrong_verb(const CLI::App& program, const std::vector<std::string>& words) {
  std::vector<std::string> all = words;
  all.emplace_back();
  const Position at = walk(program, all);
  std::string command;
  for (const CLI::App* app = at.command; app != nullptr; app = app->get_parent()) {
    if (!command.empty()) command.insert(0, 1, ' ');
    command.insert(0, app->get_name());
  }
  return {at.wrong, verbs_of(*at.command), std::move(command)};
}

std::string_view completion_script(std::string_view shell) {
  if (shell == "zsh") return kZsh;
  return shell == "fish" ? kFish : kBash;
}

}  // namespace tributary::cli
