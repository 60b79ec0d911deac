// Anchors: where they are after any edit, from anywhere, and what their bytes may be.
#include "crdt/rga_anchor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/rga_document.h"
#include "document/anchor.h"
#include "document/utf8.h"
#include "document/varint.h"
#include "tests/support/for_each_seed.h"
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

Anchor AnchorAt(const Document& document, uint64_t at, Bias bias) {
  return document.CreateAnchor(CodePointOffset{at}, bias).value();
}

uint64_t PositionOf(const Document& document, const Anchor& anchor) {
  return document.ResolveAnchor(anchor).value().value;
}

// Returns the error of resolving `bytes` in a document.
std::optional<ErrorCode> ErrorOf(const Document& document, const std::string& bytes) {
  const Expected<Anchor> anchor = Anchor::FromBytes(bytes);
  if (!anchor) return anchor.error().code;
  const Expected<CodePointOffset> position = document.ResolveAnchor(*anchor);
  if (!position) return position.error().code;
  EXPECT_LE(position->value, document.metrics().code_points);
  return std::nullopt;
}

// Examples.

TEST(RgaAnchorTest, TextAtTheAnchorGoesBehindBeforeAndInFrontOfAfter) {
  RgaDocument document(kMe);
  Put(document, 0, "ab");
  const Anchor before = AnchorAt(document, 1, Bias::kBefore);
  const Anchor after = AnchorAt(document, 1, Bias::kAfter);
  EXPECT_EQ(PositionOf(document, before), 1U);
  EXPECT_EQ(PositionOf(document, after), 1U);
  Put(document, 1, "XYZ");
  EXPECT_EQ(PositionOf(document, before), 1U);
  EXPECT_EQ(PositionOf(document, after), 4U);
}

TEST(RgaAnchorTest, TheBeginningAndTheEndStayWhereTheyAre) {
  RgaDocument document(kMe);
  const Anchor beginning = AnchorAt(document, 0, Bias::kBefore);
  const Anchor end = AnchorAt(document, 0, Bias::kAfter);
  Put(document, 0, "b");
  Put(document, 0, "a");
  Put(document, 2, "c");
  EXPECT_EQ(PositionOf(document, beginning), 0U);
  EXPECT_EQ(PositionOf(document, end), 3U);
  EXPECT_EQ(AnchorAt(document, 0, Bias::kBefore), beginning);
  EXPECT_EQ(AnchorAt(document, 3, Bias::kAfter), end);
  Cut(document, 0, 3);
  EXPECT_EQ(PositionOf(document, beginning), 0U);
  EXPECT_EQ(PositionOf(document, end), 0U);
}

TEST(RgaAnchorTest, OnADeletedCharacterItIsWhereThatStood) {
  RgaDocument document(kMe);
  Put(document, 0, "abcdef");
  const Anchor before = AnchorAt(document, 3, Bias::kBefore);
  const Anchor after = AnchorAt(document, 3, Bias::kAfter);
  Cut(document, 1, 5);
  EXPECT_EQ(PositionOf(document, before), 1U);
  EXPECT_EQ(PositionOf(document, after), 1U);
  Put(document, 0, "X");
  EXPECT_EQ(PositionOf(document, before), 2U);
  EXPECT_EQ(PositionOf(document, after), 2U);
  Cut(document, 0, 3);
  EXPECT_EQ(PositionOf(document, before), 0U);
  EXPECT_EQ(PositionOf(document, after), 0U);
}

TEST(RgaAnchorTest, CanBeCreatedInEveryUnit) {
  RgaDocument document(kMe);
  Put(document, 0, "\u00e9\n\U0001f600b");
  for (const Bias bias : {Bias::kBefore, Bias::kAfter}) {
    const Anchor expected = AnchorAt(document, 3, bias);
    EXPECT_EQ(document.CreateAnchor(ByteOffset{7}, bias).value(), expected);
    EXPECT_EQ(document.CreateAnchor(Utf16Offset{4}, bias).value(), expected);
    EXPECT_EQ(document.CreateAnchor(Point{1, 1}, bias).value(), expected);
    EXPECT_EQ(document.CreateAnchor(CodePointOffset{5}, bias).error().code, ErrorCode::kOutOfRange);
    EXPECT_EQ(document.CreateAnchor(ByteOffset{4}, bias).error().code, ErrorCode::kInsideCharacter);
    EXPECT_EQ(document.CreateAnchor(Utf16Offset{3}, bias).error().code,
              ErrorCode::kInsideCharacter);
    EXPECT_EQ(document.CreateAnchor(Point{1, 3}, bias).error().code, ErrorCode::kOutOfRange);
  }
}

TEST(RgaAnchorTest, IsUnknownUntilItsCharacterArrives) {
  RgaDocument document(kMe);
  RgaDocument other(kOther);
  Put(document, 0, "ab");
  Pull(other, document);
  Put(other, 1, "X");
  const Anchor before = AnchorAt(other, 2, Bias::kBefore);
  const Anchor after = AnchorAt(other, 1, Bias::kAfter);
  EXPECT_EQ(document.ResolveAnchor(before).error().code, ErrorCode::kUnknownAnchor);
  EXPECT_EQ(document.ResolveAnchor(after).error().code, ErrorCode::kUnknownAnchor);
  Put(document, 0, "Y");
  Pull(document, other);
  EXPECT_EQ(document.Text(), "YaXb");
  EXPECT_EQ(PositionOf(document, before), 3U);
  EXPECT_EQ(PositionOf(document, after), 2U);
}

TEST(RgaAnchorTest, OnTheIdOfADeleteIsUnknown) {
  RgaDocument document(kMe);
  Put(document, 0, "ab");
  Cut(document, 0, 1);
  const std::string ids[] = {"\x02\x03\x07", "\x03\x03\x07", "\x02\x04\x07", "\x02\x01\x06"};
  for (const std::string& bytes : ids) {
    EXPECT_EQ(ErrorOf(document, bytes), ErrorCode::kUnknownAnchor);
  }
  EXPECT_EQ(ErrorOf(document, "\x02\x02\x07"), std::nullopt);
}

// Random edits.

// Elements with what is left of them, edited by the rule itself: new text goes right behind its
// visible left neighbour. Knows nothing of ids.
class ElementList {
 public:
  void Replace(uint64_t position, uint64_t count, uint64_t inserted) {
    for (size_t i = 0, visible = 0; i < elements_.size(); ++i) {
      if (elements_[i].deleted) continue;
      if (visible >= position && visible < position + count) elements_[i].deleted = true;
      ++visible;
    }
    const size_t at = position == 0 ? 0 : IndexOf(position - 1) + 1;
    for (uint64_t i = 0; i < inserted; ++i) {
      elements_.insert(elements_.begin() + static_cast<ptrdiff_t>(at + i),
                       Element{.serial = next_++, .deleted = false});
    }
  }

  uint64_t Length() const { return VisibleBefore(elements_.size()); }
  uint64_t SerialAt(uint64_t position) const { return elements_[IndexOf(position)].serial; }

  // Returns the position in front of an element, or behind it where it is visible.
  uint64_t Resolve(uint64_t serial, bool behind) const {
    size_t at = 0;
    while (elements_[at].serial != serial) ++at;
    return VisibleBefore(at) + (behind && !elements_[at].deleted ? 1 : 0);
  }

 private:
  struct Element {
    uint64_t serial;
    bool deleted;
  };

  size_t IndexOf(uint64_t position) const {
    size_t at = 0;
    while (elements_[at].deleted || position-- > 0) ++at;
    return at;
  }
  uint64_t VisibleBefore(size_t end) const {
    return static_cast<uint64_t>(
        std::count_if(elements_.begin(), elements_.begin() + static_cast<ptrdiff_t>(end),
                      [](const Element& element) { return !element.deleted; }));
  }

  std::vector<Element> elements_;
  uint64_t next_ = 0;
};

// An anchor, and the element it clings to; none at the beginning and the end.
struct ModelAnchor {
  Anchor anchor;
  Bias bias;
  std::optional<uint64_t> serial;
};

TEST(RgaAnchorTest, SurvivesRandomLocalEditsAsInAListOfElements) {
  ForEachSeed(500, [](Random& random) {
    RgaDocument document(kMe, random.Chance(70) ? kTinySequence : SequenceOptions{});
    ElementList list;
    std::vector<ModelAnchor> anchors;
    for (int step = 0; step < 60; ++step) {
      const uint64_t length = list.Length();
      const uint64_t at = random.Below(length + 1);
      const uint64_t count = random.Chance(50) ? std::min(random.Below(5), length - at) : 0;
      const std::string text = RandomText(random, 4);
      ASSERT_TRUE(document.Replace(CodePointOffset{at}, CodePointOffset{at + count}, text));
      list.Replace(at, count, CountCodePoints(text));
      for (const Bias bias : {Bias::kBefore, Bias::kAfter}) {
        const uint64_t place = random.Below(list.Length() + 1);
        const bool at_edge = bias == Bias::kBefore ? place == 0 : place == list.Length();
        std::optional<uint64_t> serial;
        if (!at_edge) serial = list.SerialAt(bias == Bias::kBefore ? place - 1 : place);
        anchors.push_back({AnchorAt(document, place, bias), bias, serial});
        ASSERT_EQ(PositionOf(document, anchors.back().anchor), place);
      }
      for (const ModelAnchor& anchor : anchors) {
        const bool before = anchor.bias == Bias::kBefore;
        const uint64_t edge = before ? 0 : list.Length();
        ASSERT_EQ(PositionOf(document, anchor.anchor),
                  anchor.serial ? list.Resolve(*anchor.serial, before) : edge);
      }
    }
  });
}

// The same with the id of the element, for any replica.
struct IdAnchor {
  Anchor anchor;
  Bias bias;
  std::optional<OpId> id;
};

IdAnchor RandomAnchor(Random& random, const RgaDocument& document) {
  std::vector<OpId> visible;
  for (const ListedElement& element : ListElements(document.rga())) {
    if (!element.deleted) visible.push_back(element.id);
  }
  const Bias bias = random.Chance(50) ? Bias::kBefore : Bias::kAfter;
  const uint64_t place = random.Below(visible.size() + 1);
  IdAnchor created{.anchor = AnchorAt(document, place, bias), .bias = bias, .id = {}};
  if (bias == Bias::kBefore && place > 0) created.id = visible[place - 1];
  if (bias == Bias::kAfter && place < visible.size()) created.id = visible[place];
  return created;
}

void CheckAnchors(const RgaDocument& document, const std::vector<IdAnchor>& anchors) {
  const std::vector<ListedElement> elements = ListElements(document.rga());
  for (const IdAnchor& anchor : anchors) {
    const bool before = anchor.bias == Bias::kBefore;
    uint64_t expected = before ? 0 : document.metrics().code_points;
    if (anchor.id) {
      expected = 0;
      auto at = elements.begin();
      for (; at != elements.end() && at->id != *anchor.id; ++at) expected += at->deleted ? 0 : 1;
      if (at == elements.end()) {
        ASSERT_EQ(document.ResolveAnchor(anchor.anchor).error().code, ErrorCode::kUnknownAnchor);
        continue;
      }
      if (before && !at->deleted) ++expected;
    }
    ASSERT_EQ(PositionOf(document, anchor.anchor), expected);
  }
}

TEST(RgaAnchorTest, MeansTheSameCharacterInEveryReplicaAndFork) {
  ForEachSeed(800, [](Random& random) {
    RgaDocuments documents = MakeDocuments(random, 3);
    std::vector<IdAnchor> anchors;
    for (int step = 0; step < 50; ++step) {
      RgaDocument& document = *documents[random.Below(documents.size())];
      const uint64_t what = random.Below(100);
      if (what < 40) {
        EditSomewhere(random, document, RandomText(random, 4));
      } else if (what < 50) {
        ASSERT_TRUE((random.Chance(60) ? document.Undo() : document.Redo()).has_value());
      } else if (what < 80) {
        Pull(document, *documents[random.Below(documents.size())]);
      } else if (what < 98 || documents.size() == 5) {
        anchors.push_back(RandomAnchor(random, document));
      } else {
        documents.push_back(document.Fork(ReplicaId{documents.size() + 1}));
      }
      for (const auto& each : documents) {
        ASSERT_NO_FATAL_FAILURE(CheckAnchors(*each, anchors));
      }
    }
    Converge(documents);
    for (const IdAnchor& anchor : anchors) {
      for (const auto& each : documents) {
        ASSERT_EQ(PositionOf(*each, anchor.anchor), PositionOf(*documents[0], anchor.anchor));
      }
    }
    CheckAnchors(*documents[0], anchors);
  });
}

// Bytes.

// As from undo in a trimmed document.
TEST(RgaAnchorTest, InThePlaceInFrontOfACharacterItIsWhereOneOnThatIs) {
  RgaDocument document(kMe);
  Put(document, 0, "abcd");
  std::string bytes(AnchorAt(document, 2, Bias::kAfter).bytes());
  bytes[0] = '\x04';
  const Anchor place = *Anchor::FromBytes(bytes);
  EXPECT_EQ(document.ResolveAnchor(place), CodePointOffset{2});
  Put(document, 2, "12");
  EXPECT_EQ(document.ResolveAnchor(place), CodePointOffset{4});
  ASSERT_TRUE(document.Erase(CodePointOffset{3}, CodePointOffset{6}).has_value());
  EXPECT_EQ(document.ResolveAnchor(place), CodePointOffset{3});
}

TEST(RgaAnchorTest, TakesAtMostSeventeenBytes) {
  std::string greatest("\x03");
  AppendVarint(greatest, kIdLimit - 1);
  AppendVarint(greatest, kIdLimit - 1);
  EXPECT_EQ(greatest.size(), 17U);
  EXPECT_LE(greatest.size(), Anchor::kMaxBytes);
  RgaDocument document(ReplicaId{kIdLimit - 1});
  Put(document, 0, "ab");
  EXPECT_EQ(ErrorOf(document, greatest), ErrorCode::kUnknownAnchor);
  EXPECT_EQ(AnchorAt(document, 1, Bias::kBefore).bytes().size(), 10U);
}

TEST(RgaAnchorTest, TravelsAsBytes) {
  RgaDocument document(kMe);
  Put(document, 0, "abc");
  for (uint64_t at = 0; at <= 3; ++at) {
    for (const Bias bias : {Bias::kBefore, Bias::kAfter}) {
      const Anchor anchor = AnchorAt(document, at, bias);
      const std::string bytes(anchor.bytes());
      const Anchor copy = Anchor::FromBytes(bytes).value();
      EXPECT_EQ(copy, anchor);
      EXPECT_EQ(PositionOf(document, copy), at);
    }
  }
}

TEST(RgaAnchorTest, BytesThatAreNoAnchorAreInvalid) {
  RgaDocument document(kMe);
  Put(document, 0, std::string(200, 'a'));
  const std::string valid(AnchorAt(document, 150, Bias::kBefore).bytes());
  ASSERT_EQ(valid.size(), 4U);
  for (size_t size = 0; size < valid.size(); ++size) {
    EXPECT_EQ(ErrorOf(document, valid.substr(0, size)), ErrorCode::kInvalidAnchor);
  }
  std::string limit;
  AppendVarint(limit, kIdLimit);
  using std::string_literals::operator""s;
  const std::string bad[] = {
      valid + "\x01",  // Bytes left over.
      "\x00\x01"s,
      "\x01\x01"s,                // The same behind the beginning and the end.
      "\x05\x01\x07"s,            // No such kind.
      "\x82\x00\x01\x07"s,        // Numbers not in their shortest form.
      "\x02\x81\x00\x07"s,        //
      "\x02\x01\x87\x00"s,        //
      "\x02\x00\x07"s,            // Ids out of range.
      "\x02\x01\x00"s,            //
      "\x02" + limit + "\x07",    //
      "\x02\x01" + limit,         //
      std::string(32, '\xff'),    // A number without end.
      std::string(33, '\x00'),    // Too long.
      std::string(1000, '\x02'),  //
  };
  for (const std::string& bytes : bad) {
    EXPECT_EQ(ErrorOf(document, bytes), ErrorCode::kInvalidAnchor) << testing::PrintToString(bytes);
  }
}

TEST(RgaAnchorTest, NoBytesCrash) {
  RgaDocument document(kMe);
  Put(document, 0, "abcdef");
  Cut(document, 1, 3);
  // All of up to two bytes and all triples of small numbers; random ones of every length.
  for (unsigned first = 0; first < 256; ++first) {
    ErrorOf(document, std::string(1, static_cast<char>(first)));
    for (unsigned second = 0; second < 256; ++second) {
      ErrorOf(document, {static_cast<char>(first), static_cast<char>(second)});
    }
  }
  size_t resolved = 0;
  for (char kind = 0; kind < 6; ++kind) {
    for (char counter = 0; counter < 10; ++counter) {
      for (char replica = 0; replica < 10; ++replica) {
        if (!ErrorOf(document, {kind, counter, replica})) ++resolved;
      }
    }
  }
  EXPECT_EQ(resolved, 18U);  // Six elements: from either side, and their places.
  ForEachSeed(20'000, [&document](Random& random) {
    std::string bytes(random.Below(34), '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.Below(random.Chance(50) ? 8 : 256));
    ErrorOf(document, bytes);
  });
}

}  // namespace
}  // namespace cotext
