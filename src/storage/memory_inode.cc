#include "memory_inode.h"

#include <algorithm>

namespace tributary::storage {

namespace {

void write_into(std::vector<uint8_t>& content, uint64_t position, ByteView bytes) {
  if (content.size() < position + bytes.size()) content.resize(position + bytes.size());
  std::ranges::copy(bytes, content.begin() + static_cast<ptrdiff_t>(position));
}

// What reaches the disk whole or not at all. Smaller than any real one, so that small files are torn too.
constexpr uint64_t kSector = 64;

// A write that was under way: lost, there, there in part, or with its length but not the bytes of its first
// sectors.
void tear(std::vector<uint8_t>& content, uint64_t position, ByteView bytes, Random& random) {
  switch (random.below(4)) {
    case 0:
      return;
    case 1:
      write_into(content, position, bytes);
      return;
    case 2:
      write_into(content, position, bytes.first(random.below(bytes.size() + 1)));
      return;
    default: {
      std::vector<uint8_t> part(bytes.size(), 0);
      const uint64_t cut = (position + random.below(bytes.size() + kSector)) / kSector * kSector;
      const auto from = static_cast<ptrdiff_t>(std::clamp(cut, position, position + bytes.size()) - position);
      std::copy(bytes.begin() + from, bytes.end(), part.begin() + from);
      write_into(content, position, part);
    }
  }
}

}  // namespace

void MemoryFileSystem::Inode::write(uint64_t position, ByteView bytes) {
  if (bytes.empty()) return;
  write_into(content, position, bytes);
  pending.push_back({false, position, {bytes.begin(), bytes.end()}});
}

void MemoryFileSystem::Inode::truncate(uint64_t size) {
  if (content.size() == size) return;
  content.resize(size);
  pending.push_back({true, size, {}});
}

void MemoryFileSystem::Inode::sync() {
  pending.clear();
  durable = content;
}

void MemoryFileSystem::Inode::crash(Random& random) {
  std::vector<uint8_t> left = durable;
  for (const Change& change : pending) {
    if (!change.is_truncation) {
      tear(left, change.position, change.bytes, random);
    } else if (random.one_in(2)) {
      left.resize(change.position);
    } else {
      break;  // sizes change in order: what came after a truncation that did not reach the disk did not
              // either
    }
  }
  content = left;
  durable = std::move(left);
  pending.clear();
  evicted = false;
}

}  // namespace tributary::storage
