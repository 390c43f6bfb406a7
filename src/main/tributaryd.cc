// tributaryd: reads the configuration, starts the broker and its admin port, waits for signals. Wiring only.
#include <pthread.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <filesystem>

#include "logging.h"
#include "signals.h"
#include "tributary/admin/http_server.h"
#include "tributary/broker/adopt_check.h"
#include "tributary/broker/broker.h"
#include "tributary/broker/protocol_docs.h"
#include "tributary/config/document.h"
#include "tributary/config/load.h"
#include "tributary/config/machine.h"
#include "tributary/config/reload.h"
#include "tributary/config/resolve.h"

namespace tributary {
namespace {

constexpr std::string_view kVersion = TRIBUTARY_VERSION;

struct Arguments {
  config::Sources sources;
  bool check_config = false;
  std::string adopt_check;
  bool print_defaults = false;
  bool print_docs = false;
  bool print_protocol = false;
  int ready_fd = -1;
};

// Nothing but a configuration error makes a restart pointless.
int exit_code_of(const Error& error) {
  return error.code == Errc::kInvalidArgument ? config::kExitConfigError : 1;
}

// As many descriptors as the hard limit allows; a partition takes a few, a connection one.
void raise_descriptor_limit() {
  constexpr rlim_t kWanted = 128 * 1024;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < kWanted) {
    spdlog::warn("the limit on open files is {}; {} are advised (ulimit -n, LimitNOFILE)", limit.rlim_cur,
                 kWanted);
  }
}

admin::HttpResponse set_log_level(const admin::HttpRequest& request) {
  const auto level = spdlog::level::from_str(request.body);
  if (level == spdlog::level::off && request.body != "off") {
    return {400, "text/plain; charset=utf-8", "expected trace, debug, info, warn, error, critical or off\n"};
  }
  spdlog::set_level(level);
  return {200, "text/plain; charset=utf-8", request.body + "\n"};
}

void add_routes(admin::HttpServer& http, broker::Broker& broker) {
  http.route("GET", "/metrics", [&](const auto&) {
    return admin::HttpResponse{200, "text/plain; version=0.0.4; charset=utf-8", broker.metrics()};
  });
  http.route("GET", "/healthz", [&](const auto&) {
    const bool alive = broker.alive();
    return admin::HttpResponse{alive ? 200u : 503u, "text/plain; charset=utf-8", alive ? "ok\n" : "stuck\n"};
  });
  http.route("GET", "/readyz", [&](const auto&) {
    const bool ready = broker.state() == broker::BrokerState::kServing;
    return admin::HttpResponse{ready ? 200u : 503u, "text/plain; charset=utf-8",
                               broker.describe_state() + "\n"};
  });
  http.route("GET", "/version", [](const auto&) {
    return admin::HttpResponse{200, "application/json", fmt::format("{{\"version\":\"{}\"}}\n", kVersion)};
  });
  http.route("GET", "/loglevel", [](const auto&) {
    const auto name = spdlog::level::to_string_view(spdlog::get_level());
    return admin::HttpResponse{200, "text/plain; charset=utf-8",
                               std::string(name.data(), name.size()) + "\n"};
  });
  http.route("PUT", "/loglevel", set_log_level);
}

void say_ready(int descriptor) {
  if (descriptor < 0) return;
  constexpr std::string_view kWord = "READY\n";
  if (write(descriptor, kWord.data(), kWord.size()) < 0)
    spdlog::warn("--ready-fd {} cannot be written", descriptor);
  close(descriptor);
}

// Takes over what may change while the process runs, and says what needs a restart.
void reload(const config::Sources& sources, const config::Values& started, broker::Broker& broker) {
  const auto loaded = config::load(sources, config::real_surroundings());
  if (!loaded.errors.empty()) {
    spdlog::error("configuration not reloaded:\n{}", config::describe(loaded.errors));
    return;
  }
  const auto changes = config::changes_between(started, loaded.values);
  spdlog::set_level(spdlog::level::from_str(loaded.values.get_string("logging.level")));
  broker.reload(loaded.values);
  spdlog::info(
      "configuration reloaded; unlike at the start: {}",
      changes.reloadable.empty() ? "nothing" : fmt::format("{}", fmt::join(changes.reloadable, ", ")));
  for (const auto& name : changes.need_restart)
    spdlog::warn("{} changed: it takes effect at the next start", name);
}

int run(const Arguments& arguments, const config::Values& values) {
  const SystemClock clock;
  raise_descriptor_limit();
  broker::Broker broker({&values, &clock, config::detect_machine(config::real_surroundings())});
  admin::HttpServer http;
  add_routes(http, broker);
  if (const std::string address = values.get_string("admin.listen"); !address.empty()) {
    if (Status bound = http.start(address); !bound) {
      spdlog::critical("{}", bound.error().message);
      return 1;
    }
    spdlog::info("admin port {}", http.port());
  }
  Signals signals([&] { broker.cancel_start(); });
  if (Status started = broker.start(); !started) {
    if (started.error().code == Errc::kCancelled) {
      spdlog::info("stopped before clients were served; logs not yet checked are at the next start");
      return 0;
    }
    spdlog::critical("{}", started.error().message);
    return exit_code_of(started.error());
  }
  spdlog::info("tributaryd {} ready on {}", kVersion, broker.bootstrap());
  say_ready(arguments.ready_fd);
  signals.wait_for_stop([&] { reload(arguments.sources, values, broker); });
  spdlog::info("stopping");
  broker.stop();
  http.stop();
  spdlog::info("stopped");
  return 0;
}

// DIR stands for log.dirs where the files name no other directories beside it.
int check_adoption(const Arguments& arguments) {
  config::Sources sources = arguments.sources;
  std::string directory = std::filesystem::absolute(arguments.adopt_check).lexically_normal();
  if (directory.size() > 1 && directory.ends_with('/')) directory.pop_back();
  auto loaded = config::load(sources, config::real_surroundings());
  const auto named = config::log_dirs(loaded.values);
  if (std::find(named.begin(), named.end(), directory) == named.end()) {
    sources.overrides.push_back("log.dirs=" + directory);
    loaded = config::load(sources, config::real_surroundings());
  }
  for (const auto& warning : loaded.warnings) fmt::print("{:<14}{}\n", "setting", warning);
  for (const auto& error : loaded.errors) fmt::print("{:<14}{}: {}\n", "refused", error.where, error.text);
  const SystemClock clock;
  const auto check = broker::check_adoption(loaded.values, clock);
  fmt::print("{}", check.text);
  return check.accepted && loaded.errors.empty() ? 0 : config::kExitConfigError;
}

int configure_and_run(const Arguments& arguments) {
  if (arguments.print_defaults) {
    fmt::print("{}", config::print_defaults());
    return 0;
  }
  if (arguments.print_docs) {
    fmt::print("{}", config::config_docs_markdown());
    return 0;
  }
  if (arguments.print_protocol) {
    fmt::print("{}", broker::protocol_docs_markdown());
    return 0;
  }
  if (!arguments.adopt_check.empty()) return check_adoption(arguments);
  auto loaded = config::load(arguments.sources, config::real_surroundings());
  if (!loaded.errors.empty()) {
    fmt::print(stderr, "tributaryd: configuration error\n{}", config::describe(loaded.errors));
    return config::kExitConfigError;
  }
  if (arguments.check_config) {
    for (const auto& warning : loaded.warnings) fmt::print(stderr, "warning: {}\n", warning);
    fmt::print("configuration is valid\n");
    return 0;
  }
  set_up_logging(loaded.values);
  for (const auto& warning : loaded.warnings) spdlog::warn("{}", warning);
  return run(arguments, loaded.values);
}

}  // namespace
}  // namespace tributary

int main(int argc, char** argv) {
  tributary::block_signals();
  tributary::Arguments arguments;
  CLI::App app{"A Kafka-compatible message broker"};
  app.set_version_flag("--version", std::string(tributary::kVersion));
  app.add_option("--config", arguments.sources.yaml_files, "YAML configuration; several are merged in order");
  app.add_option("--properties", arguments.sources.properties_files, "Kafka's server.properties");
  app.add_option("--set", arguments.sources.overrides, "one setting, as name=value; wins over files");
  app.add_flag("--check-config", arguments.check_config, "read the configuration, say what is wrong, exit");
  app.add_option(
      "--adopt-check", arguments.adopt_check,
      "say what a start on the directory of a stopped Apache Kafka would do, change nothing, exit");
  app.add_flag("--print-defaults", arguments.print_defaults,
               "print all settings with their defaults as YAML");
  app.add_flag("--print-config-docs", arguments.print_docs,
               "print the documentation of all settings as Markdown");
  app.add_flag("--print-protocol-docs", arguments.print_protocol, "print the served APIs as Markdown");
  app.add_option("--ready-fd", arguments.ready_fd, "write READY to this descriptor once clients are served");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : tributary::config::kExitConfigError;
  }
  return tributary::configure_and_run(arguments);
}
