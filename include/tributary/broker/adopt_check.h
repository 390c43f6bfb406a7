// What a start on given directories would do, told beforehand: the cluster they hold, what is served, what is
// kept without effect, what stands against it. Written for operators who move a node from Apache Kafka.
#pragma once
#include <string>

#include "tributary/base/clock.h"
#include "tributary/config/values.h"

namespace tributary::broker {

struct AdoptCheck {
  std::string text;  // for people, lines
  bool accepted = false;
};

// Reads log.dirs and metadata.log.dir of `values`. Changes nothing there: what a start would write goes to an
// overlay in memory. A directory that a running process holds is not looked into. Any thread.
AdoptCheck check_adoption(const config::Values& values, const Clock& clock);

}  // namespace tributary::broker
