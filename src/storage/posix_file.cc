#include "posix_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace tributary::storage {

namespace {

constexpr size_t kMaxPieces = 256;  // of one pwritev; well below IOV_MAX

Errc kind_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return Errc::kNoSpace;
    case ENOENT:
      return Errc::kNotFound;
    case EEXIST:
      return Errc::kExists;
    case EAGAIN:
      return Errc::kWouldBlock;
    default:
      return Errc::kIo;
  }
}

ssize_t read_once(int descriptor, uint64_t position, MutableBytes to, ReadMode mode) {
  iovec piece{to.data(), to.size()};
  ssize_t got = 0;
  do {
    got = mode == ReadMode::kCached ? preadv2(descriptor, &piece, 1, static_cast<off_t>(position), RWF_NOWAIT)
                                    : preadv(descriptor, &piece, 1, static_cast<off_t>(position));
  } while (got < 0 && errno == EINTR);
  return got;
}

ssize_t write_once(int descriptor, uint64_t position, std::span<iovec> pieces) {
  ssize_t put = 0;
  do {
    put = pwritev(descriptor, pieces.data(), static_cast<int>(pieces.size()), static_cast<off_t>(position));
  } while (put < 0 && errno == EINTR);
  return put;
}

// Drops the first `written` bytes.
std::span<iovec> advance(std::span<iovec> pieces, size_t written) {
  while (!pieces.empty() && written >= pieces.front().iov_len) {
    written -= pieces.front().iov_len;
    pieces = pieces.subspan(1);
  }
  if (written > 0) {
    pieces.front().iov_base = static_cast<char*>(pieces.front().iov_base) + written;
    pieces.front().iov_len -= written;
  }
  return pieces;
}

}  // namespace

tl::unexpected<Error> system_error(std::string_view call, const std::string& path) {
  const int error = errno;
  return fail(kind_of(error), fmt::format("{} {}: {}", call, path, std::system_category().message(error)));
}

PosixFile::~PosixFile() { ::close(descriptor_); }

Result<size_t> PosixFile::read_at(uint64_t position, MutableBytes buffer, ReadMode mode) const {
  size_t done = 0;
  while (done < buffer.size()) {
    const ssize_t got = read_once(descriptor_, position + done, buffer.subspan(done), mode);
    if (got == 0) break;
    if (got > 0) {
      done += static_cast<size_t>(got);
      continue;
    }
    // A file system without RWF_NOWAIT: whoever may block has to read.
    if (mode == ReadMode::kCached && errno == EOPNOTSUPP) errno = EAGAIN;
    if (errno == EAGAIN && done > 0) break;
    return system_error("read", path_);
  }
  return done;
}

Status PosixFile::write_at(uint64_t position, std::span<const ByteView> pieces) {
  std::array<iovec, kMaxPieces> vectors;
  while (!pieces.empty()) {
    const size_t count = std::min(pieces.size(), kMaxPieces);
    for (size_t i = 0; i < count; ++i) {
      vectors[i] = {const_cast<uint8_t*>(pieces[i].data()), pieces[i].size()};
    }
    pieces = pieces.subspan(count);
    for (auto rest = advance({vectors.data(), count}, 0); !rest.empty();) {
      const ssize_t put = write_once(descriptor_, position, rest);
      if (put < 0) return system_error("write", path_);
      position += static_cast<uint64_t>(put);
      rest = advance(rest, static_cast<size_t>(put));
    }
  }
  return {};
}

Status PosixFile::truncate(uint64_t size) {
  if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0) return system_error("truncate", path_);
  return {};
}

Status PosixFile::sync() {
  if (::fdatasync(descriptor_) != 0) return system_error("sync", path_);
  return {};
}

void PosixFile::start_writeback(uint64_t position, uint64_t size) {
  ::sync_file_range(descriptor_, static_cast<off_t>(position), static_cast<off_t>(size),
                    SYNC_FILE_RANGE_WRITE);
}

Result<uint64_t> PosixFile::size() const {
  struct stat status;
  if (::fstat(descriptor_, &status) != 0) return system_error("stat", path_);
  return static_cast<uint64_t>(status.st_size);
}

}  // namespace tributary::storage
