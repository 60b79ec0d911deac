// The contract of Document, kept by RgaDocument: edits, transactions, events, merging, reading.
#include "crdt/rga_document.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crdt/version_vector.h"
#include "document/delta.h"
#include "document/utf8.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"
#include "tests/support/rga_documents.h"
#include "tests/support/rga_testing.h"

namespace cotext {
namespace {

constexpr ReplicaId kMe{7};
constexpr ReplicaId kOther{5};

// One, two, three and four bytes, two lines, a carriage return: 6 characters, 12 bytes, 7 UTF-16
// units.
constexpr std::string_view kMixed = "a\u00e9\u4e2d\U0001f600\r\n";

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

// Keeps a text by the deltas alone. Every event must lead to the text that the document has.
class Mirror {
 public:
  explicit Mirror(RgaDocument& document) : document_(document), text_(document.Text()) {
    id_ = document.Subscribe([this](const DeltaEvent& event) { Hear(event); });
  }
  Mirror(const Mirror&) = delete;
  Mirror& operator=(const Mirror&) = delete;
  ~Mirror() { document_.Unsubscribe(id_); }

  const std::vector<EditOrigin>& origins() const { return origins_; }
  const Delta& last() const { return last_; }

  // The text must be the document's between events, too.
  void Check() const { ASSERT_EQ(text_, document_.Text()); }

 private:
  void Hear(const DeltaEvent& event) {
    event.delta.CheckInvariants();
    EXPECT_FALSE(event.delta.empty());
    const Expected<std::string> after = Apply(event.delta, text_);
    ASSERT_TRUE(after.has_value());
    text_ = *after;
    EXPECT_EQ(text_, document_.Text());
    origins_.push_back(event.origin);
    last_ = event.delta;
  }

  RgaDocument& document_;
  std::string text_;
  Document::SubscriptionId id_;
  std::vector<EditOrigin> origins_;
  Delta last_;
};

// Editing.

TEST(RgaDocumentTest, BeginsEmpty) {
  const RgaDocument document(kMe);
  EXPECT_EQ(document.engine(), Engine::kRga);
  EXPECT_EQ(document.Text(), "");
  EXPECT_EQ(document.metrics(), TextMetrics{});
  EXPECT_EQ(document.replica(), kMe);
  EXPECT_EQ(document.Slice(CodePointOffset{0}, Point{0, 0}).value(), "");
}

TEST(RgaDocumentTest, EveryUnitNamesTheSamePlaces) {
  const std::pair<AnyOffset, AnyOffset> face[] = {
      {CodePointOffset{3}, CodePointOffset{4}},
      {ByteOffset{6}, ByteOffset{10}},
      {Utf16Offset{3}, Utf16Offset{5}},
      {Point{0, 3}, Point{0, 4}},
      {ByteOffset{6}, Point{0, 4}},
  };
  for (const auto& [begin, end] : face) {
    const auto document = DocumentWith(kMixed);
    EXPECT_EQ(document->Slice(begin, end).value(), "\U0001f600");
    ASSERT_TRUE(document->Replace(begin, end, "X").has_value());
    EXPECT_EQ(document->Text(), "a\u00e9\u4e2dX\r\n");
    ASSERT_TRUE(document->Insert(begin, "Y").has_value());
    EXPECT_EQ(document->Text(), "a\u00e9\u4e2dYX\r\n");
    ASSERT_TRUE(document->Erase(begin, begin).has_value());
    EXPECT_EQ(document->Text(), "a\u00e9\u4e2dYX\r\n");
  }
}

TEST(RgaDocumentTest, EveryUnitNamesTheEnd) {
  for (const AnyOffset& end : {AnyOffset{CodePointOffset{6}}, AnyOffset{ByteOffset{12}},
                               AnyOffset{Utf16Offset{7}}, AnyOffset{Point{1, 0}}}) {
    const auto document = DocumentWith(kMixed);
    ASSERT_TRUE(document->Insert(end, "z").has_value());
    EXPECT_EQ(document->Text(), std::string(kMixed) + "z");
  }
}

struct BadEdit {
  const char* what;
  AnyOffset begin;
  AnyOffset end;
  std::string_view text;
  ErrorCode code;
};

const BadEdit kBadEdits[] = {
    {"begins past the end", CodePointOffset{7}, CodePointOffset{7}, "x", ErrorCode::kOutOfRange},
    {"ends past the end", CodePointOffset{0}, CodePointOffset{7}, "x", ErrorCode::kOutOfRange},
    {"ends far away", CodePointOffset{0}, CodePointOffset{~uint64_t{0}}, "x",
     ErrorCode::kOutOfRange},
    {"bytes past the end", ByteOffset{13}, ByteOffset{13}, "x", ErrorCode::kOutOfRange},
    {"units past the end", Utf16Offset{8}, Utf16Offset{8}, "x", ErrorCode::kOutOfRange},
    {"line past the end", Point{2, 0}, Point{2, 0}, "x", ErrorCode::kOutOfRange},
    {"line far away", Point{~uint64_t{0}, 0}, Point{0, 0}, "x", ErrorCode::kOutOfRange},
    {"column past its line", Point{0, 6}, Point{0, 6}, "x", ErrorCode::kOutOfRange},
    {"column past the last line", Point{1, 1}, Point{1, 1}, "x", ErrorCode::kOutOfRange},
    {"column far away", Point{0, ~uint64_t{0}}, Point{1, 0}, "x", ErrorCode::kOutOfRange},
    {"inside two bytes", ByteOffset{2}, ByteOffset{3}, "x", ErrorCode::kInsideCharacter},
    {"inside three bytes", ByteOffset{3}, ByteOffset{5}, "x", ErrorCode::kInsideCharacter},
    {"inside four bytes", ByteOffset{9}, ByteOffset{10}, "x", ErrorCode::kInsideCharacter},
    {"inside a surrogate pair", Utf16Offset{4}, Utf16Offset{5}, "x", ErrorCode::kInsideCharacter},
    {"to inside a pair", Utf16Offset{3}, Utf16Offset{4}, "x", ErrorCode::kInsideCharacter},
    {"reversed", CodePointOffset{3}, CodePointOffset{2}, "x", ErrorCode::kOutOfRange},
    {"reversed, in two units", Point{1, 0}, ByteOffset{0}, "x", ErrorCode::kOutOfRange},
    {"a lone continuation", CodePointOffset{0}, CodePointOffset{1}, "\x80",
     ErrorCode::kInvalidUtf8},
    {"a truncated character", CodePointOffset{0}, CodePointOffset{1}, "a\xe4\xb8",
     ErrorCode::kInvalidUtf8},
    {"a surrogate", CodePointOffset{0}, CodePointOffset{0}, "\xed\xa0\x80",
     ErrorCode::kInvalidUtf8},
    {"an overlong form", CodePointOffset{0}, CodePointOffset{0}, "\xc0\x80",
     ErrorCode::kInvalidUtf8},
};

TEST(RgaDocumentTest, ARefusedEditChangesNothing) {
  for (const BadEdit& bad : kBadEdits) {
    SCOPED_TRACE(bad.what);
    const auto document = DocumentWith(kMixed);
    Cut(*document, 0, 1);
    ASSERT_TRUE(document->Undo().value());
    Mirror mirror(*document);
    const Version version = document->version();
    const Expected<void> edited = document->Replace(bad.begin, bad.end, bad.text);
    ASSERT_FALSE(edited.has_value());
    EXPECT_EQ(edited.error().code, bad.code);
    EXPECT_EQ(document->Text(), kMixed);
    EXPECT_EQ(document->version(), version);
    EXPECT_TRUE(mirror.origins().empty());
    EXPECT_FALSE(document->in_transaction());
    EXPECT_TRUE(document->CanRedo());
  }
}

TEST(RgaDocumentTest, RandomEditsInEveryUnitEqualAString) {
  ForEachSeed(100, [](Random& random) {
    RgaDocument document(kMe, kTinySequence);
    Mirror mirror(document);
    std::string text;
    for (int step = 0; step < 60; ++step) {
      const uint64_t length = CountCodePoints(text);
      const uint64_t first = random.Below(length + 1);
      const uint64_t last = random.Between(first, std::min(length, first + 4));
      const size_t begin = ByteOfCodePoint(text, first);
      const size_t end = ByteOfCodePoint(text, last);
      const auto in_some_unit = [&](uint64_t at, size_t byte) -> AnyOffset {
        const TextMetrics before = Measure(text.substr(0, byte));
        const size_t line = text.rfind('\n', byte == 0 ? 0 : byte - 1);
        switch (random.Below(4)) {
          case 0: return ByteOffset{byte};
          case 1: return Utf16Offset{before.utf16};
          case 2:
            return Point{before.newlines, before.newlines == 0 ? at
                                                               : CountCodePoints(text.substr(
                                                                     line + 1, byte - line - 1))};
          default: return CodePointOffset{at};
        }
      };
      const std::string inserted = RandomText(random, 5);
      ASSERT_TRUE(document.Replace(in_some_unit(first, begin), in_some_unit(last, end), inserted)
                      .has_value());
      text.replace(begin, end - begin, inserted);
      ASSERT_EQ(document.Text(), text);
      ASSERT_EQ(document.metrics(), Measure(text));
      mirror.Check();
      document.CheckInvariants();
    }
  });
}

// Transactions.

TEST(RgaDocumentTest, ATransactionIsOneEventAndOneUndoStep) {
  const auto document = DocumentWith("abc");
  Mirror mirror(*document);
  document->BeginTransaction();
  EXPECT_TRUE(document->in_transaction());
  Put(*document, 0, "X");
  document->BeginTransaction();
  Cut(*document, 3, 4);
  document->CommitTransaction();
  EXPECT_TRUE(document->in_transaction());
  Put(*document, 3, "Y");
  EXPECT_EQ(document->Text(), "XabY");
  EXPECT_TRUE(mirror.origins().empty());
  document->CommitTransaction();
  EXPECT_FALSE(document->in_transaction());
  EXPECT_EQ(mirror.origins(), std::vector{EditOrigin::kLocal});
  EXPECT_EQ(mirror.last(), Delta().Insert("X").Retain(2).Insert("Y").Delete(1));
  EXPECT_TRUE(document->Undo().value());
  EXPECT_EQ(document->Text(), "abc");
  EXPECT_EQ(mirror.origins(), (std::vector{EditOrigin::kLocal, EditOrigin::kUndo}));
}

TEST(RgaDocumentTest, TransactReturnsWhatItsEditsReturnAndCommitsInAnyCase) {
  RgaDocument document(kMe);
  Mirror mirror(document);
  const Expected<void> failed = document.Transact([&document]() -> Expected<void> {
    COTEXT_RETURN_IF_ERROR(document.Insert(CodePointOffset{0}, "a"));
    return document.Insert(CodePointOffset{9}, "b");
  });
  EXPECT_EQ(failed.error().code, ErrorCode::kOutOfRange);
  EXPECT_FALSE(document.in_transaction());
  EXPECT_EQ(document.Text(), "a");
  EXPECT_EQ(mirror.origins().size(), 1U);
  EXPECT_EQ(document.Transact([] { return 42; }), 42);
}

TEST(RgaDocumentTest, ATransactionWithoutAnEffectOnTheTextHasNoEvent) {
  const auto document = DocumentWith("abc");
  Mirror mirror(*document);
  document->Transact([] {});
  Put(*document, 1, "");
  document->Transact([&] {
    Put(*document, 1, "X");
    Cut(*document, 1, 2);
  });
  EXPECT_EQ(document->Text(), "abc");
  EXPECT_TRUE(mirror.origins().empty());
}

TEST(RgaDocumentTest, ReplacingInsertsBeforeWhatItDeletes) {
  const auto document = DocumentWith("abc");
  Mirror mirror(*document);
  ASSERT_TRUE(document->Replace(CodePointOffset{1}, CodePointOffset{2}, "X").has_value());
  EXPECT_EQ(mirror.last(), Delta().Retain(1).Insert("X").Delete(1));
  const std::vector<ListedElement> elements = ListElements(document->rga());
  EXPECT_EQ(elements[1].character, "X");
  EXPECT_EQ(elements[2].character, "b");
  EXPECT_TRUE(elements[2].deleted);
}

TEST(RgaDocumentDeathTest, CommittingWithoutATransactionStopsTheProgram) {
  RgaDocument document(kMe);
  EXPECT_DEATH(document.CommitTransaction(), "transaction_depth_ > 0");
}

// Deltas.

TEST(RgaDocumentTest, ApplyingRandomDeltasEqualsApplyingThemToAString) {
  ForEachSeed(300, [](Random& random) {
    RgaDocument document(kMe, kTinySequence);
    Put(document, 0, RandomText(random, 20));
    Mirror mirror(document);
    for (int step = 0; step < 10; ++step) {
      const std::string before = document.Text();
      const size_t events = mirror.origins().size();
      const uint64_t counter = document.next_counter();
      const Delta delta = RandomDelta(random, before, DeletedText::kSome);
      ASSERT_TRUE(document.Apply(delta).has_value());
      const std::string after = Apply(delta, before).value();
      ASSERT_EQ(document.Text(), after);
      ASSERT_EQ(mirror.origins().size(), events + (delta.empty() ? 0 : 1));
      if (document.next_counter() == counter) continue;
      ASSERT_TRUE(document.Undo().value());
      ASSERT_EQ(document.Text(), before);
      ASSERT_TRUE(document.Redo().value());
      ASSERT_EQ(document.Text(), after);
    }
  });
}

TEST(RgaDocumentTest, ADeltaThatDoesNotFitChangesNothing) {
  const Delta deltas[] = {
      Delta().Insert("x").Retain(3).Delete(4),
      Delta().Insert("x").Retain(7).Insert("y"),
      Delta().Insert("x").DeleteText("b"),
      Delta().Delete(1).Retain(1).Insert("x").DeleteText("\u4e2d\U0001f601"),
      Delta().Delete(1).Retain(3).Insert("x").DeleteText("\r\n\n"),
  };
  for (const Delta& delta : deltas) {
    const auto document = DocumentWith(kMixed);
    Mirror mirror(*document);
    const Version version = document->version();
    const Expected<void> applied = document->Apply(delta);
    ASSERT_FALSE(applied.has_value());
    EXPECT_EQ(applied.error().code, ErrorCode::kDeltaMismatch);
    EXPECT_EQ(document->Text(), kMixed);
    EXPECT_EQ(document->version(), version);
    EXPECT_TRUE(mirror.origins().empty());
  }
}

TEST(RgaDocumentTest, ADeltaWithTheRightDeletedTextApplies) {
  const auto document = DocumentWith(kMixed);
  ASSERT_TRUE(
      document->Apply(Delta().Retain(1).DeleteText("\u00e9\u4e2d").Retain(1).DeleteText("\r\n"))
          .has_value());
  EXPECT_EQ(document->Text(), "a\U0001f600");
}

// Reading.

TEST(RgaDocumentTest, EverySliceIsThatOfTheTextAndComesInWholeCharacters) {
  ForEachSeed(20, [](Random& random) {
    RgaDocument document(kMe, kTinySequence);
    for (int i = 0; i < 20; ++i) EditSomewhere(random, document, RandomText(random, 4));
    const std::string text = document.Text();
    const uint64_t length = CountCodePoints(text);
    for (uint64_t begin = 0; begin <= length; ++begin) {
      for (uint64_t end = begin; end <= length; ++end) {
        const size_t from = ByteOfCodePoint(text, begin);
        const std::string expected = text.substr(from, ByteOfCodePoint(text, end) - from);
        ASSERT_EQ(document.Slice(CodePointOffset{begin}, CodePointOffset{end}).value(), expected);
        std::string joined;
        const auto read = document.ForEachChunk(CodePointOffset{begin}, CodePointOffset{end},
                                                [&joined](std::string_view chunk) {
                                                  EXPECT_FALSE(chunk.empty());
                                                  EXPECT_TRUE(IsValidUtf8(chunk));
                                                  joined += chunk;
                                                });
        ASSERT_TRUE(read.has_value());
        ASSERT_EQ(joined, expected);
      }
    }
  });
}

TEST(RgaDocumentTest, ARangeThatIsNoneIsNotRead) {
  const auto document = DocumentWith(kMixed);
  const auto never = [](std::string_view) { FAIL(); };
  const std::pair<uint64_t, uint64_t> bad[] = {{0, 7}, {7, 7}, {3, 2}, {7, 6}};
  for (const auto& [begin, end] : bad) {
    const CodePointOffset first{begin};
    const CodePointOffset last{end};
    EXPECT_EQ(document->ForEachChunk(first, last, never).error().code, ErrorCode::kOutOfRange);
    EXPECT_EQ(document->Slice(first, last).error().code, ErrorCode::kOutOfRange);
  }
  EXPECT_EQ(document->Slice(Utf16Offset{0}, Utf16Offset{4}).error().code,
            ErrorCode::kInsideCharacter);
  EXPECT_EQ(document->Slice(ByteOffset{2}, ByteOffset{12}).error().code,
            ErrorCode::kInsideCharacter);
}

// Listeners.

TEST(RgaDocumentTest, ListenersAreCalledInTheOrderTheySubscribed) {
  RgaDocument document(kMe);
  std::string calls;
  document.Subscribe([&](const DeltaEvent&) { calls += 'a'; });
  const auto middle = document.Subscribe([&](const DeltaEvent&) { calls += 'b'; });
  document.Subscribe([&](const DeltaEvent&) { calls += 'c'; });
  Put(document, 0, "x");
  EXPECT_EQ(calls, "abc");
  document.Unsubscribe(middle);
  document.Unsubscribe(middle);
  document.Unsubscribe(12345);
  Put(document, 0, "x");
  EXPECT_EQ(calls, "abcac");
}

TEST(RgaDocumentTest, AListenerMayUnsubscribeItselfAndOthers) {
  RgaDocument document(kMe);
  std::string calls;
  Document::SubscriptionId self = 0;
  Document::SubscriptionId later = 0;
  Document::SubscriptionId earlier = document.Subscribe([&](const DeltaEvent&) { calls += 'a'; });
  self = document.Subscribe([&](const DeltaEvent&) {
    calls += 'b';
    document.Unsubscribe(self);
    document.Unsubscribe(earlier);
    document.Unsubscribe(later);
  });
  later = document.Subscribe([&](const DeltaEvent&) { calls += 'c'; });
  document.Subscribe([&](const DeltaEvent&) { calls += 'd'; });
  Put(document, 0, "x");
  EXPECT_EQ(calls, "abd");
  Put(document, 0, "x");
  EXPECT_EQ(calls, "abdd");
}

TEST(RgaDocumentTest, AListenerMaySubscribeOthersWhichHearOfTheNextChange) {
  RgaDocument document(kMe);
  std::vector<std::unique_ptr<Mirror>> mirrors;
  document.Subscribe(
      [&](const DeltaEvent&) { mirrors.push_back(std::make_unique<Mirror>(document)); });
  // More than any vector holds without moving.
  for (size_t i = 0; i < 20; ++i) {
    Put(document, i / 2, "x");
    ASSERT_EQ(mirrors.size(), i + 1);
  }
  for (size_t i = 0; i < mirrors.size(); ++i) {
    EXPECT_EQ(mirrors[i]->origins().size(), 19 - i);
    mirrors[i]->Check();
  }
}

TEST(RgaDocumentTest, AListenerCannotChangeTheDocument) {
  RgaDocument document(kMe);
  RgaDocument other(kOther);
  Put(other, 0, "other");
  const std::string update = other.EncodeSince({document.version()}).value();
  int calls = 0;
  document.Subscribe([&](const DeltaEvent&) {
    ++calls;
    const CodePointOffset begin{0};
    const auto refuses = [](const auto& result) {
      ASSERT_FALSE(result.has_value());
      EXPECT_EQ(result.error().code, ErrorCode::kReentrantEdit);
    };
    refuses(document.Insert(begin, "y"));
    refuses(document.Erase(begin, CodePointOffset{1}));
    refuses(document.Apply(Delta().Insert("y")));
    refuses(document.Transact([&] { return document.Insert(begin, "y"); }));
    refuses(document.Merge(update));
    refuses(document.Undo());
    refuses(document.Redo());
    EXPECT_EQ(document.Text(), calls == 1 ? "x" : "xother");
  });
  Put(document, 0, "x");
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(document.in_transaction());
  // It may be changed again afterwards.
  EXPECT_TRUE(document.Merge(update).has_value());
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

TEST(RgaDocumentTest, WhoSubscribesInsideATransactionHearsOfTheRestOfIt) {
  const auto document = DocumentWith("abc");
  Mirror first(*document);
  document->BeginTransaction();
  Put(*document, 0, "X");
  Mirror second(*document);
  Cut(*document, 1, 3);
  Mirror third(*document);
  document->CommitTransaction();
  EXPECT_EQ(document->Text(), "Xc");
  EXPECT_EQ(first.last(), Delta().Insert("X").Delete(2));
  EXPECT_EQ(second.last(), Delta().Retain(1).Delete(2));
  EXPECT_TRUE(third.origins().empty());
  Put(*document, 1, "Y");
  for (const Mirror* mirror : {&first, &second, &third}) mirror->Check();
}

TEST(RgaDocumentTest, EditsThatNobodyHeardOfInATransactionAreNotToldLater) {
  const auto document = DocumentWith("abc");
  auto first = std::make_unique<Mirror>(*document);
  document->BeginTransaction();
  Put(*document, 0, "X");
  first.reset();
  Cut(*document, 0, 4);
  Mirror second(*document);
  Put(*document, 0, "Y");
  document->CommitTransaction();
  EXPECT_EQ(second.last(), Delta().Insert("Y"));
  second.Check();
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
  Mirror mirror(document);
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
  Mirror mirror(document);
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
  Mirror mirror(document);
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
  Put(other, 0, kMixed);
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
      Mirror mirror(*victim);
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
      mirrors_[at] = mirrors_[at] ? nullptr : std::make_unique<Mirror>(document);
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
  std::vector<std::unique_ptr<Mirror>> mirrors_;
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
  Mirror mirror(*document);
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
