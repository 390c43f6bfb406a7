// The YAML loader takes any text: it gives values or errors, never crashes, never hangs.
#include "tributary/config/load.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tributary;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const config::Surroundings surroundings{[&](const std::string&) -> Result<std::string> { return text; },
                                          [](const std::string& name) { return std::optional(name); }};
  const auto result =
      config::load({.yaml_files = {"f"}, .properties_files = {}, .overrides = {}}, surroundings);
  static_cast<void>(config::describe(result.errors));
  return 0;
}
