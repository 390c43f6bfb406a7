// UpdateFeatures (KIP-584, KIP-1022).
#pragma once
#include "operation.h"
#include "tributary/wire/messages/update_features.h"

namespace tributary::control {

Planned<wire::UpdateFeaturesResponse> plan_update_features(const OperationContext& context,
                                                           const wire::UpdateFeaturesRequest& request,
                                                           int16_t version);

// What keeps this build from serving a cluster at its finalized levels; names the way out.
std::optional<std::string> unsupported_features(const Image& image);

}  // namespace tributary::control
