// Shell completion. The scripts for the shells are thin: they hand the words of the command line back to the
// program
// (`tributary __complete WORD...`), and candidates come from the command tree, so that they cannot go out of
// step with it.
#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace tributary::cli {

inline constexpr std::string_view kCompleteVerb = "__complete";

struct Completion {
  enum class Names { kNone, kTopics, kGroups };
  std::vector<std::string> words;  // known already
  Names names = Names::kNone;      // to be asked of the cluster
  std::string brokers;             // as given on the command line so far; empty if not
};

// What may stand in place of the last of `words`, which may be empty; those before it are complete. Not
// filtered by how the last word begins.
Completion complete(const CLI::App& program, const std::vector<std::string>& words);

// Where a command line stops being one: at a word where a verb should be.
struct WrongVerb {
  std::string word;                // empty: all verbs are good
  std::vector<std::string> verbs;  // that could stand there
  std::string command;             // what was understood, as it was typed
};
WrongVerb find_wrong_verb(const CLI::App& program, const std::vector<std::string>& words);

// The script for bash, zsh or fish.
std::string_view completion_script(std::string_view shell);

}  // namespace tributary::cli
