// Selections of undo, of a replica that is there twice: once never trimmed, once trimmed again and
// again between edits, undo and redo. What either gives back must be at the same places.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/sequence.h"
#include "crdt/version_vector.h"
#include "document/anchor.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/random.h"
#include "document/undo_manager.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/rga_documents.h"
#include "tests/support/rga_testing.h"

namespace cotext {
namespace {

constexpr uint64_t kSeeds = 1'500;

struct Counts {
  uint64_t trims = 0;
  uint64_t restored = 0;
  uint64_t kept = 0;  // Anchors that would lead nowhere if trims left them as they were.
};

class Selections {
 public:
  Selections(Random& random, Counts& counts) : random_(random), counts_(counts) {}

  void Step() {
    const uint64_t dice = random_.Below(100);
    if (dice < 35) {
      Edit();
    } else if (dice < 55) {
      EditByPeer();
    } else if (dice < 85) {
      for (uint64_t times = random_.Between(1, 4); times > 0; --times) TakeBack();
    } else {
      Trim();
    }
    if (testing::Test::HasFailure()) return;
    Pull(peer_, plain_);
    versions_.push_back(plain_.version_vector());
    ASSERT_EQ(trimmed_.Text(), plain_.Text());
    trimmed_.CheckInvariants();
  }

 private:
  std::array<RgaDocument*, 2> Both() { return {&plain_, &trimmed_}; }

  void Edit() {
    const UndoSelection before = SomeSelection();
    const uint64_t length = plain_.metrics().code_points;
    const uint64_t begin = random_.Below(length + 1);
    const uint64_t end =
        begin + (random_.Chance(60) ? std::min<uint64_t>(random_.Below(4), length - begin) : 0);
    const std::string text = characters_.Text(random_.Below(4));
    for (RgaDocument* const document : Both()) {
      document->SetSelectionBefore(before);
      ASSERT_TRUE(document->Replace(CodePointOffset{begin}, CodePointOffset{end}, text));
    }
    const UndoSelection after = SomeSelection();
    for (RgaDocument* const document : Both()) document->SetSelectionAfter(after);
  }

  void EditByPeer() {
    EditSomewhere(random_, peer_, characters_.Text(random_.Below(4)));
    for (RgaDocument* const document : Both()) Pull(*document, peer_);
  }

  // Returns anchors made now, or of an earlier time, as of an application that does not make them
  // anew for each step.
  UndoSelection SomeSelection() {
    UndoSelection selection;
    for (uint64_t count = random_.Below(4); count > 0; --count) {
      const CodePointOffset at{random_.Below(plain_.metrics().code_points + 1)};
      const Bias bias = random_.Chance(50) ? Bias::kBefore : Bias::kAfter;
      const bool is_new = anchors_.empty() || random_.Chance(70);
      const Anchor anchor =
          is_new ? *plain_.CreateAnchor(at, bias) : anchors_[random_.Below(anchors_.size())];
      anchors_.push_back(anchor);
      // The application's own anchors may be lost.
      if (trimmed_.ResolveAnchor(anchor)) selection.anchors.push_back(anchor);
    }
    return selection;
  }

  void Trim() {
    const VersionVector& version = versions_[random_.Below(versions_.size())];
    if (!version.Covers(trimmed_.horizon())) return;
    ++counts_.trims;
    const auto trimmed = trimmed_.Trim(version);
    ASSERT_TRUE(trimmed.has_value()) << trimmed.error().message;
  }

  void TakeBack() {
    const bool undo = random_.Chance(55);
    if (undo ? !trimmed_.CanUndo() : !trimmed_.CanRedo()) return;
    CountKept(LatestAnchors(plain_, undo ? UndoStack::kUndo : UndoStack::kRedo));
    for (RgaDocument* const document : Both()) {
      ASSERT_EQ(undo ? document->Undo() : document->Redo(), true);
    }
    CheckRestored();
  }

  // Returns the anchors that taking back the latest step gives back, as it has them.
  static std::vector<Anchor> LatestAnchors(const RgaDocument& document, UndoStack stack) {
    UndoSelection selection;
    document.undo_manager().ForEachStep(stack, [&](const UndoStep& step) {
      selection = stack == UndoStack::kUndo ? step.before : step.after;
    });
    return selection.anchors;
  }

  void CountKept(const std::vector<Anchor>& unmoved) {
    for (const Anchor& anchor : unmoved) {
      const auto at = trimmed_.ResolveAnchor(anchor);
      if (!at && at.error().code == ErrorCode::kHistoryTrimmed) ++counts_.kept;
    }
  }

  void CheckRestored() {
    const std::vector<Anchor>& anchors = trimmed_.undo_manager().restored().anchors;
    const std::vector<Anchor>& others = plain_.undo_manager().restored().anchors;
    ASSERT_EQ(anchors.size(), others.size());
    for (size_t i = 0; i < anchors.size(); ++i) {
      ++counts_.restored;
      const auto here = trimmed_.ResolveAnchor(anchors[i]);
      const auto there = plain_.ResolveAnchor(others[i]);
      ASSERT_TRUE(here.has_value()) << here.error().message;
      ASSERT_TRUE(there.has_value()) << there.error().message;
      ASSERT_EQ(*here, *there);
    }
  }

  Random& random_;
  Counts& counts_;
  FreshCharacters characters_;
  RgaDocument plain_{ReplicaId{10}, kTinySequence};
  RgaDocument trimmed_{ReplicaId{10}, kTinySequence};
  RgaDocument peer_{ReplicaId{random_.Chance(50) ? uint64_t{5} : uint64_t{20}}};
  std::vector<VersionVector> versions_ = {{}};  // Of all, each passed by all.
  std::vector<Anchor> anchors_;
};

TEST(TrimSelectionsTest, AreWhereTheyWouldBeWithoutATrim) {
  Counts counts;
  ForEachSeed(kSeeds, [&counts](Random& random) {
    Selections selections(random, counts);
    for (int i = 0; i < 60 && !testing::Test::HasFailure(); ++i) selections.Step();
  });
  EXPECT_GT(counts.trims, kSeeds);
  EXPECT_GT(counts.restored, 10 * kSeeds);
  EXPECT_GT(counts.kept, kSeeds / 3);
}

}  // namespace
}  // namespace cotext
