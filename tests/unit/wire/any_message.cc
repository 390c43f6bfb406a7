#include "any_message.h"

#include "tributary/wire/api_versions_table.h"
#include "tributary/wire/testing/visit_fields.h"

namespace tributary::wire {
namespace {

template <typename Message>
class Holder final : public AnyMessage {
 public:
  void fill(Filler& filler, int16_t version) override { visit_fields(filler, message_, version); }
  bool decode(Reader& in, int16_t version) override { return message_.decode(in, version); }
  std::vector<uint8_t> encode(int16_t version) const override {
    Writer out;
    message_.encode(out, version);
    return out.to_vector();
  }
  bool equals(const AnyMessage& other) const override {
    return message_ == static_cast<const Holder&>(other).message_;
  }

 private:
  Message message_;
};

std::vector<MessageType> make_types() {
  std::vector<MessageType> types;
  const auto add = [&]<typename Message>(std::type_identity<Message>, std::string_view name) {
    types.push_back({std::string(name), Message::kMinVersion, Message::kMaxVersion,
                     [] { return std::make_unique<Holder<Message>>(); }});
  };
  for_each_message(add);
  metadata::for_each_message(add);
  control::for_each_message(add);
  return types;
}

}  // namespace

const std::vector<MessageType>& message_types() {
  static const std::vector<MessageType> types = make_types();
  return types;
}

}  // namespace tributary::wire
