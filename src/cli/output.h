// Where a verb's results go: data to stdout as tables or JSON, what failed to stderr. Nothing else is written
// to stdout. One thread.
#pragma once
#include <nlohmann/json.hpp>
#include <string_view>

#include "table.h"
#include "tributary/base/result.h"
#include "tributary/wire/error_code.h"

namespace tributary::cli {

using Json = nlohmann::ordered_json;

// What the process ends with.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;       // a request failed, or a part of it
inline constexpr int kExitUsage = 2;        // the command line is wrong
inline constexpr int kExitUnreachable = 3;  // no broker could be reached

int exit_code_of(const Error& error);

class Output {
 public:
  enum class Form { kTable, kJson };

  void set_form(Form form) { form_ = form; }
  bool json() const { return form_ == Form::kJson; }

  void print(std::string_view text);
  void print(const Table& table) { print(table.to_string()); }
  void print_json(const Json& json);
  // The same facts in the form that was asked for; a table without rows is left out.
  void show(const Table& table, const Json& json);
  // A heading over a part of a table output, with an empty line before all but the first.
  void section(std::string_view title);

  // A part that failed: "what: NAME: message" on stderr, and the process will not end with 0.
  void failure(std::string_view what, wire::ErrorCode code, std::string_view message = {});
  void failure(std::string_view what, std::string_view message);
  // A remark on stderr.
  void note(std::string_view text);

  bool failed() const { return failed_; }
  // False once stdout cannot be written, as when the reader of a pipe has gone.
  bool writable() const { return writable_; }
  void flush();

 private:
  Form form_ = Form::kTable;
  bool failed_ = false;
  bool writable_ = true;
  bool in_sections_ = false;
};

// null for no error, else its name.
Json error_json(wire::ErrorCode code);
// {"error": NAME or null, "message": text or null}, appended to what is there.
void put_error(Json& json, wire::ErrorCode code, std::string_view message);

}  // namespace tributary::cli
