// UpdateFeatures (KIP-584, KIP-1022).
#pragma once
#include "operation.h"
#include "tributary/wire/messages/update_features.h"

namespace tributary::control {

Planned<wire::UpdateFeaturesResponse> plan_update_features(const OperationContext& context,
                                                           const wire::UpdateFeaturesRequest& request,
                                                           int16_t version);

inline constexpr std::string_view kMinInsyncReplicas = "min.insync.replicas";
inline constexpr std::string_view kElrFeature = "eligible.leader.replicas.version";

// Whether eligible leaders outside the ISR are kept (KIP-966).
bool elr_enabled(const Image& image);

}  // namespace tributary::control
