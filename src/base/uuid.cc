#include "tributary/base/uuid.h"

#include "tributary/base/bytes.h"

namespace tributary {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr size_t kTextLength = 22;

bool is_reserved(const Uuid& id) {
  return load_be<uint64_t>(id.bytes.data()) == 0 && load_be<uint64_t>(id.bytes.data() + 8) < 100;
}

}  // namespace

Uuid Uuid::generate(Random& random) {
  for (;;) {
    Uuid id;
    store_be(id.bytes.data(), random.next());
    store_be(id.bytes.data() + 8, random.next());
    id.bytes[6] = (id.bytes[6] & 0x0f) | 0x40;  // version 4, RFC 4122
    id.bytes[8] = (id.bytes[8] & 0x3f) | 0x80;
    if (!is_reserved(id) && id.to_string().front() != '-') return id;
  }
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != kTextLength) return std::nullopt;
  Uuid id;
  uint32_t bits = 0;
  int held = 0;
  size_t at = 0;
  for (char c : text) {
    const size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6) | static_cast<uint32_t>(value);
    held += 6;
    if (held >= 8 && at < id.bytes.size()) {
      held -= 8;
      id.bytes[at++] = static_cast<uint8_t>(bits >> held);
    }
  }
  return id;
}

std::string Uuid::to_string() const {
  std::string text;
  text.reserve(kTextLength);
  uint32_t bits = 0;
  int held = 0;
  for (uint8_t byte : bytes) {
    bits = (bits << 8) | byte;
    held += 8;
    for (; held >= 6; held -= 6) text.push_back(kAlphabet[(bits >> (held - 6)) & 63]);
  }
  text.push_back(kAlphabet[(bits << (6 - held)) & 63]);
  return text;
}

size_t UuidHash::operator()(const Uuid& id) const noexcept {
  // Ids are random already; the reserved ones differ in the low half.
  return load_be<uint64_t>(id.bytes.data()) ^ load_be<uint64_t>(id.bytes.data() + 8);
}

}  // namespace tributary
