// What RgaDocument has beyond the contract of Document (tests/document): merging, whole texts, ids.
#include "crdt/rga_document.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/version_vector.h"
#include "document/delta.h"
#include "tests/support/document_mirror.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"
#include "tests/support/rga_documents.h"
#include "tests/support/rga_testing.h"

namespace cotext {
namespace {

constexpr ReplicaId kMe{7};
constexpr ReplicaId kOther{5};

void Put(Document& document, uint64_t at, std::string_view text) {
  ASSERT_TRUE(document.Insert(CodePointOffset{at}, text).has_value());
}

void Cut(Document& document, uint64_t begin, uint64_t end) {
  ASSERT_TRUE(document.Erase(CodePointOffset{begin}, CodePointOffset{end}).has_value());
}

std::unique_ptr<RgaDocument> DocumentWith(std::string_view text) {
  auto document = std::make_unique<RgaDocument>(kMe);
  Put(*document, 0, text);
  return document;
}

TEST(RgaDocumentTest, ReplacingInsertsBeforeTheTombstones) {
  const auto document = DocumentWith("abc");
  ASSERT_TRUE(document->Replace(CodePointOffset{1}, CodePointOffset{2}, "X").has_value());
  const std::vector<ListedElement> elements = ListElements(document->rga());
  EXPECT_EQ(elements[1].character, "X");
  EXPECT_EQ(elements[2].character, "b");
  EXPECT_TRUE(elements[2].deleted);
}

// Listeners.

TEST(RgaDocumentTest, AListenerCannotMerge) {
  RgaDocument document(kMe);
  RgaDocument other(kOther);
  Put(other, 0, "other");
  const std::string update = other.EncodeSince({document.version()}).value();
  int calls = 0;
  document.Subscribe([&](const DeltaEvent&) {
    ++calls;
    EXPECT_EQ(document.Merge(update).error().code, ErrorCode::kReentrantEdit);
  });
  Put(document, 0, "x");
  EXPECT_EQ(document.Text(), "x");
  EXPECT_TRUE(document.Merge(update).has_value());
  EXPECT_EQ(document.Text(), "xother");
  EXPECT_EQ(calls, 2);
}

TEST(RgaDocumentTest, AListenerMayChangeAnotherDocument) {
  RgaDocument document(kMe);
  RgaDocument other(kOther);
  document.Subscribe([&](const DeltaEvent&) { Pull(other, document); });
  int refused = 0;
  other.Subscribe([&](const DeltaEvent& event) {
    EXPECT_EQ(event.origin, EditOrigin::kRemote);
    const Expected<void> merged = document.Merge(other.EncodeSince(document.version()).value());
    if (!merged) refused += merged.error().code == ErrorCode::kReentrantEdit ? 1 : 0;
  });
  for (uint64_t i = 0; i < 3; ++i) Put(document, i, "x");
  EXPECT_EQ(other.Text(), "xxx");
  EXPECT_EQ(refused, 3);
}

// Merging.

TEST(RgaDocumentTest, MergingInsideATransactionIsRefused) {
  RgaDocument document(kMe);
  RgaDocument other(kOther);
  Put(other, 0, "other");
  const std::string update = other.EncodeSince(document.version()).value();
  document.BeginTransaction();
  Put(document, 0, "mine");
  const Expected<void> merged = document.Merge(update);
  ASSERT_FALSE(merged.has_value());
  EXPECT_EQ(merged.error().code, ErrorCode::kTransactionOpen);
  EXPECT_EQ(document.MergeUpdate(other.ChangesSince({})).error().code, ErrorCode::kTransactionOpen);
  EXPECT_EQ(document.Integrate(other.ChangesSince({})[0]).error().code,
            ErrorCode::kTransactionOpen);
  document.CommitTransaction();
  EXPECT_EQ(document.Text(), "mine");
  EXPECT_TRUE(document.Merge(update).has_value());
  EXPECT_TRUE(document.Undo().value());
  EXPECT_EQ(document.Text(), "other");
}

TEST(RgaDocumentTest, MergingTwiceIsMergingOnce) {
  RgaDocument document(kMe);
  RgaDocument other(kOther);
  Put(other, 0, "other");
  Cut(other, 1, 3);
  const std::string update = other.EncodeSince(document.version()).value();
  DocumentMirror mirror(document);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(document.Merge(update).has_value());
  EXPECT_EQ(document.Text(), "oer");
  EXPECT_EQ(mirror.origins(), std::vector{EditOrigin::kRemote});
  EXPECT_FALSE(document.CanUndo());
  EXPECT_EQ(document.version(), other.version());
}

TEST(RgaDocumentTest, MergeOfWhatComesTooEarlyKeepsWhatCameBeforeAndMayBeRepeated) {
  RgaDocument document(kMe);
  RgaDocument other(kOther);
  RgaDocument third(ReplicaId{9});
  Put(third, 0, "3");
  const std::string dependency = third.EncodeSince(document.version()).value();
  Put(other, 0, "a");
  Pull(other, third);
  Put(other, 0, "b");
  VersionVector known;
  known.Observe(third.frontier().front());
  const std::string update = other.EncodeSince({known.Encode()}).value();
  DocumentMirror mirror(document);
  EXPECT_EQ(document.Merge(update).error().code, ErrorCode::kMissingDependency);
  EXPECT_EQ(document.Text(), "a");
  EXPECT_EQ(mirror.origins().size(), 1U);
  ASSERT_TRUE(document.Merge(dependency).has_value());
  ASSERT_TRUE(document.Merge(update).has_value());
  EXPECT_EQ(document.Text(), other.Text());
  mirror.Check();
}

TEST(RgaDocumentTest, MergeStopsAtTheFirstChangeItMustRefuse) {
  RgaDocument document(kMe);
  RgaDocument other(kOther);
  RgaDocument third(ReplicaId{9});
  RgaDocument fourth(ReplicaId{4});
  Put(third, 0, "3");
  VersionVector known = third.version_vector();
  Pull(other, third);
  Put(other, 0, "b");
  Put(fourth, 0, "4");
  Pull(other, fourth);
  const std::string update = other.EncodeSince({known.Encode()}).value();
  EXPECT_EQ(document.Merge(update).error().code, ErrorCode::kMissingDependency);
  EXPECT_EQ(document.Text(), "");
}

TEST(RgaDocumentTest, ChangesThatAreIntegratedOneByOneAreEventsAndNoSteps) {
  RgaDocument document(kMe);
  RgaDocument other(kOther);
  Put(other, 0, "abc");
  Put(document, 0, "X");
  DocumentMirror mirror(document);
  const Update update = other.ChangesSince({});
  ASSERT_EQ(update.size(), 1U);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(document.Integrate(update[0]).has_value());
  EXPECT_EQ(mirror.origins(), std::vector{EditOrigin::kRemote});
  Put(document, 0, "Y");
  EXPECT_TRUE(document.Undo().value());
  EXPECT_EQ(document.Text(), "Xabc");
  EXPECT_TRUE(document.Undo().value());
  EXPECT_EQ(document.Text(), "abc");
  EXPECT_FALSE(document.CanUndo());
  mirror.Check();
}

TEST(RgaDocumentTest, BytesThatAreNoVersionAreRefused) {
  const auto document = DocumentWith("abc");
  const std::string version = document->version().bytes;
  for (size_t size = 0; size < version.size(); ++size) {
    EXPECT_EQ(document->EncodeSince({version.substr(0, size)}).error().code,
              ErrorCode::kInvalidVersion);
  }
  EXPECT_EQ(document->EncodeSince({version + '\0'}).error().code, ErrorCode::kInvalidVersion);
}

TEST(RgaDocumentTest, EveryTruncatedUpdateIsMalformedAndChangesNothing) {
  RgaDocument other(kOther);
  Put(other, 0, "a\u00e9\u4e2d\U0001f600\r\n");
  Cut(other, 1, 3);
  const std::string update = other.EncodeSince({VersionVector().Encode()}).value();
  const auto document = DocumentWith("abc");
  for (size_t size = 0; size < update.size(); ++size) {
    EXPECT_EQ(document->Merge(update.substr(0, size)).error().code, ErrorCode::kMalformedUpdate);
  }
  EXPECT_EQ(document->Text(), "abc");
  EXPECT_TRUE(document->Merge(update).has_value());
}

TEST(RgaDocumentTest, DamagedUpdatesAreRefusedOrMergedButNeverBreakTheDocument) {
  ForEachSeed(300, [](Random& random) {
    RgaDocuments documents = MakeDocuments(random, 2);
    for (int i = 0; i < 8; ++i) {
      EditSomewhere(random, *documents[random.Below(2)], RandomText(random, 4));
      if (random.Chance(40)) Pull(*documents[0], *documents[1]);
      if (random.Chance(40)) Pull(*documents[1], *documents[0]);
    }
    const std::string update = documents[1]->EncodeSince(documents[0]->version()).value();
    for (int trial = 0; trial < 30; ++trial) {
      std::string damaged = update;
      for (uint64_t flips = random.Between(1, 3); flips > 0 && !damaged.empty(); --flips) {
        damaged[random.Below(damaged.size())] = static_cast<char>(random.Below(256));
      }
      const auto victim = documents[0]->Fork(ReplicaId{100});
      DocumentMirror mirror(*victim);
      const Version version = victim->version();
      const Expected<void> merged = victim->Merge(damaged);
      victim->CheckInvariants();
      mirror.Check();
      if (!merged && merged.error().code == ErrorCode::kMalformedUpdate) {
        ASSERT_EQ(victim->version(), version);
      }
    }
  });
}

// Several replicas, of which some are observed from the start, some later, some never.
class EventSchedule {
 public:
  explicit EventSchedule(Random& random)
      : random_(random),
        documents_(MakeDocuments(random, random.Between(2, 4))),
        mirrors_(documents_.size()) {}

  void Run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFatalFailure(); ++i) Step();
    Converge(documents_);
    for (const auto& mirror : mirrors_) {
      if (mirror) mirror->Check();
    }
  }

 private:
  void Step() {
    const size_t at = random_.Below(documents_.size());
    RgaDocument& document = *documents_[at];
    if (random_.Chance(10)) {
      mirrors_[at] = mirrors_[at] ? nullptr : std::make_unique<DocumentMirror>(document);
    }
    const size_t events = mirrors_[at] ? mirrors_[at]->origins().size() : 0;
    const std::string before = document.Text();
    const EditOrigin origin = Act(document);
    document.CheckInvariants();
    if (mirrors_[at] == nullptr) return;
    mirrors_[at]->Check();
    const size_t heard = mirrors_[at]->origins().size() - events;
    ASSERT_LE(heard, 1U);
    if (before != document.Text()) ASSERT_EQ(heard, 1U);
    if (heard > 0) ASSERT_EQ(mirrors_[at]->origins().back(), origin);
  }

  EditOrigin Act(RgaDocument& document) {
    const uint64_t what = random_.Below(100);
    if (what < 40) {
      document.Transact([&] {
        for (uint64_t edits = random_.Between(1, 3); edits > 0; --edits) {
          EditSomewhere(random_, document, RandomText(random_, 4));
        }
      });
      return EditOrigin::kLocal;
    }
    if (what < 50) {
      EXPECT_TRUE(
          document.Apply(RandomDelta(random_, document.Text(), DeletedText::kSome)).has_value());
      return EditOrigin::kLocal;
    }
    if (what < 80) {
      Pull(document, *documents_[random_.Below(documents_.size())]);
      return EditOrigin::kRemote;
    }
    EXPECT_TRUE((what < 90 ? document.Undo() : document.Redo()).has_value());
    return EditOrigin::kUndo;
  }

  Random& random_;
  RgaDocuments documents_;
  std::vector<std::unique_ptr<DocumentMirror>> mirrors_;
};

TEST(RgaDocumentTest, EveryEventLeadsFromTheTextBeforeToTheTextAfter) {
  ForEachSeed(500, [](Random& random) { EventSchedule(random).Run(60); });
}

// Identities.

TEST(RgaDocumentTest, AForkGoesItsOwnWayUntilBothMerge) {
  const auto document = DocumentWith("abc");
  int calls = 0;
  document->Subscribe([&](const DeltaEvent&) { ++calls; });
  const auto fork = document->Fork(kOther);
  EXPECT_EQ(fork->replica(), kOther);
  EXPECT_EQ(fork->Text(), "abc");
  EXPECT_EQ(fork->version(), document->version());
  Put(*fork, 3, "fork");
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(document->Text(), "abc");
  Cut(*document, 0, 1);
  EXPECT_EQ(fork->Text(), "abcfork");
  Pull(*document, *fork);
  Pull(*fork, *document);
  EXPECT_EQ(document->Text(), "bcfork");
  EXPECT_EQ(fork->Text(), "bcfork");
}

TEST(RgaDocumentTest, ANewIdentityWritesUnderItsOwnName) {
  const auto document = DocumentWith("abc");
  document->SetReplica(ReplicaId{8});
  Put(*document, 3, "d");
  EXPECT_EQ(document->replica(), ReplicaId{8});
  EXPECT_EQ(document->version_vector().CounterOf(kMe), 3U);
  EXPECT_EQ(document->version_vector().CounterOf(ReplicaId{8}), 4U);
  EXPECT_EQ(document->OwnChangesFrom(1).size(), 1U);
}

TEST(RgaDocumentTest, AfterAConflictTheTextIsKeptAndGoesOnUnderAnotherName) {
  const auto document = DocumentWith("mine");
  const auto twin = DocumentWith("ours");
  DocumentMirror mirror(*document);
  const Expected<void> merged = document->Merge(twin->EncodeSince({document->version()}).value());
  EXPECT_TRUE(merged.has_value());  // It seems to lack nothing.
  const std::string all = twin->EncodeSince({VersionVector().Encode()}).value();
  EXPECT_EQ(document->Merge(all).error().code, ErrorCode::kReplicaConflict);
  EXPECT_EQ(document->Text(), "mine");
  document->SetReplica(kOther);
  Put(*document, 4, "!");
  EXPECT_EQ(document->Text(), "mine!");
  mirror.Check();
}

TEST(RgaDocumentDeathTest, ANewIdentityInsideATransactionStopsTheProgram) {
  RgaDocument document(kMe);
  document.BeginTransaction();
  EXPECT_DEATH(document.SetReplica(kOther), "in_transaction");
}

}  // namespace
}  // namespace cotext
