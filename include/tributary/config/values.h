// Values: every setting with its value and where that value came from. Values in here have passed the check
// of their row and are in plain form: sizes in bytes, times in the row's unit, lists joined by commas.
//
// A value type without locks: loaded by main before any thread starts, then shared as const.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tributary::config {

enum class Source : uint8_t {
  kDefault,
  kYaml,
  kProperties,
  kCommandLine,
  kDynamic,  // the cluster's metadata; set by whoever overlays it, never by the loader
};

struct Origin {
  Source source = Source::kDefault;
  std::string where;  // "region.yaml:14:9", "server.properties:3", "--set"
};

class Values {
 public:
  // The value, its default if it is not set; nullopt when it is null. Asserts on a name that is not in the
  // table; listener.name.<l>.<key> falls back to <key>.
  std::optional<std::string> find(std::string_view name) const;
  std::string get_string(std::string_view name) const;  // "" for null
  int64_t get_long(std::string_view name) const;        // of any integer type; asserts that there is a value
  int32_t get_int(std::string_view name) const;
  double get_double(std::string_view name) const;
  bool get_bool(std::string_view name) const;
  std::vector<std::string> get_list(std::string_view name) const;  // elements trimmed; empty for "" and null

  bool is_set(std::string_view name) const;  // by anything but the default
  Origin origin(std::string_view name) const;

  // A value in plain form that has been checked; a later one wins.
  void set(std::string_view name, std::string value, Origin origin);

  struct Entry {
    std::string value;
    Origin origin;
  };
  const std::map<std::string, Entry, std::less<>>& explicit_values() const { return entries_; }

 private:
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace tributary::config
