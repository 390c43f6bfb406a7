// Where log lines go and how they look: stdout, as text or as one JSON object a line.
#pragma once
#include "tributary/config/values.h"

namespace tributary {

void set_up_logging(const config::Values& values);

}  // namespace tributary
