// The parts of a Fetch answer (version 11) that a consumer loop needs.
#pragma once
#include "requests.h"

namespace tributary::bench {

struct FetchedPartition {
  std::string_view topic;
  int32_t partition = 0;
  int16_t error = 0;
  int64_t high_watermark = -1;
  ByteView records;
};

template <typename Visit>
void read_fetch_answer(ByteView body, Visit visit) {
  Decoder in(body);
  in.i32();
  if (int16_t error = in.i16()) die("Fetch: error " + std::to_string(error));
  in.i32();
  for (int32_t topics = in.i32(); topics > 0; --topics) {
    FetchedPartition fetched;
    fetched.topic = in.string();
    for (int32_t partitions = in.i32(); partitions > 0; --partitions) {
      fetched.partition = in.i32();
      fetched.error = in.i16();
      fetched.high_watermark = in.i64();
      in.i64(), in.i64();
      for (int32_t aborted = in.i32(); aborted > 0; --aborted) in.i64(), in.i64();
      in.i32();
      fetched.records = in.bytes();
      visit(fetched);
    }
  }
}

}  // namespace tributary::bench
