// What a ReadPlan holds.
#pragma once
#include "log_view.h"
#include "tributary/storage/log.h"

namespace tributary::storage {

struct ReadPlan::State {
  LogView view;
  ReadRequest request;
  Offset bound = 0;    // offsets from here on are not shown
  size_t segment = 0;  // where to look, then where it is
  uint64_t search_from = 0;
  bool nothing = false;             // known to have nothing to read
  std::optional<BatchPlace> place;  // of the first batch, once found
  LogProbe* probe = nullptr;

  Status locate(ReadMode mode);
  size_t wanted() const;
  // Bytes of `bytes` that are good batches of this range, and where they end. kCorruption if not even the
  // first is.
  struct Checked {
    size_t size = 0;
    Offset next_offset = 0;
    bool cut_short = false;  // the input ended inside a batch
  };
  Result<Checked> check(ByteView bytes) const;

 private:
  Status locate_in(size_t index, ReadMode mode);
};

}  // namespace tributary::storage
