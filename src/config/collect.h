// Where the loaders put what they find: checks a value against its row, keeps it or the error.
#pragma once
#include <string>
#include <string_view>

#include "tributary/config/load.h"
#include "tributary/config/setting.h"
#include "tributary/config/validate.h"

namespace tributary::config {

// The row of a name, also of one behind listener.name.<l>.; null when unknown.
const Setting* setting_of(std::string_view name);

class Collector {
 public:
  explicit Collector(LoadResult& result) : result_(result) {}

  // Of each kind a hundred are kept; then one says that there are more.
  void error(std::string where, std::string text);
  void warn(std::string_view where, std::string_view text);

  // `unknown setting "x"; did you mean "y"?`
  std::string unknown_setting(std::string_view name) const;

  // Normalises and keeps the value of a known setting.
  void assign(std::string_view name, const Setting& setting, std::string_view value, Syntax syntax,
              Origin origin);

 private:
  // So many messages that looking for suggestions is not worth its while.
  bool full() const;

  LoadResult& result_;
};

// The loaders of each form; `path` is what errors name.
void load_yaml(const std::string& path, std::string_view text, const Surroundings& surroundings,
               Collector& collector);
void load_properties(const std::string& path, std::string_view text, Collector& collector);
void load_override(std::string_view assignment, Collector& collector);

}  // namespace tributary::config
