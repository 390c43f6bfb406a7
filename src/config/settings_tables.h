// The rows of setting.h, by area.
#pragma once
#include "tributary/config/setting.h"

namespace tributary::config {

std::span<const Setting> cluster_settings();
std::span<const Setting> coordinator_settings();
std::span<const Setting> log_settings();
std::span<const Setting> network_settings();
std::span<const Setting> own_settings();
std::span<const Setting> remote_settings();
std::span<const Setting> security_settings();

}  // namespace tributary::config
