// One user alone sees no difference between the engines: the same edits, undos and redos give the
// same texts, events and selections, and anchors go to the same places.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "crdt/rga_document.h"
#include "document/undo_manager.h"
#include "ot/ot_document.h"
#include "tests/support/document_mirror.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"
#include "tests/support/rga_documents.h"
#include "tests/support/rga_testing.h"

namespace cotext {
namespace {

struct PlacedAnchors {
  Anchor rga;
  Anchor ot;
};

// A script played to both engines.
class TwoEngines {
 public:
  explicit TwoEngines(Random& random) : random_(random) {}

  void Configure(const UndoOptions& options) {
    ForBoth([&](Document& document) { document.undo_manager().SetOptions(options); });
  }

  void Edit(bool with_selections) {
    const uint64_t edits = random_.Between(1, random_.Chance(70) ? 1 : 4);
    const uint64_t seed = random_.Next();
    ForBoth([&](Document& document) {
      Random same(seed);
      document.Transact([&] {
        if (with_selections) document.SetSelectionBefore(Selection(same, document));
        for (uint64_t i = 0; i < edits; ++i) {
          EditSomewhere(same, document, RandomText(same, same.Chance(30) ? 0 : 4));
        }
        if (with_selections) document.SetSelectionAfter(Selection(same, document));
      });
    });
  }

  void ApplyDelta() {
    const Delta delta = RandomDelta(random_, rga_.Text(), DeletedText::kSome);
    ForBoth([&](Document& document) { ASSERT_TRUE(document.Apply(delta).has_value()); });
  }

  void TakeBack(UndoStack stack) {
    bool any[2] = {};
    size_t engine = 0;
    ForBoth([&](Document& document) {
      const auto taken = stack == UndoStack::kUndo ? document.Undo() : document.Redo();
      ASSERT_TRUE(taken.has_value());
      any[engine++] = *taken;
    });
    ASSERT_EQ(any[0], any[1]);
    CheckSelections();
  }

  void PlaceAnchors() {
    const uint64_t length = rga_.metrics().code_points;
    const CodePointOffset at{random_.Below(length + 1)};
    const Bias bias = random_.Chance(50) ? Bias::kBefore : Bias::kAfter;
    anchors_.push_back({.rga = *rga_.CreateAnchor(at, bias), .ot = *ot_.CreateAnchor(at, bias)});
  }

  void Check() const {
    ASSERT_EQ(ot_.Text(), rga_.Text());
    ASSERT_EQ(ot_.metrics(), rga_.metrics());
    ASSERT_EQ(ot_.CanUndo(), rga_.CanUndo());
    ASSERT_EQ(ot_.CanRedo(), rga_.CanRedo());
    ASSERT_EQ(ot_heard_.origins(), rga_heard_.origins());
    ASSERT_EQ(ot_heard_.last(), rga_heard_.last());
    for (const PlacedAnchors& anchors : anchors_) {
      ASSERT_EQ(ot_.ResolveAnchor(anchors.ot).value(), rga_.ResolveAnchor(anchors.rga).value());
    }
    ot_.CheckInvariants();
  }

  template <typename Action>
  void ForBoth(Action action) {
    action(rga_);
    action(ot_);
  }

 private:
  static UndoSelection Selection(Random& random, const Document& document) {
    const uint64_t length = document.metrics().code_points;
    const uint64_t begin = random.Below(length + 1);
    const uint64_t end = random.Between(begin, length);
    return {.anchors = {*document.CreateAnchor(CodePointOffset{begin}, Bias::kAfter),
                        *document.CreateAnchor(CodePointOffset{end}, Bias::kBefore)},
            .data = "selection"};
  }

  void CheckSelections() const {
    const auto& rga = rga_.undo_manager().restored().anchors;
    const auto& ot = ot_.undo_manager().restored().anchors;
    ASSERT_EQ(rga.size(), ot.size());
    for (size_t i = 0; i < rga.size(); ++i) {
      ASSERT_EQ(ot_.ResolveAnchor(ot[i]).value(), rga_.ResolveAnchor(rga[i]).value()) << i;
    }
  }

  Random& random_;
  RgaDocument rga_{ReplicaId{1}, kTinySequence};
  OtDocument ot_;
  DocumentMirror rga_heard_{rga_};
  DocumentMirror ot_heard_{ot_};
  std::vector<PlacedAnchors> anchors_;
};

TEST(TwoEnginesTest, EditsUndoAndRedoGiveTheSameTextsAndEvents) {
  ForEachSeed(300, [](Random& random) {
    TwoEngines engines(random);
    for (int step = 0; step < 60 && !testing::Test::HasFatalFailure(); ++step) {
      const uint64_t what = random.Below(100);
      if (what < 45) {
        engines.Edit(false);
      } else if (what < 50) {
        engines.ApplyDelta();
      } else {
        engines.TakeBack(what < 80 ? UndoStack::kUndo : UndoStack::kRedo);
      }
      engines.Check();
    }
  });
}

TEST(TwoEnginesTest, AnchorsGoToTheSamePlaces) {
  ForEachSeed(300, [](Random& random) {
    TwoEngines engines(random);
    for (int step = 0; step < 60 && !testing::Test::HasFatalFailure(); ++step) {
      if (random.Chance(40)) engines.PlaceAnchors();
      random.Chance(80) ? engines.Edit(false) : engines.ApplyDelta();
      engines.Check();
    }
  });
}

// What an undo brings back, anchors on what was deleted stay behind, on both engines.
TEST(TwoEnginesTest, AnchorsGoToTheSamePlacesThroughUndo) {
  ForEachSeed(300, [](Random& random) {
    TwoEngines engines(random);
    for (int step = 0; step < 60 && !testing::Test::HasFatalFailure(); ++step) {
      if (random.Chance(40)) engines.PlaceAnchors();
      const uint64_t what = random.Below(100);
      if (what < 60) {
        engines.Edit(false);
      } else {
        engines.TakeBack(what < 85 ? UndoStack::kUndo : UndoStack::kRedo);
      }
      engines.Check();
    }
  });
}

TEST(TwoEnginesTest, GroupsLimitsAndSelectionsAreTheSame) {
  ForEachSeed(300, [](Random& random) {
    TwoEngines engines(random);
    engines.Configure({.max_steps = random.Chance(50) ? 1000 : random.Between(1, 5)});
    uint64_t ms = 0;
    bool grouped = false;
    for (int step = 0; step < 60 && !testing::Test::HasFatalFailure(); ++step) {
      const uint64_t what = random.Below(100);
      if (what < 50) {
        ms += random.Below(800);
        engines.ForBoth([ms](Document& document) { document.undo_manager().SetTime(ms); });
        engines.Edit(true);
      } else if (what < 57) {
        engines.ForBoth([grouped](Document& document) {
          grouped ? document.undo_manager().EndGroup() : document.undo_manager().BeginGroup();
        });
        grouped = !grouped;
      } else if (what < 59) {
        engines.ForBoth([](Document& document) { document.undo_manager().Clear(); });
      } else {
        engines.TakeBack(what < 85 ? UndoStack::kUndo : UndoStack::kRedo);
      }
      engines.Check();
    }
  });
}

}  // namespace
}  // namespace cotext
