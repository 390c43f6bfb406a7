#include "tributary/base/random.h"

namespace tributary {

Random Random::from_system() {
  std::random_device device;
  return Random((uint64_t{device()} << 32) | device());
}

}  // namespace tributary
