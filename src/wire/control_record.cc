#include "tributary/wire/control_record.h"

#include "tributary/wire/reader.h"
#include "tributary/wire/records/control.h"
#include "tributary/wire/writer.h"

namespace tributary::wire {

std::array<uint8_t, kControlKeySize> control_key(ControlType type) {
  std::array<uint8_t, kControlKeySize> key{};
  store_be(key.data() + 2, static_cast<int16_t>(type));
  return key;
}

std::optional<ControlType> parse_control_key(ByteView key) {
  Reader in(key);
  const int16_t version = in.read_int16();
  const int16_t type = in.read_int16();
  if (!in.ok() || version < 0 || type < 0 || type > static_cast<int16_t>(ControlType::kVoters))
    return std::nullopt;
  return ControlType{type};
}

std::vector<uint8_t> end_txn_value(int32_t coordinator_epoch) {
  Writer out;
  out.write_int16(control::EndTxnMarker::kMaxVersion);
  control::EndTxnMarker{.coordinator_epoch = coordinator_epoch}.encode(out,
                                                                       control::EndTxnMarker::kMaxVersion);
  return out.to_vector();
}

std::optional<int32_t> parse_end_txn_value(ByteView value) {
  Reader in(value);
  const int16_t version = in.read_int16();
  // A later version only adds behind what is known.
  control::EndTxnMarker marker;
  if (version < 0 || !marker.decode(in, control::EndTxnMarker::kMaxVersion)) return std::nullopt;
  return marker.coordinator_epoch;
}

}  // namespace tributary::wire
