#include "key_hash.h"

#include <bit>

namespace tributary::storage {

namespace {

constexpr int kWordRounds = 2;
constexpr int kFinalRounds = 4;

struct SipState {
  uint64_t v0, v1, v2, v3;

  template <int kRounds>
  void mix() {
    for (int i = 0; i < kRounds; ++i) {
      v0 += v1;
      v2 += v3;
      v1 = std::rotl(v1, 13) ^ v0;
      v3 = std::rotl(v3, 16) ^ v2;
      v0 = std::rotl(v0, 32) + v3;
      v2 += v1;
      v1 = std::rotl(v1, 17) ^ v2;
      v3 = std::rotl(v3, 21) ^ v0;
      v2 = std::rotl(v2, 32);
    }
  }
  void absorb(uint64_t word) {
    v3 ^= word;
    mix<kWordRounds>();
    v0 ^= word;
  }
  uint64_t word() const { return v0 ^ v1 ^ v2 ^ v3; }
};

uint64_t load_le(const uint8_t* at, size_t size) {
  uint64_t word = 0;
  std::memcpy(&word, at, size);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

}  // namespace

KeyHash hash_key(ByteView key, const HashSecret& secret) {
  SipState state{secret[0] ^ 0x736f6d6570736575, secret[1] ^ 0x646f72616e646f6d ^ 0xee,
                 secret[0] ^ 0x6c7967656e657261, secret[1] ^ 0x7465646279746573};
  const uint8_t* at = key.data();
  size_t left = key.size();
  for (; left >= sizeof(uint64_t); at += sizeof(uint64_t), left -= sizeof(uint64_t)) {
    state.absorb(load_le(at, sizeof(uint64_t)));
  }
  const uint64_t tail = left == 0 ? 0 : load_le(at, left);
  state.absorb(tail | static_cast<uint64_t>(key.size()) << 56);
  state.v2 ^= 0xee;
  state.mix<kFinalRounds>();
  KeyHash hash;
  hash.low = state.word();
  state.v1 ^= 0xdd;
  state.mix<kFinalRounds>();
  hash.high = state.word();
  return hash;
}

}  // namespace tributary::storage
