#include "tributary/config/document.h"

#include <gtest/gtest.h>

#include "surroundings.h"
#include "tributary/config/resolve.h"
#include "tributary/config/setting.h"

namespace tributary::config {
namespace {

const std::string kRoot = std::string(TRIBUTARY_TEST_DATA) + "/..";

TEST(Document, PrintedDefaults_LoadAgainAsTheyWere) {
  FakeMachine machine;
  const auto result = machine.yaml(print_defaults());
  EXPECT_EQ(errors_of(result), "");
  EXPECT_TRUE(result.warnings.empty());
  EXPECT_GE(result.values.explicit_values().size(), 80u);
  for (const auto& [name, entry] : result.values.explicit_values())
    EXPECT_EQ(entry.value, find_setting(name)->default_value) << name;
}

TEST(Document, Effective_ShowsOriginAndHidesSecrets) {
  Values values;
  values.set("num.partitions", "3", {Source::kYaml, "t.yaml:1:2"});
  values.set("ssl.key.password", "s3cret", {Source::kCommandLine, "--set"});
  values.set("listener.name.a.ssl.key.password", "s3cret", {Source::kDynamic, ""});
  EXPECT_EQ(print_effective(values),
            "listener.name.a.ssl.key.password = [hidden]  # cluster\n"
            "num.partitions = 3  # t.yaml:1:2\n"
            "ssl.key.password = [hidden]  # --set\n");
}

TEST(Document, ConfigurationPage_IsInStepWithTheTable) {
  const auto page = real_surroundings().read_file(kRoot + "/docs/configuration.md");
  ASSERT_TRUE(page) << page.error().message;
  EXPECT_TRUE(*page == config_docs_markdown()) << "make it anew with tributaryd --print-config-docs";
}

TEST(Document, ExampleOnThePage_Loads) {
  const std::string page = config_docs_markdown();
  constexpr std::string_view kFence = "```yaml\n";
  const size_t start = page.find(kFence) + kFence.size();
  FakeMachine machine;
  const auto result = machine.yaml(page.substr(start, page.find("```", start) - start));
  EXPECT_EQ(errors_of(result), "");
  EXPECT_EQ(resolve_listeners(result.values)->advertised.size(), 2u);
}

TEST(Document, LaptopFile_Loads) {
  const auto result =
      load({.yaml_files = {kRoot + "/config/laptop.yaml"}, .properties_files = {}, .overrides = {}},
           real_surroundings());
  EXPECT_EQ(errors_of(result), "");
  EXPECT_TRUE(result.warnings.empty());
  EXPECT_EQ(log_dirs(result.values), (std::vector<std::string>{"./data"}));
  EXPECT_TRUE(result.values.get_bool("auto.create.topics.enable"));
  EXPECT_EQ(resolve_listeners(result.values)->bind,
            (std::vector<Listener>{{"PLAINTEXT", "127.0.0.1", 9092, SecurityProtocol::kPlaintext}}));
}

}  // namespace
}  // namespace tributary::config
