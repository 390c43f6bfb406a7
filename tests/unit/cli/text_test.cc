#include "cli/text.h"

#include "cli/address.h"
#include "cli/name_patterns.h"
#include "cli/offset_file.h"
#include "cli/table.h"
#include "cli/time_text.h"

namespace tributary::cli {
namespace {

TEST(Address, Lists_AreReadWithDefaultPort) {
  const auto list = parse_addresses("one:9093,two,[::1]:9094,PLAINTEXT://three:1");
  ASSERT_TRUE(list);
  EXPECT_EQ(*list, (std::vector<Address>{{"one", 9093}, {"two", 9092}, {"::1", 9094}, {"three", 1}}));
  EXPECT_EQ(join(*list), "one:9093,two:9092,[::1]:9094,three:1");
}

TEST(Address, RpksForm_IsTaken) {
  EXPECT_EQ(parse_addresses("brokers=one:1").value().front(), (Address{"one", 1}));
}

TEST(Address, Nonsense_IsRefused) {
  for (const char* text :
       {"", ",", ":1", "one:", "one:x", "one:0", "one:65536", "one:1:2", "SSL://one:1", "[::1"}) {
    EXPECT_FALSE(parse_addresses(text)) << text;
  }
}

TEST(Nearest, OneTypingError_FindsTheName) {
  const std::vector<std::string> names = {"flights", "orders", "payments"};
  EXPECT_EQ(nearest("fligths", names), "flights");
  EXPECT_EQ(nearest("order", names), "orders");
  EXPECT_EQ(nearest("lsit", {"create", "list"}), "list");
}

TEST(Nearest, NothingLikeIt_IsNothing) {
  EXPECT_EQ(nearest("temperature", {"flights", "orders"}), std::nullopt);
  EXPECT_EQ(nearest("xyz", {"abc"}), std::nullopt);
  EXPECT_EQ(nearest("a", {}), std::nullopt);
}

TEST(Utf8, WhatUnicodeForbids_IsNotUtf8) {
  EXPECT_TRUE(is_utf8("plain \xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80"));
  for (const char* text : {"\xff", "\x80", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
                           "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "a\xe2\x82"}) {
    EXPECT_FALSE(is_utf8(text)) << to_hex(text);
  }
}

TEST(Encodings, AllBytes_ComeBack) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes += static_cast<char>(i);
    EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
  }
  EXPECT_EQ(to_base64("any carnal pleas"), "YW55IGNhcm5hbCBwbGVhcw==");
}

TEST(Encodings, Nonsense_IsRefused) {
  EXPECT_FALSE(from_hex("abc"));
  EXPECT_FALSE(from_hex("zz"));
  EXPECT_FALSE(from_base64("abc"));
  EXPECT_FALSE(from_base64("a$==") && from_base64("a$==")->size() > 1);
}

TEST(Duration, Units_AddUp) {
  using std::chrono::milliseconds;
  EXPECT_EQ(parse_duration("500ms"), milliseconds(500));
  EXPECT_EQ(parse_duration("10"), milliseconds(10'000));
  EXPECT_EQ(parse_duration("1h30m"), milliseconds(5'400'000));
  EXPECT_EQ(parse_duration("2d"), milliseconds(172'800'000));
  for (const char* text : {"", "h", "1x", "1h-1m", "-1h", "1.5s", "4000000000d4000000000d"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Timestamp, Forms_AreUnderstood) {
  constexpr TimestampMs kBase = 1'000'000;
  EXPECT_EQ(parse_timestamp("1600000000123", kBase), 1'600'000'000'123);
  EXPECT_EQ(parse_timestamp("1600000000", kBase), 1'600'000'000'000);
  EXPECT_EQ(parse_timestamp("2020-01-02", kBase), 1'577'923'200'000);
  EXPECT_EQ(parse_timestamp("2020-01-02T03:04:05.25Z", kBase), 1'577'934'245'250);
  EXPECT_EQ(parse_timestamp("2020-01-02T03:04:05+02:00", kBase), 1'577'927'045'000);
  EXPECT_EQ(parse_timestamp("-1s", kBase), kBase - 1000);
  EXPECT_EQ(parse_timestamp("1s", kBase), kBase + 1000);
  EXPECT_EQ(parse_timestamp("now", kBase), kBase);
  for (const char* text :
       {"", "12", "2020-13-01", "2020-02-30", "2020-01-02T25:00:00Z", "2020-01-02 03:04:05",
        "2020-01-02T03:04:05Zx", "2020-01-02T03:04:05.Z", "yesterday"}) {
    EXPECT_FALSE(parse_timestamp(text, kBase)) << text;
  }
}

TEST(Timestamp, Printed_ReadsBack) {
  for (const TimestampMs time :
       {TimestampMs{0}, TimestampMs{1'577'934'245'250}, TimestampMs{4'102'444'799'999}}) {
    EXPECT_EQ(parse_timestamp(to_rfc3339(time), 0), time);
  }
  EXPECT_EQ(to_rfc3339(1'577'934'245'250), "2020-01-02T03:04:05.250Z");
}

TEST(Table, Columns_AreAligned) {
  Table table({"NAME", "LAG"});
  table.add({"a", "5"});
  table.add({"longer", "-"});
  table.add({"\xc3\xa4", "1000"});
  EXPECT_EQ(table.to_string(),
            "NAME     LAG\n"
            "a          5\n"
            "longer     -\n"
            "\xc3\xa4       1000\n");
}

TEST(Table, ControlCharacters_DoNotReachTheTerminal) {
  Table table({"NAME", "X"});
  table.add({"\x1b[31mred\n", "x"});
  EXPECT_EQ(table.to_string().find('\x1b'), std::string::npos);
  EXPECT_EQ(std::ranges::count(table.to_string(), '\n'), 2);
}

TEST(NamePatterns, WholeName_HasToMatch) {
  const auto patterns = NamePatterns::compile({"a.*", "b"}).value();
  EXPECT_TRUE(patterns.match("abc"));
  EXPECT_TRUE(patterns.match("b"));
  EXPECT_FALSE(patterns.match("bc"));
  EXPECT_FALSE(NamePatterns::compile({"("}));
}

TEST(OffsetFile, RpksAndKafkasForms_AreRead) {
  std::istringstream in("# saved\nflights 0 42\n\"orders\",1,7\n\n  flights\t1\t3\r\n");
  const auto offsets = parse_offset_file(in);
  ASSERT_TRUE(offsets);
  EXPECT_EQ(offsets->size(), 3u);
  EXPECT_EQ(offsets->at({"orders", 1}), 7);
  EXPECT_EQ(offsets->at({"flights", 1}), 3);
}

TEST(OffsetFile, WrongLine_IsNamed) {
  for (const char* text : {"t 0", "t x 1", "t 0 -1", "t 0 1 2"}) {
    std::istringstream in(std::string("t 0 1\n") + text);
    const auto offsets = parse_offset_file(in);
    ASSERT_FALSE(offsets) << text;
    EXPECT_TRUE(offsets.error().message.starts_with("line 2")) << offsets.error().message;
  }
}

}  // namespace
}  // namespace tributary::cli
