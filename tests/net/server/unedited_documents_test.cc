// Documents that are opened and never written to: what they cost the store.
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

#include "document/document.h"
#include "document/error.h"
#include "sync/messages.h"
#include "sync/store.h"
#include "tests/net/served_documents.h"

namespace cotext::net {
namespace {

// Longer than sessions and documents that nobody uses are kept in memory.
constexpr uint64_t kForgottenMs = 200'000;

class UneditedDocumentsTest : public testing::TestWithParam<Engine> {
 protected:
  // Has somebody open the document and go, and waits until the server has forgotten it.
  std::optional<Error> OpenAndForget(sync::Rights rights = sync::kAllRights) {
    std::optional<Error> error;
    {
      const ServedUser user(served_, "ada", "new", GetParam(), rights);
      error = user.error();
    }
    served_.Run(kForgottenMs);
    EXPECT_EQ(served_.driver().server().hub_count(), 0U);
    return error;
  }
  sync::StoredLog Log() const { return served_.store().Synced("new"); }

  mutable ServedDocuments served_;
};

TEST_P(UneditedDocumentsTest, EachIsOneRecordHoweverOftenItIsOpened) {
  ASSERT_FALSE(OpenAndForget().has_value());
  const sync::StoredLog first = Log();
  EXPECT_TRUE(first.snapshot.empty());
  ASSERT_EQ(first.tail.size(), 1U);
  EXPECT_EQ(first.tail[0].kind, sync::RecordKind::kIdentity);
  for (int i = 0; i < 5; ++i) ASSERT_FALSE(OpenAndForget().has_value());
  const sync::StoredLog last = Log();
  EXPECT_TRUE(last.snapshot.empty());
  ASSERT_EQ(last.tail.size(), 1U);
  EXPECT_EQ(last.tail[0].bytes, first.tail[0].bytes) << "the same document all the time";
}

TEST_P(UneditedDocumentsTest, WhoMayOnlyReadMakesNone) {
  const auto error = OpenAndForget(sync::kMayRead);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, ErrorCode::kForbidden);
  EXPECT_TRUE(Log().tail.empty());
}

INSTANTIATE_TEST_SUITE_P(Engines, UneditedDocumentsTest,
                         testing::Values(Engine::kRga, Engine::kOt));

}  // namespace
}  // namespace cotext::net
