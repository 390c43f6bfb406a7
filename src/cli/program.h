// The whole command tree with the global options.
#pragma once
#include <CLI/CLI.hpp>
#include <memory>

#include "session.h"

namespace tributary::cli {

inline constexpr const char* kBrokersVariable = "TRIBUTARY_BROKERS";

// Parsing it fills session.options and session.verb; the session has to live as long.
std::unique_ptr<CLI::App> make_program(Session& session);

}  // namespace tributary::cli
