// Every message and record behind one interface, so that a test over all of them is compiled once and not 180
// times.
#pragma once
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "filler.h"
#include "tributary/wire/reader.h"

namespace tributary::wire {

class AnyMessage {
 public:
  virtual ~AnyMessage() = default;
  virtual void fill(Filler& filler, int16_t version) = 0;
  virtual bool decode(Reader& in, int16_t version) = 0;
  virtual std::vector<uint8_t> encode(int16_t version) const = 0;
  virtual bool equals(const AnyMessage& other) const = 0;  // of the same type
};

struct MessageType {
  std::string name;
  int16_t min_version;
  int16_t max_version;
  std::function<std::unique_ptr<AnyMessage>()> make;
};

const std::vector<MessageType>& message_types();

}  // namespace tributary::wire
