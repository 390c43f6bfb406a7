// Compares with what Kafka's own classes wrote: tests/golden/README.md says how the vectors are made.
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "any_message.h"
#include "golden.h"

namespace tributary::wire {
namespace {

struct Vector {
  int16_t version;
  char variant;
  std::vector<uint8_t> bytes;
};

std::map<std::string, std::vector<Vector>> load_vectors() {
  std::map<std::string, std::vector<Vector>> vectors;
  std::ifstream file(TRIBUTARY_TEST_DATA "/golden/messages.txt");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name, hex;
    Vector vector{};
    words >> name >> vector.version >> vector.variant >> hex;
    vector.bytes = from_hex(hex);
    vectors[name].push_back(std::move(vector));
  }
  return vectors;
}

void check(const MessageType& type, const Vector& vector) {
  const std::string name = type.name + " v" + std::to_string(vector.version) + " " + vector.variant;
  PathSource source(vector.variant == 'n');
  Filler filler(source);
  const auto expected = type.make();
  if (vector.variant != 'd') expected->fill(filler, vector.version);
  EXPECT_EQ(to_hex(expected->encode(vector.version)), to_hex(vector.bytes)) << name;
  Reader in(vector.bytes);
  const auto decoded = type.make();
  ASSERT_TRUE(decoded->decode(in, vector.version)) << name;
  EXPECT_EQ(in.remaining(), 0u) << name;
  EXPECT_EQ(to_hex(decoded->encode(vector.version)), to_hex(vector.bytes)) << name;
  if (vector.variant != 'd') EXPECT_TRUE(decoded->equals(*expected)) << name;
}

TEST(Golden, EveryMessageAndVersion_IsWrittenAsKafkaWritesIt) {
  auto vectors = load_vectors();
  for (const MessageType& type : message_types()) {
    std::set<int16_t> versions;
    for (const Vector& vector : vectors[type.name]) {
      check(type, vector);
      versions.insert(vector.version);
    }
    ASSERT_EQ(versions.size(), static_cast<size_t>(type.max_version - type.min_version + 1)) << type.name;
    EXPECT_EQ(*versions.begin(), type.min_version) << type.name;
    vectors.erase(type.name);
  }
  for (const auto& [name, left] : vectors) ADD_FAILURE() << "no message " << name;
}

}  // namespace
}  // namespace tributary::wire
