// Texts made from the table.
#pragma once
#include <string>

#include "tributary/config/values.h"

namespace tributary::config {

// YAML that loads again: each active setting with its default, commented by its sentence. Ends in a newline.
std::string print_defaults();

// "name = value  # origin" for every setting that differs from its default; secrets show as [hidden].
std::string print_effective(const Values& values);

// docs/configuration.md.
std::string config_docs_markdown();

}  // namespace tributary::config
