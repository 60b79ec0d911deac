// Large updates merged into a document: what its listeners hear and what it can undo.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "crdt/change.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/sequence.h"
#include "document/delta.h"
#include "document/error.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/naive_history.h"
#include "tests/support/rga_documents.h"
#include "tests/support/rga_testing.h"
#include "tests/support/tree_rga.h"

namespace cotext {
namespace {

constexpr ReplicaId kMe{50};

// What one has, the other has then, too.
void MergeAll(RgaDocument& to, const RgaDocument& from) {
  const auto update = from.EncodeSince(to.version());
  ASSERT_TRUE(update);
  ASSERT_TRUE(to.Merge(*update));
}

// Hears all events, each of which must lead from the text before to the text after.
class Listener {
 public:
  explicit Listener(RgaDocument& document) : document_(document), text_(document.Text()) {
    id_ = document.Subscribe([this](const DeltaEvent& event) { Hear(event); });
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { document_.Unsubscribe(id_); }

  const std::vector<Delta>& deltas() const { return deltas_; }
  EditOrigin last_origin() const { return last_origin_; }
  const std::string& text() const { return text_; }

 private:
  void Hear(const DeltaEvent& event) {
    event.delta.CheckInvariants();
    const Expected<std::string> after = Apply(event.delta, text_);
    ASSERT_TRUE(after.has_value());
    text_ = *after;
    EXPECT_EQ(text_, document_.Text());
    deltas_.push_back(event.delta);
    last_origin_ = event.origin;
  }

  RgaDocument& document_;
  std::string text_;
  Document::SubscriptionId id_;
  std::vector<Delta> deltas_;
  EditOrigin last_origin_ = EditOrigin::kLocal;
};

// Peers that collaborated; what they know together is in the first.
class Peers {
 public:
  explicit Peers(Random& random) : random_(random), documents_(MakeDocuments(random, 3)) {
    while (all().ChangesSince({}).operation_count() < 100) Work();
  }

  RgaDocument& all() { return *documents_.front(); }
  FreshCharacters& characters() { return characters_; }

  void Work() {
    for (int i = 0; i < 30; ++i) {
      EditSomewhere(random_, *documents_[random_.Below(documents_.size())],
                    characters_.Text(random_.Below(6)));
      if (random_.Chance(20)) {
        const size_t to = random_.Below(documents_.size());
        Pull(*documents_[to], *documents_[(to + 1) % documents_.size()]);
      }
    }
    Converge(documents_);
  }

 private:
  Random& random_;
  RgaDocuments documents_;
  FreshCharacters characters_;
};

SequenceOptions AnyOptions(Random& random) {
  return random.Chance(50) ? kTinySequence : SequenceOptions{};
}

void MustMerge(RgaDocument& document, const Update& update) {
  const Expected<void> merged = document.MergeUpdate(update);
  ASSERT_TRUE(merged.has_value()) << merged.error().message;
  document.CheckInvariants();
}

TEST(RgaDocumentBulkTest, ListenersOfAnEmptyDocumentHearOneInsert) {
  ForEachSeed(50, [](Random& random) {
    Peers peers(random);
    RgaDocument document(kMe, AnyOptions(random));
    const Listener listener(document);
    ASSERT_NO_FATAL_FAILURE(MustMerge(document, peers.all().ChangesSince({})));
    ASSERT_EQ(document.Text(), peers.all().Text());
    ASSERT_EQ(listener.deltas().size(), 1U);
    EXPECT_EQ(listener.deltas().front(), Delta().Insert(document.Text()));
    EXPECT_EQ(listener.last_origin(), EditOrigin::kRemote);
    // What comes later is told as what it is.
    EditSomewhere(random, document, peers.characters().Text(2));
    EXPECT_EQ(listener.text(), document.Text());
    peers.Work();
    ASSERT_NO_FATAL_FAILURE(Pull(document, peers.all()));
    EXPECT_EQ(listener.text(), document.Text());
  });
}

TEST(RgaDocumentBulkTest, ListenersOfADocumentWithTextHearDeltasThatComposeToTheChange) {
  ForEachSeed(50, [](Random& random) {
    Peers peers(random);
    RgaDocument document(kMe, AnyOptions(random));
    EditSomewhere(random, document, peers.characters().Text(3));
    // Text that is deleted again is not an empty document: its elements are here.
    if (random.Chance(30)) {
      ASSERT_TRUE(document.Erase(CodePointOffset{0}, CodePointOffset{3}).has_value());
    }
    const std::string before = document.Text();
    const Listener listener(document);
    ASSERT_NO_FATAL_FAILURE(MustMerge(document, peers.all().ChangesSince({})));
    ASSERT_EQ(listener.deltas().size(), 1U);
    EXPECT_EQ(listener.last_origin(), EditOrigin::kRemote);
    EXPECT_EQ(Apply(listener.deltas().front(), before).value(), document.Text());
    ASSERT_NO_FATAL_FAILURE(Pull(peers.all(), document));
    EXPECT_EQ(peers.all().Text(), document.Text());
  });
}

TEST(RgaDocumentBulkTest, ListenersHearNothingOfTextThatIsDeletedAlready) {
  ForEachSeed(20, [](Random& random) {
    Peers peers(random);
    const uint64_t length = peers.all().metrics().code_points;
    ASSERT_TRUE(peers.all().Erase(CodePointOffset{0}, CodePointOffset{length}).has_value());
    RgaDocument document(kMe, AnyOptions(random));
    const Listener listener(document);
    ASSERT_NO_FATAL_FAILURE(MustMerge(document, peers.all().ChangesSince({})));
    EXPECT_EQ(document.version_vector(), peers.all().version_vector());
    EXPECT_EQ(document.Text(), "");
    EXPECT_TRUE(listener.deltas().empty());
  });
}

TEST(RgaDocumentBulkTest, TheSameUpdateAgainIsNotHeardOf) {
  ForEachSeed(20, [](Random& random) {
    Peers peers(random);
    RgaDocument document(kMe, AnyOptions(random));
    const Listener listener(document);
    const Update update = peers.all().ChangesSince({});
    for (int i = 0; i < 3; ++i) ASSERT_NO_FATAL_FAILURE(MustMerge(document, update));
    EXPECT_EQ(listener.deltas().size(), 1U);
    EXPECT_EQ(listener.text(), peers.all().Text());
  });
}

TEST(RgaDocumentBulkTest, ListenersHearWhatCameBeforeARefusedChange) {
  ForEachSeed(30, [](Random& random) {
    Peers peers(random);
    const Update update = peers.all().ChangesSince({});
    Update spoilt;
    for (size_t i = 0; i < update.size(); ++i) {
      LooseChange change = Loosen(update[i]);
      if (i == update.size() / 2) ++change.first_counter;
      spoilt.Append(change.view());
    }
    RgaDocument document(kMe, AnyOptions(random));
    const Listener listener(document);
    const Expected<void> merged = document.MergeUpdate(spoilt);
    ASSERT_FALSE(merged.has_value());
    EXPECT_EQ(ErrorName(merged.error().code), ErrorName(ErrorCode::kWrongCounter));
    document.CheckInvariants();
    EXPECT_EQ(listener.text(), document.Text());
    ASSERT_NO_FATAL_FAILURE(MustMerge(document, update));
    EXPECT_EQ(listener.text(), document.Text());
    EXPECT_EQ(document.Text(), peers.all().Text());
  });
}

TEST(RgaDocumentBulkTest, OwnStepsAreUndoneAndRedoneAfterAMerge) {
  Random random(1);
  Peers peers(random);
  RgaDocument document(kMe, kTinySequence);
  ASSERT_TRUE(document.Insert(CodePointOffset{0}, "own").has_value());
  ASSERT_NO_FATAL_FAILURE(MustMerge(document, peers.all().ChangesSince({})));
  const std::string both = document.Text();
  EXPECT_NE(both, peers.all().Text());
  ASSERT_TRUE(document.Undo().value());
  EXPECT_EQ(document.Text(), peers.all().Text());
  // The merge is nobody's step.
  EXPECT_FALSE(document.CanUndo());
  ASSERT_TRUE(document.Redo().value());
  EXPECT_EQ(document.Text(), both);
  document.CheckInvariants();
}

TEST(RgaDocumentBulkTest, UndoAfterAMergeEqualsUndoAfterItsChanges) {
  ForEachSeed(60, [](Random& random) {
    Peers peers(random);
    const SequenceOptions options = AnyOptions(random);
    RgaDocument bulk(kMe, options);
    RgaDocument single(kMe, options);
    const auto edit = [&] {
      for (uint64_t edits = random.Between(1, 4); edits > 0; --edits) {
        const std::string text = peers.characters().Text(random.Below(5));
        Random same = random;
        EditSomewhere(random, bulk, text);
        EditSomewhere(same, single, text);
      }
    };
    edit();
    for (int merges = 0; merges < 2; ++merges) {
      const Update update = peers.all().ChangesSince(bulk.version_vector());
      ASSERT_NO_FATAL_FAILURE(MustMerge(bulk, update));
      for (size_t i = 0; i < update.size(); ++i) {
        ASSERT_TRUE(single.Integrate(update[i]).has_value());
      }
      edit();
      for (uint64_t steps = random.Below(8); steps > 0; --steps) {
        const bool undo = random.Chance(60);
        const Expected<bool> done = undo ? bulk.Undo() : bulk.Redo();
        ASSERT_EQ(done.value(), (undo ? single.Undo() : single.Redo()).value());
        ASSERT_EQ(bulk.Text(), single.Text());
        bulk.CheckInvariants();
      }
      peers.Work();
    }
    while (bulk.CanUndo()) {
      ASSERT_EQ(bulk.Undo().value(), single.Undo().value());
      ASSERT_EQ(bulk.Text(), single.Text());
    }
    bulk.CheckInvariants();
    ASSERT_EQ(bulk.version_vector(), single.version_vector());
  });
}

// Found by `cotext simulate` (star, RGA, 5 replicas, 200 edits, seed 314).
TEST(RgaDocumentBulkTest, ARunThatGoesOnInALaterChangeIsNotPassedTooEarly) {
  // Ids are looked at page by page: this fills two.
  constexpr size_t kPages = 128;
  RgaDocument filler(ReplicaId{1});
  RgaDocument typist(ReplicaId{2});
  RgaDocument other(ReplicaId{3});
  ASSERT_TRUE(filler.Insert(CodePointOffset{0}, std::string(kPages, '.')));
  ASSERT_TRUE(typist.Insert(CodePointOffset{0}, "a"));
  MergeAll(other, typist);
  // The second change of one run: its counters lie behind all of the filler's.
  MergeAll(typist, filler);
  const uint64_t behind = typist.Text().find('a') + 1;
  ASSERT_TRUE(typist.Insert(CodePointOffset{behind}, "b"));
  // Less than those, and greater than what the run would have had in one change.
  ASSERT_TRUE(other.Insert(CodePointOffset{0}, "12345"));
  ASSERT_TRUE(other.Insert(CodePointOffset{6}, "x"));

  RgaDocument all(ReplicaId{4});
  for (RgaDocument* const document : {&filler, &typist, &other}) MergeAll(all, *document);
  EXPECT_NE(all.Text().find("abx"), std::string::npos) << all.Text();
  RgaDocument at_once(ReplicaId{5});
  MergeAll(at_once, all);
  EXPECT_EQ(at_once.Text(), all.Text());
}

// Runs of typing with gaps in their counters, concurrent inserts behind them, and pages between.
TEST(RgaDocumentBulkTest, RunsOverSeveralChangesComeOutTheSameAtOnceAndStepByStep) {
  ForEachSeed(300, [](Random& random) {
    RgaDocument all(ReplicaId{9});
    std::vector<std::unique_ptr<RgaDocument>> writers;
    for (uint64_t i = 1; i <= 4; ++i) {
      writers.push_back(std::make_unique<RgaDocument>(ReplicaId{i}));
    }
    std::vector<uint64_t> carets(writers.size(), 0);
    for (int step = 0; step < 60; ++step) {
      const size_t at = random.Below(writers.size());
      RgaDocument& writer = *writers[at];
      if (random.Chance(30)) MergeAll(writer, *writers[random.Below(writers.size())]);
      const uint64_t length = writer.Text().size();
      if (random.Chance(25)) carets[at] = random.Below(length + 1);
      carets[at] = std::min(carets[at], length);
      const uint64_t count = random.Chance(15) ? random.Between(20, 80) : random.Between(1, 2);
      const std::string text(count, static_cast<char>('a' + random.Below(26)));
      ASSERT_TRUE(writer.Insert(CodePointOffset{carets[at]}, text));
      carets[at] += count;
      if (random.Chance(40)) MergeAll(all, writer);
    }
    for (const auto& writer : writers) MergeAll(all, *writer);
    TreeRga oracle;
    const Update changes = all.ChangesSince({});
    for (size_t i = 0; i < changes.size(); ++i) oracle.Integrate(changes[i]);
    ASSERT_EQ(all.Text(), oracle.Text());
    RgaDocument at_once(ReplicaId{8});
    MergeAll(at_once, all);
    ASSERT_EQ(at_once.Text(), oracle.Text());
  });
}

}  // namespace
}  // namespace cotext
