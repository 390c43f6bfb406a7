#include "session.h"

#include "time_text.h"

namespace tributary::cli {

Status Session::open() {
  TRIBUTARY_ASSIGN(auto bootstrap, parse_addresses(options.brokers));
  TRIBUTARY_ASSIGN(const auto timeout, parse_duration(options.timeout));
  if (timeout < std::chrono::milliseconds(1) || timeout > std::chrono::hours(24)) {
    return fail(Errc::kInvalidArgument, "--timeout: from 1ms to 24h");
  }
  out.set_form(options.output == "json" ? Output::Form::kJson : Output::Form::kTable);
  cluster_ = std::make_unique<Cluster>(ClusterOptions{std::move(bootstrap), timeout, options.verbose});
  return {};
}

TimestampMs Session::now() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace tributary::cli
