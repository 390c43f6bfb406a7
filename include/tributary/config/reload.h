// What a reload (SIGHUP) would change.
#pragma once
#include <string>
#include <vector>

#include "tributary/config/values.h"

namespace tributary::config {

struct Changes {
  std::vector<std::string> reloadable;    // take the new value at once
  std::vector<std::string> need_restart;  // keep the old one until then
};

// The settings whose values differ; both sides have been loaded without error.
Changes changes_between(const Values& before, const Values& after);
// What holds from now on: `before`, but for what may change at run time, which is as in `after`.
Values take_over(const Values& before, const Values& after);

}  // namespace tributary::config
