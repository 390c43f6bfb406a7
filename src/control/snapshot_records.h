// An image as the records of a snapshot, in Kafka's order: features, brokers, controllers, topics, configs,
// quotas, producer ids, ACLs, SCRAM credentials, delegation tokens.
#pragma once
#include <functional>

#include "tributary/base/bytes.h"
#include "tributary/base/result.h"
#include "tributary/control/image.h"

namespace tributary::control {

Status write_image(const Image& image, const std::function<Status(ByteView)>& take);

}  // namespace tributary::control
