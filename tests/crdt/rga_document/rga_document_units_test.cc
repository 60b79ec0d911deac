// Conversions between all units at every offset, against a text of one char32_t a character.
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crdt/rga_document.h"
#include "document/offset.h"
#include "document/utf8.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"
#include "tests/support/rga_documents.h"
#include "tests/support/rga_testing.h"

namespace cotext {
namespace {

// Where a character begins, in every unit.
struct Place {
  uint64_t byte;
  uint64_t utf16;
  Point point;
};

uint64_t BytesOf(char32_t character) {
  if (character < 0x80) return 1;
  if (character < 0x800) return 2;
  return character < 0x10000 ? 3 : 4;
}

// The oracle: counts characters one by one.
std::vector<Place> PlacesOf(const std::u32string& text) {
  std::vector<Place> places{Place{.byte = 0, .utf16 = 0, .point = {}}};
  for (const char32_t character : text) {
    Place next = places.back();
    next.byte += BytesOf(character);
    next.utf16 += character < 0x10000 ? 1 : 2;
    if (character == U'\n') {
      next.point = Point{next.point.line + 1, 0};
    } else {
      ++next.point.column;
    }
    places.push_back(next);
  }
  return places;
}

std::u32string Decoded(const std::string& text) {
  std::u32string characters;
  for (size_t byte = 0; byte < text.size(); byte += CharacterBytes(text[byte])) {
    characters += DecodeCodePoint(text, byte);
  }
  return characters;
}

// A code point offset, or why there is none.
struct Answer {
  std::optional<uint64_t> offset;
  std::optional<ErrorCode> error;
  friend bool operator==(const Answer&, const Answer&) = default;
};

Answer AnswerOf(const Expected<CodePointOffset>& offset) {
  if (offset) return Answer{.offset = offset->value, .error = {}};
  return Answer{.offset = {}, .error = offset.error().code};
}

Answer At(uint64_t offset) { return Answer{.offset = offset, .error = {}}; }
Answer Refused(ErrorCode code) { return Answer{.offset = {}, .error = code}; }

// Returns what becomes of every offset of a unit from 0 to one past the end, given where characters
// begin.
template <typename UnitOf>
std::vector<Answer> AnswersOf(const std::vector<Place>& places, UnitOf unit_of) {
  std::vector<Answer> answers(unit_of(places.back()) + 1, Refused(ErrorCode::kInsideCharacter));
  for (size_t i = 0; i < places.size(); ++i) answers[unit_of(places[i])] = At(i);
  answers.push_back(Refused(ErrorCode::kOutOfRange));
  return answers;
}

void CheckFromBytesAndUtf16(const RgaDocument& document, const std::vector<Place>& places) {
  const auto bytes = AnswersOf(places, [](const Place& place) { return place.byte; });
  for (uint64_t at = 0; at < bytes.size(); ++at) {
    ASSERT_EQ(AnswerOf(document.ToCodePoint(ByteOffset{at})), bytes[at]) << "byte " << at;
  }
  const auto units = AnswersOf(places, [](const Place& place) { return place.utf16; });
  for (uint64_t at = 0; at < units.size(); ++at) {
    ASSERT_EQ(AnswerOf(document.ToCodePoint(Utf16Offset{at})), units[at]) << "UTF-16 unit " << at;
  }
}

// Every column of every line, with the line end, and one more of each.
void CheckFromPoints(const RgaDocument& document, const std::vector<Place>& places) {
  for (size_t i = 0; i < places.size(); ++i) {
    const Point point = places[i].point;
    ASSERT_EQ(AnswerOf(document.ToCodePoint(point)), At(i));
    if (i + 1 == places.size() || places[i + 1].point.line > point.line) {
      ASSERT_EQ(AnswerOf(document.ToCodePoint(Point{point.line, point.column + 1})),
                Refused(ErrorCode::kOutOfRange));
    }
  }
  const uint64_t lines = places.back().point.line + 1;
  for (uint64_t column = 0; column < 2; ++column) {
    ASSERT_EQ(AnswerOf(document.ToCodePoint(Point{lines, column})),
              Refused(ErrorCode::kOutOfRange));
  }
}

void CheckFromCodePoints(const RgaDocument& document, const std::vector<Place>& places) {
  for (size_t i = 0; i < places.size(); ++i) {
    const CodePointOffset at{i};
    ASSERT_EQ(AnswerOf(document.ToCodePoint(at)), At(i));
    ASSERT_EQ(document.ToByte(at).value(), ByteOffset{places[i].byte}) << "character " << i;
    ASSERT_EQ(document.ToUtf16(at).value(), Utf16Offset{places[i].utf16}) << "character " << i;
    ASSERT_EQ(document.ToPoint(at).value(), places[i].point) << "character " << i;
  }
  for (const uint64_t past : {places.size(), places.size() + 1, ~size_t{0}}) {
    const CodePointOffset at{past};
    ASSERT_EQ(document.ToCodePoint(at).error().code, ErrorCode::kOutOfRange);
    ASSERT_EQ(document.ToByte(at).error().code, ErrorCode::kOutOfRange);
    ASSERT_EQ(document.ToUtf16(at).error().code, ErrorCode::kOutOfRange);
    ASSERT_EQ(document.ToPoint(at).error().code, ErrorCode::kOutOfRange);
  }
}

void CheckAllConversions(const RgaDocument& document, const std::u32string& text) {
  const std::vector<Place> places = PlacesOf(text);
  ASSERT_EQ(document.metrics(), (TextMetrics{.bytes = places.back().byte,
                                             .code_points = text.size(),
                                             .utf16 = places.back().utf16,
                                             .newlines = places.back().point.line}));
  ASSERT_NO_FATAL_FAILURE(CheckFromBytesAndUtf16(document, places));
  ASSERT_NO_FATAL_FAILURE(CheckFromPoints(document, places));
  ASSERT_NO_FATAL_FAILURE(CheckFromCodePoints(document, places));
}

// A document beside its text as characters, edited alike.
class Pair {
 public:
  explicit Pair(const SequenceOptions& options) : document_(ReplicaId{1}, options) {}

  void Edit(Random& random, uint64_t max_length) {
    const uint64_t begin = random.Below(text_.size() + 1);
    const uint64_t count =
        random.Chance(50) ? random.Below(std::min<uint64_t>(6, text_.size() - begin + 1)) : 0;
    const std::string inserted = RandomText(random, max_length);
    ASSERT_TRUE(
        document_.Replace(CodePointOffset{begin}, CodePointOffset{begin + count}, inserted));
    text_.replace(begin, count, Decoded(inserted));
  }

  // Appends a text in one edit, short enough to check and long enough not to be one run.
  void Append(Random& random, uint64_t length) {
    std::string appended;
    for (uint64_t i = 0; i < length; i += 10) appended += RandomText(random, 20);
    ASSERT_TRUE(document_.Insert(CodePointOffset{text_.size()}, appended));
    text_ += Decoded(appended);
  }

  void Check() const { CheckAllConversions(document_, text_); }

 private:
  RgaDocument document_;
  std::u32string text_;
};

TEST(RgaDocumentUnitsTest, AnEmptyDocumentHasOnePlace) {
  CheckAllConversions(RgaDocument(ReplicaId{1}), U"");
}

TEST(RgaDocumentUnitsTest, ADocumentOfTombstonesHasOnePlace) {
  RgaDocument document(ReplicaId{1}, kTinySequence);
  ASSERT_TRUE(document.Insert(CodePointOffset{0}, "a\u00e9\n\U0001f600"));
  ASSERT_TRUE(document.Erase(CodePointOffset{0}, CodePointOffset{4}));
  CheckAllConversions(document, U"");
}

TEST(RgaDocumentUnitsTest, LinesEndAtLineFeedsOnly) {
  const std::u32string text = U"\r\n\na\r\u2028b\u0085\n\n";
  RgaDocument document(ReplicaId{1});
  ASSERT_TRUE(document.Insert(CodePointOffset{0}, "\r\n\na\r\u2028b\u0085\n\n"));
  CheckAllConversions(document, text);
  EXPECT_EQ(document.ToPoint(CodePointOffset{1}).value(), (Point{0, 1}));
  EXPECT_EQ(document.ToPoint(CodePointOffset{8}).value(), (Point{2, 5}));
}

TEST(RgaDocumentUnitsTest, TinySequencesConvertAtEveryOffset) {
  ForEachSeed(60, [](Random& random) {
    Pair pair(SequenceOptions{.leaf_runs = 4, .fanout = 2, .max_run = 3});
    for (int step = 0; step < 40 && !testing::Test::HasFatalFailure(); ++step) {
      pair.Edit(random, 6);
      pair.Check();
    }
  });
}

TEST(RgaDocumentUnitsTest, SequencesOfTheUsualSizeConvertAtEveryOffset) {
  ForEachSeed(8, [](Random& random) {
    Pair pair(SequenceOptions{});
    for (int step = 0; step < 120 && !testing::Test::HasFatalFailure(); ++step) {
      pair.Edit(random, 12);
      if (step % 10 == 0) pair.Check();
    }
    pair.Check();
  });
}

// Runs longer than a page of the text store, and of the longest run.
TEST(RgaDocumentUnitsTest, LongRunsConvertAtEveryOffset) {
  ForEachSeed(4, [](Random& random) {
    Pair pair(SequenceOptions{});
    pair.Append(random, 5000);
    for (int step = 0; step < 5 && !testing::Test::HasFatalFailure(); ++step) {
      pair.Edit(random, 20);
    }
    pair.Check();
  });
}

TEST(RgaDocumentUnitsTest, MergedDocumentsConvertAtEveryOffset) {
  ForEachSeed(60, [](Random& random) {
    RgaDocuments documents = MakeDocuments(random, 3);
    for (int step = 0; step < 60; ++step) {
      RgaDocument& document = *documents[random.Below(3)];
      if (random.Chance(60)) {
        EditSomewhere(random, document, RandomText(random, 4));
      } else {
        Pull(document, *documents[random.Below(3)]);
      }
      if (step % 6 == 0) {
        ASSERT_NO_FATAL_FAILURE(CheckAllConversions(document, Decoded(document.Text())));
      }
    }
    Converge(documents);
    for (const auto& document : documents)
      CheckAllConversions(*document, Decoded(document->Text()));
  });
}

}  // namespace
}  // namespace cotext
