// Whether a resource's configuration may be as it would be after a change.
#pragma once
#include "config_view.h"
#include "operation.h"

namespace tributary::control {

inline constexpr size_t kMaxConfigValue = 32'767;

// All of a topic's own configs together.
Checked<void> check_topic_configs(const ConfigMap& configs, const ConfigView& view);
// All of a broker's, or of the cluster default's, together.
Checked<void> check_broker_configs(const ConfigMap& configs, bool cluster_default);

}  // namespace tributary::control
