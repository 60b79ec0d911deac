#include "storage/saved_replica.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crdt/ids.h"
#include "document/document_id.h"
#include "document/offset.h"
#include "storage/file.h"
#include "tests/support/temporary_folder.h"

namespace cotext {
namespace {

constexpr DocumentId kId = {.bytes = {1, 2, 3}};

class SavedReplicaTest : public TemporaryFolderTest {
 protected:
  std::unique_ptr<SavedReplica> OpenAs(uint64_t replica) {
    auto saved = SavedReplica::Open(Path("a"), {replica});
    EXPECT_TRUE(saved) << saved.error().message;
    return saved ? *std::move(saved) : nullptr;
  }
  // A run of a program that appends some text and saves it.
  void Run(uint64_t replica, const std::string& text) {
    const auto saved = OpenAs(replica);
    saved->document().SetId(kId);
    const uint64_t end = saved->document().metrics().code_points;
    ASSERT_TRUE(saved->document().Insert(CodePointOffset{end}, text));
    ASSERT_TRUE(saved->Save());
  }
};

TEST_F(SavedReplicaTest, WhatWasEditedUnderIsKnownToTheNextRun) {
  Run(7, "one");
  EXPECT_EQ(OpenAs(8)->former_replicas(), std::vector<ReplicaId>{{7}});
  Run(9, " two");
  const auto saved = OpenAs(10);
  EXPECT_EQ(saved->document().Text(), "one two");
  EXPECT_EQ(saved->document().replica(), ReplicaId{10});
  EXPECT_EQ(saved->former_replicas(), (std::vector<ReplicaId>{{7}, {9}})) << "8 edited nothing";
}

TEST_F(SavedReplicaTest, NothingIsSavedBeforeTheDocumentHasItsId) {
  const auto saved = OpenAs(7);
  ASSERT_TRUE(saved->document().Insert(CodePointOffset{0}, "x"));
  ASSERT_TRUE(saved->Save());
  EXPECT_FALSE(saved->has_file());
  EXPECT_EQ(CountFiles(), 0U);
}

TEST_F(SavedReplicaTest, OneAtATimeHasTheFile) {
  Run(7, "x");
  const auto first = OpenAs(8);
  const auto second = SavedReplica::Open(Path("a"), {9});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kFileInUse);
}

TEST_F(SavedReplicaTest, AFileThatSomebodyElseMadeMeanwhileIsLeftAlone) {
  const auto late = OpenAs(8);
  Run(7, "first");
  late->document().SetId(kId);
  const auto saved = late->Save();
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, ErrorCode::kFileChanged);
  EXPECT_EQ(OpenAs(9)->document().Text(), "first");
}

TEST_F(SavedReplicaTest, AListThatIsNoneIsAnError) {
  for (const char* const content : {"x\n", "0\n", "7", "9007199254740992\n", "7\n\n"}) {
    std::filesystem::remove(Path("a"));
    std::filesystem::remove(Path("a.writers"));
    Run(7, "x");
    ASSERT_TRUE(WriteFileAtomically(Path("a.writers"), content));
    const auto saved = SavedReplica::Open(Path("a"), {8});
    ASSERT_FALSE(saved) << content;
    EXPECT_EQ(saved.error().code, ErrorCode::kMalformedFile);
  }
}

TEST_F(SavedReplicaTest, TheListIsBounded) {
  Run(7, "x");
  std::string lines;
  for (size_t i = 0; i <= SavedReplica::kFormerMax + 1; ++i) lines += "9007199254740991\n";
  ASSERT_TRUE(WriteFileAtomically(Path("a.writers"), lines));
  const auto saved = SavedReplica::Open(Path("a"), {8});
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace cotext
