// The command tree: what a command line means, and what completion offers. Nothing is run.
#include "cli/program.h"

#include "cli/completion.h"

namespace tributary::cli {
namespace {

int parse(Session& session, const std::vector<const char*>& words) {
  const auto program = make_program(session);
  std::vector<const char*> arguments = {"tributary"};
  arguments.insert(arguments.end(), words.begin(), words.end());
  try {
    program->parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::ParseError& error) {
    return error.get_exit_code();
  }
  return 0;
}

TEST(Program, GlobalOptions_StandBeforeOrAfterTheVerb) {
  for (const auto& words : std::vector<std::vector<const char*>>{
           {"-X", "one:1", "--output", "json", "topic", "list"},
           {"topic", "list", "--bootstrap-server", "one:1", "--output", "json"},
           {"topic", "--brokers", "one:1", "list", "--output=json"}}) {
    Session session;
    ASSERT_EQ(parse(session, words), 0);
    EXPECT_EQ(session.options.brokers, "one:1");
    EXPECT_EQ(session.options.output, "json");
    EXPECT_TRUE(session.verb);
  }
}

TEST(Program, RpksAndKafkasSpelling_AreUnderstood) {
  for (const auto& words : std::vector<std::vector<const char*>>{
           {"topic", "create", "a", "b", "-p", "3", "-c", "retention.ms=1", "-c", "cleanup.policy=compact"},
           {"topic", "create", "--topic", "a", "--partitions", "3", "--replication-factor", "1", "--config",
            "k=v"},
           {"topic", "describe", "a", "-a"},
           {"topic", "alter-config", "a", "--set", "retention.ms=1", "--delete", "segment.ms"},
           {"topic", "add-partitions", "a", "--num", "2"},
           {"topic", "trim-prefix", "a", "-o", "-10", "-p", "0,1", "--no-confirm"},
           {"group", "describe", "--group", "g"},
           {"group", "seek", "g", "--to", "start", "--topics", "a"},
           {"group", "reset-offsets", "--group", "g", "--shift-by", "-5", "--dry-run"},
           {"config", "set", "--broker", "1", "a=b"},
           {"config", "list", "--entity-type", "topics", "--entity-name", "a"},
           {"produce", "a", "-k", "key", "-H", "x=y", "-z", "zstd", "-p", "0", "--acks", "-1"},
           {"consume", "a", "-o", "-5", "-n", "3", "-f", "%v\\n", "-g", "g"},
           {"cluster", "info"}}) {
    Session session;
    EXPECT_EQ(parse(session, words), 0) << words[0] << ' ' << words[1];
  }
}

TEST(Program, WrongCommandLines_AreRefused) {
  for (const auto& words :
       std::vector<std::vector<const char*>>{{},
                                             {"topic"},
                                             {"nosuch"},
                                             {"topic", "create"},
                                             {"topic", "list", "--nosuch"},
                                             {"--output", "xml", "topic", "list"},
                                             {"topic", "create", "a", "-p", "0"},
                                             {"topic", "add-partitions", "a"},
                                             {"group", "seek", "g"},
                                             {"group", "seek", "g", "--to", "start", "--shift-by", "1"},
                                             {"config", "list"},
                                             {"produce", "a", "-z", "rar"}}) {
    Session session;
    EXPECT_NE(parse(session, words), 0) << (words.empty() ? "" : words.back());
  }
}

TEST(WrongVerb, IsFoundWithWhatWasUnderstood) {
  Session session;
  const auto program = make_program(session);
  const WrongVerb wrong = find_wrong_verb(*program, {"-X", "one:1", "topic", "lsit", "x"});
  EXPECT_EQ(wrong.word, "lsit");
  EXPECT_EQ(wrong.command, "tributary topic");
  EXPECT_THAT(wrong.verbs, testing::Contains("list"));
  EXPECT_EQ(find_wrong_verb(*program, {"topic", "create", "any", "name"}).word, "");
  EXPECT_EQ(find_wrong_verb(*program, {"topic"}).word, "");
}

TEST(Session, Options_AreChecked) {
  Session session;
  EXPECT_TRUE(session.open());
  session.options.timeout = "soon";
  EXPECT_FALSE(session.open());
  session.options.timeout = "1s";
  session.options.brokers = "one:x";
  EXPECT_FALSE(session.open());
}

Completion completion_of(const std::vector<std::string>& words) {
  Session session;
  return complete(*make_program(session), words);
}

TEST(Completion, Verbs_AreOffered) {
  EXPECT_THAT(completion_of({""}).words,
              testing::IsSupersetOf({"topic", "group", "config", "produce", "consume"}));
  EXPECT_THAT(completion_of({"topic", "cr"}).words, testing::Contains("create"));
  EXPECT_THAT(completion_of({"-X", "one:1", "topic", ""}).words, testing::Contains("describe"));
}

TEST(Completion, Options_OfTheVerbAndAll) {
  const auto words = completion_of({"topic", "create", "--"}).words;
  EXPECT_THAT(words, testing::IsSupersetOf({"--partitions", "--config", "--brokers", "--output"}));
  EXPECT_THAT(completion_of({"group", "seek", "--"}).words, testing::Contains("--to-group"));
}

TEST(Completion, Values_ComeFromTheOptionsType) {
  EXPECT_THAT(completion_of({"--output", ""}).words, testing::ElementsAre("table", "json"));
  EXPECT_THAT(completion_of({"produce", "-z", ""}).words, testing::Contains("lz4"));
  EXPECT_THAT(completion_of({"completion", ""}).words, testing::ElementsAre("bash", "zsh", "fish"));
  EXPECT_TRUE(completion_of({"topic", "create", "-p", ""}).words.empty());
}

TEST(Completion, Names_AreAskedOfTheBrokersGiven) {
  const auto topics = completion_of({"-X", "one:1", "topic", "describe", ""});
  EXPECT_EQ(topics.names, Completion::Names::kTopics);
  EXPECT_EQ(topics.brokers, "one:1");
  EXPECT_EQ(completion_of({"consume", "-g", ""}).names, Completion::Names::kGroups);
  EXPECT_EQ(completion_of({"group", "delete", "a", ""}).names, Completion::Names::kGroups);
  EXPECT_EQ(completion_of({"cluster", ""}).names, Completion::Names::kNone);
}

}  // namespace
}  // namespace tributary::cli
