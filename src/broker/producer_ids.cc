#include "producer_ids.h"

namespace tributary::broker {

Result<int64_t> ProducerIds::next() {
  if (block_.size == 0) {
    TRIBUTARY_ASSIGN(block_, controller_.allocate_producer_ids());
  }
  --block_.size;
  return block_.first++;
}

}  // namespace tributary::broker
