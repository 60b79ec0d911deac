// Trimming whole documents: what it keeps, what it refuses, and what peers from before it get.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "crdt/blame.h"
#include "crdt/change.h"
#include "crdt/codec/compression.h"
#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "crdt/rga_document.h"
#include "crdt/sequence.h"
#include "crdt/version_vector.h"
#include "document/anchor.h"
#include "document/delta.h"
#include "document/document.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/random.h"
#include "document/undo_manager.h"
#include "storage/compression.h"
#include "tests/support/naive_history.h"
#include "tests/support/rga_documents.h"

namespace cotext {
namespace {

constexpr ReplicaId kAnn{10};
constexpr ReplicaId kBob{20};
constexpr ReplicaId kCy{5};

template <typename T>
ErrorCode CodeOf(const Expected<T>& result) {
  return result ? ErrorCode{} : result.error().code;
}

OpId Id(uint64_t counter, ReplicaId replica) {
  return OpId{.counter = counter, .replica = replica};
}

void Put(Document& document, uint64_t at, const std::string& text) {
  ASSERT_TRUE(document.Insert(CodePointOffset{at}, text).has_value());
}

void Cut(Document& document, uint64_t begin, uint64_t end) {
  ASSERT_TRUE(document.Erase(CodePointOffset{begin}, CodePointOffset{end}).has_value());
}

void MustTrim(RgaDocument& document, const VersionVector& version) {
  const auto trimmed = document.Trim(version);
  ASSERT_TRUE(trimmed.has_value()) << trimmed.error().message;
  document.CheckInvariants();
}

std::vector<BlameRange> BlameAll(const RgaDocument& document) {
  return document.Blame(CodePointOffset{0}, CodePointOffset{document.metrics().code_points})
      .value();
}

std::unique_ptr<RgaDocument> Reopened(const RgaDocument& document, ReplicaId replica) {
  auto opened = RgaDocument::Open(document.Save({.keeps_undo = true}).value(), replica, nullptr);
  EXPECT_TRUE(opened.has_value()) << opened.error().message;
  return *std::move(opened);
}

// The flat rule over a plain list, the smallest RGA there is: behind the origin, skip greater ids.
std::vector<OpId> Placed(std::vector<OpId> order, OpId origin, OpId id) {
  auto at = std::ranges::find(order, origin) + 1;
  while (at != order.end() && *at > id) ++at;
  order.insert(at, id);
  return order;
}

// `OX` is known to all. Bob types W behind X, Cy types N behind O, and Ann deletes X, each without
// knowing of the others. Once all know of the delete, X is dead for good and nobody can refer to it
// any more: whoever drops it then places N elsewhere, since X is where N stops.
TEST(TrimTest, ADeleteThatAllKnowOfIsNotEnough) {
  RgaDocument ann(kAnn);
  RgaDocument bob(kBob);
  RgaDocument cy(kCy);
  Put(ann, 0, "OX");
  Pull(bob, ann);
  Pull(cy, ann);
  const VersionVector both = ann.version_vector();
  Cut(ann, 1, 2);
  const VersionVector deleted = ann.version_vector();
  Put(bob, 2, "W");
  Put(cy, 1, "N");
  Pull(bob, ann);
  Pull(cy, ann);

  // By the weaker rule Bob would drop X now.
  const OpId o = Id(1, kAnn);
  const OpId x = Id(2, kAnn);
  const OpId w = Id(3, kBob);
  const OpId n = Id(3, kCy);
  EXPECT_EQ(Placed({o, x, w}, o, n), (std::vector{o, n, x, w}));
  EXPECT_EQ(Placed({o, w}, o, n), (std::vector{o, w, n}));

  // The delete is no critical version for anybody who knows W or N; what came before it is.
  EXPECT_EQ(CodeOf(bob.Trim(deleted)), ErrorCode::kNotCritical);
  EXPECT_EQ(CodeOf(cy.Trim(deleted)), ErrorCode::kNotCritical);
  MustTrim(bob, both);
  Pull(bob, cy);
  Pull(ann, bob);
  Pull(cy, bob);
  EXPECT_EQ(bob.Text(), "ONW");
  EXPECT_EQ(ann.Text(), "ONW");
  EXPECT_EQ(cy.Text(), "ONW");
}

// Ann typed `abcd` and deleted `b`; Bob has passed that and typed X behind the `c`.
class TrimmedTest : public testing::Test {
 protected:
  TrimmedTest() {
    Put(ann_, 0, "abcd");
    start_ = ann_.version_vector();
    on_b_ = ann_.CreateAnchor(CodePointOffset{1}, Bias::kAfter).value();
    on_c_ = ann_.CreateAnchor(CodePointOffset{2}, Bias::kAfter).value();
    Cut(ann_, 1, 2);
    Pull(bob_, ann_);
    horizon_ = ann_.version_vector();
    Put(bob_, 2, "X");
    Pull(ann_, bob_);
  }

  RgaDocument ann_{kAnn};
  RgaDocument bob_{kBob};
  VersionVector start_;
  VersionVector horizon_;
  Anchor on_b_;
  Anchor on_c_;
};

TEST_F(TrimmedTest, WhatWasVisibleAtTheHorizonAndAllAfterItStay) {
  EXPECT_TRUE(ann_.horizon().empty());
  const std::vector<BlameRange> blame = BlameAll(ann_);
  MustTrim(ann_, horizon_);
  EXPECT_EQ(ann_.horizon(), horizon_);
  EXPECT_EQ(ann_.Text(), "acXd");
  EXPECT_EQ(ann_.version(), bob_.version());
  EXPECT_EQ(ann_.frontier(), bob_.frontier());
  EXPECT_EQ(BlameAll(ann_), blame);
  EXPECT_EQ(ann_.rga().history().graph.end(), OpIndex{1});
  EXPECT_EQ(ann_.rga().history().text.bytes(), 4U);
  EXPECT_EQ(ann_.TextAt(horizon_), "acd");
  EXPECT_EQ(ann_.DeltaBetween(horizon_, ann_.version_vector()), Delta().Retain(2).Insert("X"));
}

TEST_F(TrimmedTest, WhatIsBelowTheHorizonIsHistoryTrimmed) {
  ASSERT_TRUE(ann_.NameVersion("start", start_).has_value());
  ASSERT_TRUE(ann_.NameVersion("horizon", horizon_).has_value());
  MustTrim(ann_, horizon_);
  EXPECT_EQ(CodeOf(ann_.TextAt(start_)), ErrorCode::kHistoryTrimmed);
  EXPECT_EQ(CodeOf(ann_.TextAt({})), ErrorCode::kHistoryTrimmed);
  EXPECT_EQ(CodeOf(ann_.BlameAt(start_)), ErrorCode::kHistoryTrimmed);
  EXPECT_EQ(CodeOf(ann_.DeltaBetween(start_, horizon_)), ErrorCode::kHistoryTrimmed);
  EXPECT_EQ(CodeOf(ann_.VersionOf({})), ErrorCode::kHistoryTrimmed);
  EXPECT_EQ(CodeOf(ann_.VersionOf(std::vector{Id(3, kAnn)})), ErrorCode::kHistoryTrimmed);
  EXPECT_EQ(CodeOf(ann_.Trim(start_)), ErrorCode::kHistoryTrimmed);
  EXPECT_EQ(CodeOf(ann_.EncodeSince(Version{start_.Encode()})), ErrorCode::kHistoryTrimmed);
  EXPECT_EQ(CodeOf(ann_.VersionNamed("start")), ErrorCode::kHistoryTrimmed);
  EXPECT_EQ(ann_.VersionNamed("horizon"), horizon_);
  EXPECT_EQ(ann_.VersionOf(std::vector{Id(5, kAnn)}), horizon_);
  EXPECT_EQ(ann_.VersionOf(std::vector{Id(3, kAnn), Id(6, kBob)}), ann_.version_vector());
  VersionVector unknown = horizon_;
  unknown.Observe(Id(9, kCy));
  EXPECT_EQ(CodeOf(ann_.TextAt(unknown)), ErrorCode::kUnknownVersion);
}

TEST_F(TrimmedTest, AnAnchorOnWhatIsGoneIsHistoryTrimmed) {
  MustTrim(ann_, horizon_);
  EXPECT_EQ(CodeOf(ann_.ResolveAnchor(on_b_)), ErrorCode::kHistoryTrimmed);
  EXPECT_EQ(ann_.ResolveAnchor(on_c_), CodePointOffset{1});
  Cut(ann_, 1, 2);
  EXPECT_EQ(ann_.ResolveAnchor(on_c_), CodePointOffset{1});
  const Anchor unknown = bob_.CreateAnchor(CodePointOffset{0}, Bias::kAfter).value();
  EXPECT_TRUE(ann_.ResolveAnchor(unknown).has_value());
}

TEST_F(TrimmedTest, APeerFromBeforeTheHorizonIsRefusedAndLosesNothing) {
  // Knows `abcd` only, and goes on from there.
  RgaDocument late(ReplicaId{50});
  Atoms typed = AtomsOf(ann_.ChangesSince({})[0]);
  std::erase_if(typed, [](const auto& entry) { return entry.first.counter > 4; });
  Random random(1);
  ASSERT_TRUE(late.Integrate(ChangeOf(random, typed).view()).has_value());
  ASSERT_EQ(late.version_vector(), start_);
  Put(late, 4, "late");
  RgaDocument newcomer(ReplicaId{60});
  Put(newcomer, 0, "new");
  MustTrim(ann_, horizon_);
  const std::string before = ann_.Text();
  for (RgaDocument* const peer : {&late, &newcomer}) {
    const std::string text = peer->Text();
    const VersionVector version = peer->version_vector();
    const std::string update = peer->EncodeSince(Version{VersionVector().Encode()}).value();
    EXPECT_EQ(CodeOf(ann_.Merge(update)), ErrorCode::kHistoryTrimmed);
    EXPECT_EQ(CodeOf(ann_.MergeUpdate(peer->ChangesSince({}))), ErrorCode::kHistoryTrimmed);
    EXPECT_EQ(CodeOf(ann_.EncodeSince(Version{version.Encode()})), ErrorCode::kHistoryTrimmed);
    EXPECT_EQ(ann_.Text(), before);
    EXPECT_EQ(peer->Text(), text);
    EXPECT_EQ(peer->version_vector(), version);
  }
  EXPECT_EQ(late.Text(), "abcdlate");
  ann_.CheckInvariants();
}

TEST_F(TrimmedTest, AChangeThatLacksPartOfTheHorizonIsRefusedHoweverItComes) {
  // Cy heard of `abcd`, not of the delete.
  RgaDocument cy(kCy);
  const Update all = ann_.ChangesSince({});
  LooseChange first = Loosen(all[0]);
  Atoms typed = AtomsOf(all[0]);
  std::erase_if(typed, [](const auto& entry) { return entry.first.counter > 4; });
  Random random(1);
  ASSERT_TRUE(cy.Integrate(ChangeOf(random, typed).view()).has_value());
  ASSERT_EQ(cy.version_vector(), start_);
  Put(cy, 4, "!");
  MustTrim(ann_, horizon_);
  const std::string text = ann_.Text();
  const VersionVector version = ann_.version_vector();
  EXPECT_EQ(CodeOf(ann_.Merge(*cy.EncodeSince(ann_.version()))), ErrorCode::kHistoryTrimmed);
  EXPECT_EQ(CodeOf(ann_.Merge(*cy.EncodeSince(RgaDocument(kCy).version()))),
            ErrorCode::kHistoryTrimmed);
  EXPECT_EQ(CodeOf(ann_.MergeUpdate(cy.ChangesSince(start_))), ErrorCode::kHistoryTrimmed);
  EXPECT_EQ(CodeOf(ann_.EncodeSince(cy.version())), ErrorCode::kHistoryTrimmed);
  EXPECT_EQ(ann_.Text(), text);
  EXPECT_EQ(ann_.version_vector(), version);
  EXPECT_EQ(cy.Text(), "abcd!");
  ann_.CheckInvariants();
}

// Nobody who keeps the rules sends this: a change after the horizon that names what was deleted in
// it.
TEST_F(TrimmedTest, AnOperationOnWhatWasDroppedIsRefused) {
  MustTrim(ann_, horizon_);
  const OpId b = Id(2, kAnn);
  for (const auto kind : {Operation::Kind::kInsert, Operation::Kind::kDelete}) {
    const bool is_insert = kind == Operation::Kind::kInsert;
    LooseChange change;
    change.replica = is_insert ? kCy : ReplicaId{31};
    change.first_counter = 6;
    change.parents = {Id(5, kAnn)};
    Operation operation = Loosen(bob_.ChangesSince(horizon_)[0]).operations[0];
    operation.kind = kind;
    operation.reference = b;
    operation.text_bytes = is_insert ? 1 : 0;
    change.operations = {operation};
    change.text = is_insert ? "Y" : "";
    EXPECT_EQ(CodeOf(ann_.Integrate(change.view())), ErrorCode::kHistoryTrimmed);
    const auto peer = bob_.Fork(ReplicaId{40});
    EXPECT_TRUE(peer->Integrate(change.view()).has_value());
    EXPECT_EQ(CodeOf(peer->Trim(horizon_)), ErrorCode::kNotCritical) << is_insert;
    peer->CheckInvariants();
  }
}

TEST_F(TrimmedTest, AnUpdateOfEverythingFromAPeerThatDidNotTrimIsWelcome) {
  MustTrim(ann_, horizon_);
  Put(bob_, 0, "Y");
  Put(bob_, 5, "Z");
  const std::string all = bob_.EncodeSince(RgaDocument(kCy).version()).value();
  ASSERT_TRUE(ann_.Merge(all).has_value());
  EXPECT_EQ(ann_.Text(), "YacXdZ");
  EXPECT_EQ(ann_.version(), bob_.version());
  ASSERT_TRUE(ann_.MergeUpdate(bob_.ChangesSince({})).has_value());
  EXPECT_EQ(ann_.Text(), "YacXdZ");
  ann_.CheckInvariants();
}

TEST_F(TrimmedTest, AVersionInsideAChangeCanBeTheHorizon) {
  Put(bob_, 3, "123456");
  VersionVector middle = bob_.version_vector();
  for (int i = 0; i < 3; ++i) {
    VersionVector less = horizon_;
    less.Observe(Id(middle.CounterOf(kBob) - 1, kBob));
    middle = less;
  }
  Pull(ann_, bob_);
  MustTrim(bob_, middle);
  EXPECT_EQ(bob_.Text(), "acX123456d");
  EXPECT_EQ(bob_.TextAt(middle), "acX123d");
  MustTrim(ann_, horizon_);
  Put(ann_, 10, "!");
  Pull(bob_, ann_);
  EXPECT_EQ(bob_.Text(), "acX123456d!");
  // All of a change of which the beginning was trimmed.
  ASSERT_TRUE(bob_.MergeUpdate(ann_.ChangesSince(horizon_)).has_value());
  bob_.CheckInvariants();
}

TEST_F(TrimmedTest, TheHorizonMovesForwardsOnly) {
  MustTrim(ann_, horizon_);
  MustTrim(ann_, horizon_);
  const VersionVector later = ann_.version_vector();
  MustTrim(ann_, later);
  EXPECT_EQ(ann_.horizon(), later);
  EXPECT_EQ(CodeOf(ann_.Trim(horizon_)), ErrorCode::kHistoryTrimmed);
  EXPECT_EQ(ann_.rga().history().graph.end(), OpIndex{0});
  Put(ann_, 0, "!");
  EXPECT_EQ(ann_.frontier(), std::vector{Id(7, kAnn)});
  Pull(bob_, ann_);
  EXPECT_EQ(bob_.Text(), "!acXd");
}

TEST_F(TrimmedTest, StepsOfUndoWithOperationsBelowAreForgottenOthersStay) {
  Put(ann_, 0, "1");
  const VersionVector version = ann_.version_vector();
  Put(ann_, 0, "2");
  Cut(ann_, 2, 4);
  MustTrim(ann_, version);
  EXPECT_EQ(ann_.undo_manager().step_count(UndoStack::kUndo), 2U);
  const auto again = Reopened(ann_, kAnn);
  ASSERT_EQ(again->RestoreUndo(), true);
  for (RgaDocument* const document : {&ann_, again.get()}) {
    ASSERT_EQ(document->Undo(), true);
    EXPECT_EQ(document->Text(), "21acXd");
    ASSERT_EQ(document->Undo(), true);
    EXPECT_EQ(document->Text(), "1acXd");
    EXPECT_FALSE(document->CanUndo());
    ASSERT_EQ(document->Redo(), true);
    ASSERT_EQ(document->Redo(), true);
    EXPECT_EQ(document->Text(), "21Xd");
    document->CheckInvariants();
  }
}

TEST_F(TrimmedTest, ListenersOfUndoHearThatAllStepsAreGone) {
  std::vector<UndoEvent> events;
  ann_.undo_manager().Subscribe([&](const UndoEvent& event) { events.push_back(event); });
  MustTrim(ann_, horizon_);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind, UndoEvent::Kind::kCleared);
  EXPECT_FALSE(events[0].can_undo);
}

TEST_F(TrimmedTest, NothingIsTrimmedInsideATransaction) {
  ann_.BeginTransaction();
  EXPECT_EQ(CodeOf(ann_.Trim(horizon_)), ErrorCode::kTransactionOpen);
  EXPECT_EQ(CodeOf(ann_.Pack({}, nullptr)), ErrorCode::kTransactionOpen);
  ann_.CommitTransaction();
  EXPECT_TRUE(ann_.horizon().empty());
}

TEST_F(TrimmedTest, AFileBringsANewPeer) {
  MustTrim(ann_, horizon_);
  const auto cy = Reopened(ann_, kCy);
  EXPECT_FALSE(cy->is_unpacked());
  EXPECT_EQ(cy->Text(), "acXd");
  EXPECT_EQ(cy->horizon(), horizon_);
  EXPECT_EQ(BlameAll(*cy), BlameAll(ann_));
  Put(*cy, 0, "?");
  Pull(ann_, *cy);
  EXPECT_EQ(ann_.Text(), "?acXd");
}

TEST_F(TrimmedTest, AnEmptyDocumentCanBeTrimmed) {
  RgaDocument empty(kCy);
  MustTrim(empty, {});
  EXPECT_TRUE(empty.horizon().empty());
  Cut(ann_, 0, 4);
  MustTrim(ann_, ann_.version_vector());
  EXPECT_EQ(ann_.Text(), "");
  const auto again = Reopened(ann_, kAnn);
  Put(*again, 0, "on");
  EXPECT_EQ(again->Text(), "on");
  EXPECT_EQ(again->next_counter(), 13U);
  again->CheckInvariants();
}

// Pack.

TEST_F(TrimmedTest, APackedDocumentGoesOnAsIfNothingHadHappened) {
  Put(ann_, 0, "12");
  MustTrim(ann_, horizon_);
  const VersionVector version = ann_.version_vector();
  const Compressor compressor = CompressorFor(Profile::kSmall);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(ann_.Pack(compressor, NativeDecompressor()).has_value());
    EXPECT_FALSE(ann_.is_unpacked());
    EXPECT_FALSE(ann_.is_as_opened());
    EXPECT_EQ(ann_.rga().sequence().options().leaf_runs, SequenceOptions().leaf_runs);
    ASSERT_TRUE(ann_.Pack(compressor, NativeDecompressor()).has_value());
    EXPECT_EQ(ann_.metrics().code_points, 6U);
    EXPECT_EQ(ann_.Text(), "12acXd");
    EXPECT_FALSE(ann_.is_unpacked());
    EXPECT_EQ(ann_.Slice(CodePointOffset{1}, CodePointOffset{3}), "2a");
    EXPECT_TRUE(ann_.is_unpacked());
    EXPECT_EQ(ann_.opened_version(), std::nullopt);
  }
  EXPECT_EQ(ann_.version_vector(), version);
  ASSERT_TRUE(ann_.Pack(compressor, NativeDecompressor()).has_value());
  ASSERT_EQ(ann_.Undo(), true);
  EXPECT_EQ(ann_.Text(), "acXd");
  Put(ann_, 0, "!");
  Pull(bob_, ann_);
  EXPECT_EQ(bob_.Text(), "!acXd");
  ann_.CheckInvariants();
}

TEST(PackTest, AnyDocumentCanBePacked) {
  RgaDocument document(kAnn);
  Put(document, 0, "a\u00e9\U0001f600\n");
  Cut(document, 1, 2);
  ASSERT_TRUE(document.Pack({}, nullptr).has_value());
  EXPECT_EQ(document.metrics().utf16, 4U);
  EXPECT_EQ(document.Text(), "a\U0001f600\n");
  ASSERT_EQ(document.Undo(), true);
  EXPECT_EQ(document.Text(), "a\u00e9\U0001f600\n");
  const auto opened = Reopened(document, kBob);
  ASSERT_TRUE(opened->Pack({}, nullptr).has_value());
  EXPECT_TRUE(opened->is_as_opened());
  EXPECT_EQ(opened->Text(), document.Text());
  EXPECT_FALSE(opened->is_unpacked());
}

}  // namespace
}  // namespace cotext
