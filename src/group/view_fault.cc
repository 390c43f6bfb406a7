#include <fmt/format.h>

#include "tributary/group/view.h"

namespace tributary::group {

std::optional<std::string> view_fault(const ViewPosition& position, const LogState& log) {
  if (position.topic_id != log.topic_id) return "it is of another topic of that name";
  const Offset applied = position.applied;
  if (applied >= log.end) return fmt::format("it has applied {}, the log ends at {}", applied, log.end);
  if (log.start > applied + 1)
    return fmt::format("it has applied {}, the log begins at {}", applied, log.start);
  if (log.cleaned_to > applied + 1) {
    return fmt::format("it has applied {}, and up to {} tombstones may have been cleaned away", applied,
                       log.cleaned_to);
  }
  if (applied < 0) return std::nullopt;  // nothing applied: any log goes on from there
  // The batch at `applied` is of that epoch only if the epoch ends above it, and the one before does not.
  const bool ends_before = log.end_of_epoch(position.leader_epoch) <= applied;
  const bool begins_after =
      log.start <= applied && log.end_of_epoch(LeaderEpoch{raw(position.leader_epoch) - 1}) > applied;
  if (ends_before || begins_after) {
    return fmt::format("it has applied {} of leader epoch {}, where the log has another epoch", applied,
                       raw(position.leader_epoch));
  }
  return std::nullopt;
}

}  // namespace tributary::group
