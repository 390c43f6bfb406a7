#include "output.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "kafka_error.h"
#include "text.h"

namespace tributary::cli {

int exit_code_of(const Error& error) {
  if (error.code == Errc::kInvalidArgument) return kExitUsage;
  return error.code == Errc::kIo ? kExitUnreachable : kExitFailed;
}

void Output::print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) flush();
}

void Output::print_json(const Json& json) {
  print(json.dump(2, ' ', false, Json::error_handler_t::replace));
  print("\n");
}

void Output::show(const Table& table, const Json& json) {
  if (this->json()) {
    print_json(json);
  } else if (!table.empty()) {
    print(table);
  }
}

void Output::section(std::string_view title) {
  if (std::exchange(in_sections_, true)) print("\n");
  print(fmt::format("{}\n{}\n", title, std::string(title.size(), '=')));
}

void Output::failure(std::string_view what, wire::ErrorCode code, std::string_view message) {
  failure(what, describe(code, message));
}

void Output::failure(std::string_view what, std::string_view message) {
  failed_ = true;
  flush();
  fmt::print(stderr, "tributary: {}\n", printable(fmt::format("{}: {}", what, message)));
}

void Output::note(std::string_view text) {
  flush();
  fmt::print(stderr, "{}\n", text);
}

// A reader that has read enough is no failure.
void Output::flush() {
  std::fflush(stdout);
  if (std::ferror(stdout) == 0 || !std::exchange(writable_, false) || errno == EPIPE) return;
  failed_ = true;
  fmt::print(stderr, "tributary: standard output: {}\n", std::strerror(errno));
}

Json error_json(wire::ErrorCode code) {
  return code == wire::ErrorCode::kNone ? Json(nullptr) : Json(wire::error_name(code));
}

void put_error(Json& json, wire::ErrorCode code, std::string_view message) {
  json["error"] = error_json(code);
  json["message"] = message.empty() ? Json(nullptr) : Json(message);
}

}  // namespace tributary::cli
