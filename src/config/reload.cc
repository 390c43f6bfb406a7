#include "tributary/config/reload.h"

#include <set>

#include "collect.h"

namespace tributary::config {

Changes changes_between(const Values& before, const Values& after) {
  std::set<std::string_view> names;
  for (const Values* values : {&before, &after})
    for (const auto& [name, entry] : values->explicit_values()) names.insert(name);
  Changes changes;
  for (const std::string_view name : names) {
    const Setting* setting = setting_of(name);
    if (!setting || before.find(name) == after.find(name)) continue;
    (setting->reloadable ? changes.reloadable : changes.need_restart).emplace_back(name);
  }
  return changes;
}

Values take_over(const Values& before, const Values& after) {
  Values merged;
  const auto take = [&](const Values& from, bool reloadable) {
    for (const auto& [name, entry] : from.explicit_values()) {
      const Setting* setting = setting_of(name);
      if ((setting && setting->reloadable) == reloadable) merged.set(name, entry.value, entry.origin);
    }
  };
  take(before, false);
  take(after, true);
  return merged;
}

}  // namespace tributary::config
