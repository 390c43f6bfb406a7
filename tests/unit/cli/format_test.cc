#include "cli/format.h"

#include <sstream>

#include "cli/record_reader.h"

namespace tributary::cli {
namespace {

std::string printed(std::string_view format, const RecordView& record) {
  const auto tokens = parse_format(format, kConsumeFields);
  EXPECT_TRUE(tokens) << format;
  std::string out;
  if (tokens) print_record(*tokens, record, out);
  return out;
}

RecordView sample() {
  RecordView record;
  record.topic = "flights";
  record.partition = 3;
  record.offset = 42;
  record.timestamp = 1'577'934'245'250;
  record.key = "k1";
  record.value = "a\nb";
  record.headers = {{"trace", "7"}, {"none", std::nullopt}};
  record.number = 5;
  return record;
}

TEST(RecordPrinter, Fields_AreWritten) {
  EXPECT_EQ(printed("%t[%p]@%o %d %k=%v\\n", sample()), "flights[3]@42 1577934245250 k1=a\nb\n");
  EXPECT_EQ(printed("%T %K %V %H %i", sample()), "7 2 3 2 5");
  EXPECT_EQ(printed("%h{%k:%v;}", sample()), "trace:7;none:;");
  EXPECT_EQ(printed("%d{rfc3339}", sample()), "2020-01-02T03:04:05.250Z");
}

TEST(RecordPrinter, Encodings_AreApplied) {
  EXPECT_EQ(printed("%k{hex} %v{base64}", sample()), "6b31 YQpi");
  EXPECT_EQ(printed("%p{big32}", sample()), std::string("\0\0\0\3", 4));
  EXPECT_EQ(printed("%o{little16}", sample()), std::string("*\0", 2));
}

TEST(RecordPrinter, Escapes_AreBytes) { EXPECT_EQ(printed("\\t\\\\\\x41%%%{%}", sample()), "\t\\A%{}"); }

TEST(RecordPrinter, NullKeyAndValue_AreEmpty) {
  RecordView record = sample();
  record.key = record.value = std::nullopt;
  EXPECT_EQ(printed("%k|%v|%K", record), "||0");
}

TEST(Format, Nonsense_IsRefused) {
  for (const char* text :
       {"%", "%z", "\\", "\\q", "\\x4", "%h", "%h{%k", "%k{hexx}", "%p{big7}", "%h{%o}", "%t{hex}"}) {
    EXPECT_FALSE(parse_format(text, kConsumeFields)) << text;
  }
  EXPECT_FALSE(parse_format("%o", kProduceFields));
}

TEST(JsonRecord, Bytes_StandAsTextNullOrBase64) {
  RecordView record = sample();
  record.key = "\xff";
  record.value = std::nullopt;
  std::string out;
  print_json_record(record, out);
  EXPECT_EQ(
      out,
      R"({"topic":"flights","partition":3,"offset":42,"timestamp":1577934245250,"key_base64":"/w==","value":null,)"
      R"("headers":[{"name":"trace","value":"7"},{"name":"none","value":null}]})"
      "\n");
}

struct Read {
  std::vector<InputRecord> records;
  std::string error;  // empty: the input ended well
};
Read read_all(std::string_view format, const std::string& input, size_t max_bytes = 1000) {
  std::istringstream in(input);
  auto reader = RecordReader::open(parse_format(format, kProduceFields).value(), in, max_bytes).value();
  Read read;
  for (;;) {
    auto record = reader.next();
    if (!record) read.error = record.error().message;
    if (!record || !*record) return read;
    read.records.push_back(std::move(**record));
  }
}

TEST(RecordReader, Lines_AreValues) {
  const Read read = read_all("%v\\n", "one\n\nthree");
  ASSERT_EQ(read.records.size(), 3u);
  EXPECT_EQ(read.records[0].value, "one");
  EXPECT_EQ(read.records[0].key, std::nullopt);
  EXPECT_EQ(read.records[1].value, "");
  EXPECT_EQ(read.records[2].value, "three");
  EXPECT_EQ(read.error, "");
}

TEST(RecordReader, KeyAndValue_AreSplitAtTheFirstDelimiter) {
  const Read read = read_all("%k\\t%v\\n", "a\tb\tc\n\td\n");
  ASSERT_EQ(read.records.size(), 2u);
  EXPECT_EQ(read.records[0].key, "a");
  EXPECT_EQ(read.records[0].value, "b\tc");
  EXPECT_EQ(read.records[1].key, "");
}

TEST(RecordReader, LineWithoutDelimiter_IsAnErrorWithItsNumber) {
  const Read read = read_all("%k\\t%v\\n", "a\tb\nonly\nc\td\n");
  EXPECT_EQ(read.records.size(), 1u);
  EXPECT_EQ(read.error, "input, record 2: nothing ends %k");
}

TEST(RecordReader, AllFields_AreRead) {
  const Read read = read_all("%t %p %d %k{hex}:%v{base64}\\n", "flights 2 1600000000000 6b31:YQpi\n");
  ASSERT_EQ(read.records.size(), 1u) << read.error;
  const InputRecord& record = read.records[0];
  EXPECT_EQ(record.topic, "flights");
  EXPECT_EQ(record.partition, 2);
  EXPECT_EQ(record.timestamp, 1'600'000'000'000);
  EXPECT_EQ(record.key, "k1");
  EXPECT_EQ(record.value, "a\nb");
}

TEST(RecordReader, TimeAsText_IsRead) {
  const Read read = read_all("%d{rfc3339} %v\\n", "2020-01-02T03:04:05.250Z a\nsoon b\n");
  ASSERT_EQ(read.records.size(), 1u);
  EXPECT_EQ(read.records[0].timestamp, 1'577'934'245'250);
  EXPECT_EQ(read.error, "input, record 2: no valid %d");
}

TEST(RecordReader, WithLengths_AnyByteComesBack) {
  constexpr std::string_view kFormat = "%K{big32}%V{little16}%k%v";
  std::string input, bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  RecordView record;
  record.key = "\n";
  record.value = bytes;
  const Format format = parse_format(kFormat, kConsumeFields).value();
  print_record(format, record, input);
  record.value = "";
  print_record(format, record, input);
  const Read read = read_all(kFormat, input);
  ASSERT_EQ(read.records.size(), 2u) << read.error;
  EXPECT_EQ(read.records[0].key, "\n");
  EXPECT_EQ(read.records[0].value, bytes);
  EXPECT_EQ(read.records[1].value, "");
}

TEST(RecordReader, LengthsInDigits_EndAtWhatFollows) {
  const Read read = read_all("%V:%v\\n", "3:a\nb\n0:\n");
  ASSERT_EQ(read.records.size(), 2u) << read.error;
  EXPECT_EQ(read.records[0].value, "a\nb");
}

TEST(RecordReader, BrokenInput_IsAnErrorNotARecord) {
  EXPECT_EQ(read_all("%V:%v\\n", "5:ab\n").error, "input, record 1: the input ends within it");
  EXPECT_EQ(read_all("%V:%v\\n", "2:abX").error, "input, record 1: '\n' is missing");
  EXPECT_EQ(read_all("%V:%v\\n", "x:ab\n").error, "input, record 1: no valid %V");
  EXPECT_EQ(read_all("%V:%v\\n", "-1:ab\n").error, "input, record 1: no valid %V");
  EXPECT_EQ(read_all("%V:%v\\n", "1001:ab\n").error,
            "input, record 1: a field of 1001 bytes, at most 1000 are taken");
  EXPECT_EQ(read_all("%k{hex}:%v\\n", "6:b\n").error, "input, record 1: no valid %k");
  EXPECT_EQ(read_all("%p %v\\n", "-1 b\n").error, "input, record 1: no valid %p");
}

TEST(RecordReader, TooLong_IsRefusedBeforeItIsRead) {
  EXPECT_EQ(read_all("%v\\n", std::string(1000, 'x') + "\n").records.size(), 1u);
  EXPECT_EQ(read_all("%v\\n", std::string(1002, 'x') + "\n").error,
            "input, record 1: longer than 1000 bytes");
}

TEST(RecordReader, FormatWithoutDelimiter_IsTheWholeInput) {
  const Read read = read_all("%v", "a\nb\n");
  ASSERT_EQ(read.records.size(), 1u);
  EXPECT_EQ(read.records[0].value, "a\nb\n");
}

TEST(RecordReader, FormatsThatCannotBeRead_AreRefused) {
  std::istringstream in;
  for (const char* text : {"%k%v\\n", "%t\\n", "%p%v\\n", "%V%v\\n", "just text"}) {
    EXPECT_FALSE(RecordReader::open(parse_format(text, kProduceFields).value(), in, 10)) << text;
  }
}

}  // namespace
}  // namespace tributary::cli
