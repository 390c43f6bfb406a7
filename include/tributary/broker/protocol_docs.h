// docs/protocol.md, made from the API table.
#pragma once
#include <string>

namespace tributary::broker {

std::string protocol_docs_markdown();

}  // namespace tributary::broker
