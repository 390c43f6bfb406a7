// Hands out producer ids from a block that the controller allocated: unique cluster-wide, across restarts
// (the rest of a block is lost at a stop). Control thread.
#pragma once
#include "tributary/control/controller.h"

namespace tributary::broker {

class ProducerIds {
 public:
  explicit ProducerIds(control::Controller& controller) : controller_(controller) {}
  Result<int64_t> next();

 private:
  control::Controller& controller_;
  control::ProducerIdBlock block_;
};

}  // namespace tributary::broker
