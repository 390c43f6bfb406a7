// Signals as the main thread takes them. Others never see one: block_signals runs before any thread is made.
#pragma once
#include <functional>

namespace tributary {

void block_signals();
// Returns on the first SIGTERM or SIGINT; further ones change nothing. SIGHUP calls `reload`.
void wait_for_stop(const std::function<void()>& reload);

}  // namespace tributary
