// Any bytes as any message: decoding never crashes, and what was decoded is encoded to something that decodes
// to the same. The first byte chooses the API, the second the version, the third request, response or record.
#include "tributary/base/assert.h"
#include "tributary/wire/api_versions_table.h"
#include "tributary/wire/messages/all.h"
#include "tributary/wire/messages/header.h"
#include "tributary/wire/records/control.h"
#include "tributary/wire/records/metadata.h"

namespace tributary::wire {
namespace {

template <typename Message>
void check(ByteView input, uint8_t version_choice) {
  constexpr int kVersions = Message::kMaxVersion - Message::kMinVersion + 1;
  const auto version = static_cast<int16_t>(Message::kMinVersion + version_choice % kVersions);
  Reader in(input);
  Message first;
  if (!first.decode(in, version)) return;
  Writer out;
  first.encode(out, version);
  const auto bytes = out.to_vector();
  Reader again(bytes);
  Message second;
  TRIBUTARY_ASSERT(second.decode(again, version) && again.remaining() == 0);
  Writer out_again;
  second.encode(out_again, version);
  TRIBUTARY_ASSERT(out_again.to_vector() == bytes);
}

void check_control(uint8_t choice, uint8_t version, ByteView input) {
  switch (choice % 8) {
    case 0:
      return check<RequestHeader>(input, version);
    case 1:
      return check<ResponseHeader>(input, version);
    case 2:
      return check<control::LeaderChangeMessage>(input, version);
    case 3:
      return check<control::SnapshotHeaderRecord>(input, version);
    case 4:
      return check<control::SnapshotFooterRecord>(input, version);
    case 5:
      return check<control::KRaftVersionRecord>(input, version);
    case 6:
      return check<control::VotersRecord>(input, version);
    default:
      return check<control::EndTxnMarker>(input, version);
  }
}

void run(ByteView input) {
  if (input.size() < 3) return;
  const uint8_t choice = input[0];
  const uint8_t version = input[1];
  const ByteView body = input.subspan(3);
  const auto visit = [&]<typename Message>(std::type_identity<Message>) { check<Message>(body, version); };
  switch (input[2] % 4) {
    case 0:
      visit_request(all_apis()[choice % all_apis().size()].key, visit);
      return;
    case 1:
      visit_response(all_apis()[choice % all_apis().size()].key, visit);
      return;
    case 2:
      metadata::visit_record(choice % 32, visit);
      return;
    default:
      check_control(choice, version, body);
  }
}

}  // namespace
}  // namespace tributary::wire

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  tributary::wire::run({data, size});
  return 0;
}
