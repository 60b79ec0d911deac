// The selections of steps of undo that a trim keeps: their characters may be gone.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/anchor.h"
#include "document/document.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/undo_manager.h"
#include "tests/support/rga_documents.h"

namespace cotext {
namespace {

class TrimUndoTest : public testing::Test {
 protected:
  Anchor At(uint64_t position, Bias bias) const {
    return ann_.CreateAnchor(CodePointOffset{position}, bias).value();
  }

  void Replace(uint64_t begin, uint64_t end, const std::string& text) {
    ASSERT_TRUE(ann_.Replace(CodePointOffset{begin}, CodePointOffset{end}, text).has_value());
  }

  void MustTrim(const VersionVector& version) {
    const auto trimmed = ann_.Trim(version);
    ASSERT_TRUE(trimmed.has_value()) << trimmed.error().message;
    ann_.CheckInvariants();
  }

  // Where the anchors are that the latest undo or redo gave back; -1 for one that leads nowhere.
  std::vector<int64_t> Restored() const {
    std::vector<int64_t> positions;
    for (const Anchor& anchor : ann_.undo_manager().restored().anchors) {
      const auto at = ann_.ResolveAnchor(anchor);
      positions.push_back(at ? static_cast<int64_t>(at->value) : -1);
    }
    return positions;
  }

  RgaDocument ann_{ReplicaId{10}};
  RgaDocument bob_{ReplicaId{20}};
};

// `bc` was selected and replaced by X; that was undone, and then all before the undo was trimmed.
TEST_F(TrimUndoTest, ASelectionGoesToWhatItsCharactersCameBackAs) {
  Replace(0, 0, "abcd");
  ann_.SetSelectionBefore({.anchors = {At(1, Bias::kAfter), At(3, Bias::kBefore)}});
  Replace(1, 3, "X");
  ann_.SetSelectionAfter({.anchors = {At(2, Bias::kBefore)}});
  const VersionVector version = ann_.version_vector();
  ASSERT_EQ(ann_.Undo(), true);
  EXPECT_EQ(Restored(), (std::vector<int64_t>{1, 3}));
  MustTrim(version);
  EXPECT_EQ(Restored(), (std::vector<int64_t>{1, 3}));
  ASSERT_EQ(ann_.Redo(), true);
  EXPECT_EQ(ann_.Text(), "aXd");
  EXPECT_EQ(Restored(), (std::vector<int64_t>{2}));
  Replace(0, 0, "12");
  ASSERT_EQ(ann_.Undo(), true);
  ASSERT_EQ(ann_.Undo(), true);
  EXPECT_EQ(ann_.Text(), "abcd");
  EXPECT_EQ(Restored(), (std::vector<int64_t>{1, 3}));
}

// What is undone and redone below the horizon leaves a chain of copies, of which only the last one
// is kept.
TEST_F(TrimUndoTest, ASelectionGoesToACopyOfACopy) {
  Replace(0, 0, "abcd");
  ann_.SetSelectionBefore({.anchors = {At(1, Bias::kAfter), At(3, Bias::kBefore)}});
  Replace(1, 3, "");
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(ann_.Undo(), true);
    ASSERT_EQ(ann_.Redo(), true);
  }
  const VersionVector version = ann_.version_vector();
  ASSERT_EQ(ann_.Undo(), true);
  MustTrim(version);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(ann_.Redo(), true);
    EXPECT_EQ(ann_.Text(), "ad");
    ASSERT_EQ(ann_.Undo(), true);
    EXPECT_EQ(ann_.Text(), "abcd");
    EXPECT_EQ(Restored(), (std::vector<int64_t>{1, 3}));
  }
}

// Bob deleted what Ann's step had its selection on, and all know that: only its place is left.
TEST_F(TrimUndoTest, ASelectionOnWhatIsGoneForGoodStaysInItsPlace) {
  Replace(0, 0, "abcdef");
  ann_.SetSelectionBefore({.anchors = {At(1, Bias::kAfter), At(2, Bias::kBefore),
                                       At(5, Bias::kAfter), At(0, Bias::kBefore)}});
  Replace(0, 0, "!");
  Pull(bob_, ann_);
  ASSERT_TRUE(bob_.Erase(CodePointOffset{2}, CodePointOffset{4}).has_value());
  ASSERT_TRUE(bob_.Erase(CodePointOffset{4}, CodePointOffset{5}).has_value());
  Pull(ann_, bob_);
  ASSERT_EQ(ann_.Text(), "!ade");
  const VersionVector version = ann_.version_vector();
  ASSERT_EQ(ann_.Undo(), true);
  ASSERT_EQ(ann_.Redo(), true);
  MustTrim(version);
  // What comes to stand there goes in front of it, at the end of the document too.
  Pull(bob_, ann_);
  ASSERT_TRUE(bob_.Insert(CodePointOffset{2}, "12").has_value());
  ASSERT_TRUE(bob_.Insert(CodePointOffset{6}, "34").has_value());
  Pull(ann_, bob_);
  ASSERT_EQ(ann_.Text(), "!a12de34");
  ASSERT_EQ(ann_.Undo(), true);
  EXPECT_EQ(ann_.Text(), "a12de34");
  EXPECT_EQ(Restored(), (std::vector<int64_t>{3, 3, 7, 0}));
}

// What stands behind the place comes back in front of it, and the selection stays.
TEST_F(TrimUndoTest, APlaceDoesNotFollowWhatIsBroughtBack) {
  Replace(0, 0, "abc");
  const Anchor on_b = At(1, Bias::kAfter);
  Pull(bob_, ann_);
  ASSERT_TRUE(bob_.Erase(CodePointOffset{1}, CodePointOffset{2}).has_value());
  Pull(ann_, bob_);
  const VersionVector version = ann_.version_vector();
  ann_.SetSelectionBefore({.anchors = {on_b}});
  Replace(2, 2, "!");
  Replace(1, 2, "");
  EXPECT_EQ(ann_.Text(), "a!");
  MustTrim(version);
  ASSERT_EQ(ann_.Undo(), true);
  ASSERT_EQ(ann_.Undo(), true);
  EXPECT_EQ(ann_.Text(), "ac");
  EXPECT_EQ(Restored(), std::vector<int64_t>{2});
  // The first `c` is gone for good, too.
  MustTrim(ann_.version_vector());
  EXPECT_EQ(Restored(), std::vector<int64_t>{2});
}

TEST_F(TrimUndoTest, ASelectionThatWasSaidBeforeATrimIsKept) {
  Replace(0, 0, "abc");
  const Anchor on_b = At(1, Bias::kAfter);
  Replace(1, 2, "");
  ann_.SetSelectionBefore({.anchors = {on_b}});
  MustTrim(ann_.version_vector());
  EXPECT_EQ(ann_.ResolveAnchor(on_b).error().code, ErrorCode::kHistoryTrimmed);
  Replace(2, 2, "!");
  ASSERT_EQ(ann_.Undo(), true);
  EXPECT_EQ(Restored(), std::vector<int64_t>{1});
  // And so is the one that was given back last.
  Replace(1, 2, "");
  Replace(0, 0, "??");
  MustTrim(ann_.version_vector());
  EXPECT_EQ(Restored(), std::vector<int64_t>{3});
}

// A listener of undo may trim before the last one has heard.
TEST_F(TrimUndoTest, EventsThatWereNotToldYetKeepTheirSelections) {
  Replace(0, 0, "abc");
  ann_.SetSelectionBefore({.anchors = {At(1, Bias::kAfter)}});
  Replace(1, 2, "X");
  ann_.SetSelectionAfter({.anchors = {At(2, Bias::kBefore)}});
  std::vector<int64_t> heard;
  ann_.undo_manager().Subscribe([&](const UndoEvent& event) {
    if (event.kind == UndoEvent::Kind::kPopped) {
      ASSERT_TRUE(ann_.Trim(ann_.version_vector()).has_value());
    }
    for (const Anchor& anchor : event.selection.anchors) {
      const auto at = ann_.ResolveAnchor(anchor);
      heard.push_back(at ? static_cast<int64_t>(at->value) : -1);
    }
  });
  ASSERT_EQ(ann_.Undo(), true);
  EXPECT_EQ(ann_.Text(), "abc");
  EXPECT_EQ(heard, (std::vector<int64_t>{1, 2}));
  EXPECT_FALSE(ann_.CanRedo());
}

TEST_F(TrimUndoTest, ATrimThatIsRefusedChangesNoSelection) {
  Replace(0, 0, "abc");
  ann_.SetSelectionBefore({.anchors = {At(1, Bias::kAfter)}});
  Replace(1, 2, "");
  VersionVector unknown = ann_.version_vector();
  unknown.Observe(OpId{.counter = 99, .replica = ReplicaId{10}});
  EXPECT_FALSE(ann_.Trim(unknown).has_value());
  ASSERT_EQ(ann_.Undo(), true);
  EXPECT_EQ(Restored(), std::vector<int64_t>{1});
}

}  // namespace
}  // namespace cotext
