#include "tributary/broker/protocol_docs.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace tributary::broker {
namespace {

TEST(ProtocolDocs, PageInTheTree_IsWhatTheTableSays) {
  std::ifstream page(TRIBUTARY_TEST_DATA "/../docs/protocol.md");
  std::stringstream text;
  text << page.rdbuf();
  EXPECT_TRUE(text.str() == protocol_docs_markdown()) << "make it anew with tributaryd --print-protocol-docs";
}

}  // namespace
}  // namespace tributary::broker
