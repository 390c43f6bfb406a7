// Arbitrary record values into the replay: each input is a list of (length, value). Whatever they say, the
// builder gives an image or an error; an image can be written as a snapshot that gives the same state again.
#include "control/snapshot_records.h"
#include "tributary/control/image_builder.h"
#include "tributary/wire/reader.h"

using namespace tributary;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  wire::Reader in(ByteView(data, size));
  control::ImageBuilder builder(control::ReplayOptions{true});
  while (in.ok() && in.remaining() > 0) {
    const size_t length = std::min<size_t>(in.read_uint16(), in.remaining());
    if (!builder.apply(in.read_raw(length))) return 0;
  }
  const auto image = builder.publish(0, LeaderEpoch{1});
  if (!image) return 0;
  control::ImageBuilder folded(control::ReplayOptions{true});
  const Status written =
      control::write_image(**image, [&](ByteView value) -> Status { return folded.apply(value); });
  if (!written) __builtin_trap();
  if (!folded.publish(0, LeaderEpoch{1})) __builtin_trap();
  return 0;
}
