#include "net/http/media_type.h"

#include <gtest/gtest.h>

namespace cotext::net {
namespace {

TEST(MediaTypeTest, GoesByTheEndOfTheName) {
  EXPECT_EQ(MediaTypeOf("assets/a.js"), "text/javascript; charset=utf-8");
  EXPECT_EQ(MediaTypeOf("/tmp/core.wasm"), "application/wasm");
  EXPECT_EQ(MediaTypeOf("a.js.exe"), "application/octet-stream");
  EXPECT_EQ(MediaTypeOf("js"), "application/octet-stream");
  EXPECT_EQ(MediaTypeOf(""), "application/octet-stream");
}

}  // namespace
}  // namespace cotext::net
