// The operator's program: parses the command line, runs the verb, and returns the exit code that docs/cli.md
// lists.
#pragma once

namespace tributary::cli {

int run(int argc, char** argv);

}  // namespace tributary::cli
