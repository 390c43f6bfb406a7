// Turns what rooms show to a MetricSink into Prometheus' text format, by prometheus-cpp's serializer.
#pragma once
#include <functional>
#include <string>

#include "tributary/base/metrics.h"

namespace tributary::admin {

// The page of /metrics. `collect` shows every metric to the sink; samples of one name need not come together.
std::string render_metrics(const std::function<void(MetricSink&)>& collect);

// process_cpu_seconds_total, process_resident_memory_bytes, process_open_fds, process_max_fds,
// process_start_time_seconds, as Prometheus' client libraries name them.
void collect_process(MetricSink& sink);

}  // namespace tributary::admin
