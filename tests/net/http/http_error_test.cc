#include "net/http/http_error.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "document/error.h"

namespace cotext::net {
namespace {

TEST(HttpErrorTest, CodesHaveTheirStatus) {
  EXPECT_EQ(StatusOf(ErrorCode::kBadMessage), 400);
  EXPECT_EQ(StatusOf(ErrorCode::kUnauthenticated), 401);
  EXPECT_EQ(StatusOf(ErrorCode::kForbidden), 403);
  EXPECT_EQ(StatusOf(ErrorCode::kNotFound), 404);
  EXPECT_EQ(StatusOf(ErrorCode::kHistoryTrimmed), 409);
  EXPECT_EQ(StatusOf(ErrorCode::kTooLarge), 413);
  EXPECT_EQ(StatusOf(ErrorCode::kRateLimited), 429);
  EXPECT_EQ(StatusOf(ErrorCode::kStorageFailed), 503);
  EXPECT_EQ(StatusOf(ErrorCode::kDiskFull), 507);
}

TEST(HttpErrorTest, EveryCodeHasAStatusOfAnError) {
  for (int code = 0; code <= 255; ++code) {
    const int status = StatusOf(static_cast<ErrorCode>(code));
    EXPECT_GE(status, 400);
    EXPECT_LT(status, 600);
  }
}

TEST(HttpErrorTest, TheBodyIsJson) {
  const HttpError error = ToHttpError({ErrorCode::kRateLimited, "a \"line\"\n"}, 1500);
  EXPECT_EQ(ErrorBody(error),
            R"({"error":{"code":"rate_limited","message":"a \"line\"\n","retry_after_ms":1500}})");
  EXPECT_EQ(ErrorBody(ConnectionGone()),
            R"({"error":{"code":"connection_gone",)"
            R"("message":"there is no such connection, or no longer"}})");
}

TEST(HttpErrorTest, BytesThatAreNoTextAreReplaced) {
  const auto body =
      nlohmann::json::parse(ErrorBody(ToHttpError({ErrorCode::kIo, "\xff file"})), nullptr, false);
  EXPECT_EQ(body["error"]["message"], "\xef\xbf\xbd file");
}

TEST(HttpErrorTest, SecondsToWaitAreRoundedUp) {
  EXPECT_EQ(RetryAfterHeader({.retry_after_ms = 0}), "");
  EXPECT_EQ(RetryAfterHeader({.retry_after_ms = 1}), "1");
  EXPECT_EQ(RetryAfterHeader({.retry_after_ms = 1000}), "1");
  EXPECT_EQ(RetryAfterHeader({.retry_after_ms = 1001}), "2");
}

TEST(HttpErrorTest, AGapSaysWhereItIs) {
  EXPECT_EQ(FrameGap(7).status, 409);
  EXPECT_TRUE(FrameGap(7).message.ends_with("behind number 7"));
  EXPECT_EQ(MethodNotAllowed().status, 405);
  EXPECT_EQ(PreconditionFailed().status, 412);
}

}  // namespace
}  // namespace cotext::net
