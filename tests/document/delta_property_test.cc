// Random deltas against models that keep every character apart.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "document/delta.h"
#include "document/utf8.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

using Kind = Delta::Kind;
using Component = Delta::Component;

constexpr size_t kMaxBase = 12;
constexpr uint64_t kCases = 20000;

// A text as it was edited: deleted characters stay where they were.
struct Cell {
  std::string character;
  bool in_base;
  bool deleted;
};
using Cells = std::vector<Cell>;

std::vector<std::string> Characters(std::string_view text) {
  std::vector<std::string> characters;
  for (; !text.empty(); text.remove_prefix(CharacterBytes(text.front()))) {
    characters.emplace_back(text.substr(0, CharacterBytes(text.front())));
  }
  return characters;
}

Cells CellsOf(std::string_view base) {
  Cells cells;
  for (const std::string& character : Characters(base)) cells.push_back({character, true, false});
  return cells;
}

// Edits the cells: a retain or delete passes over deleted cells up to its last character, an insert
// stands where that left off.
void Edit(Cells& cells, const Delta& delta) {
  size_t at = 0;
  for (const Component& component : delta) {
    if (component.kind == Kind::kInsert) {
      for (const std::string& character : Characters(component.text)) {
        cells.insert(cells.begin() + static_cast<ptrdiff_t>(at++), {character, false, false});
      }
      continue;
    }
    for (uint64_t left = component.count; left > 0; ++at) {
      if (cells.at(at).deleted) continue;
      if (component.kind == Kind::kDelete) cells[at].deleted = true;
      --left;
    }
  }
}

std::string TextOf(const Cells& cells) {
  std::string text;
  for (const Cell& cell : cells) {
    if (!cell.deleted) text += cell.character;
  }
  return text;
}

// Returns the delta that leads from the base to these cells.
Delta DeltaOf(const Cells& cells) {
  Delta delta;
  for (const Cell& cell : cells) {
    if (!cell.in_base && !cell.deleted) delta.Insert(cell.character);
    if (cell.in_base && cell.deleted) delta.DeleteText(cell.character);
    if (cell.in_base && !cell.deleted) delta.Retain(1);
  }
  return delta;
}

std::string Applied(const Delta& delta, std::string_view base) {
  const Expected<std::string> result = Apply(delta, base);
  EXPECT_TRUE(result);
  return result.value_or("");
}

Delta Composed(const Delta& first, const Delta& then) {
  const Expected<Delta> composed = Compose(first, then);
  EXPECT_TRUE(composed);
  if (composed) composed->CheckInvariants();
  return composed.value_or(Delta());
}

// `count` random deltas, each on the text that the ones before it make of `base`.
std::vector<Delta> RandomHistory(Random& random, std::string base, uint64_t count,
                                 DeletedText deleted_text) {
  std::vector<Delta> history;
  for (; count > 0; --count) {
    history.push_back(RandomDelta(random, base, deleted_text));
    base = Applied(history.back(), base);
  }
  return history;
}

TEST(DeltaPropertyTest, ApplyAgreesWithCells) {
  ForEachSeed(kCases, [](Random& random) {
    const std::string base = RandomText(random, kMaxBase);
    const Delta delta = RandomDelta(random, base, DeletedText::kSome);
    delta.CheckInvariants();
    Cells cells = CellsOf(base);
    Edit(cells, delta);
    const std::string edited = Applied(delta, base);
    EXPECT_EQ(edited, TextOf(cells));
    EXPECT_EQ(CountCodePoints(edited),
              CountCodePoints(base) - delta.base_length() + delta.target_length());
    EXPECT_EQ(WithoutDeletedText(delta), WithoutDeletedText(DeltaOf(cells)));
  });
}

TEST(DeltaPropertyTest, ApplyRefusesEveryShorterText) {
  ForEachSeed(kCases, [](Random& random) {
    const std::string base = RandomText(random, kMaxBase);
    const Delta delta = RandomDelta(random, base, DeletedText::kNone);
    if (delta.base_length() == 0) return;
    const size_t enough = ByteOfCodePoint(base, delta.base_length());
    const size_t too_short = ByteOfCodePoint(base, delta.base_length() - 1);
    EXPECT_TRUE(Apply(delta, std::string_view(base).substr(0, enough)));
    EXPECT_FALSE(Apply(delta, std::string_view(base).substr(0, too_short)));
  });
}

TEST(DeltaPropertyTest, ComposeAgreesWithCells) {
  ForEachSeed(kCases, [](Random& random) {
    const std::string base = RandomText(random, kMaxBase);
    const std::vector<Delta> history = RandomHistory(random, base, 2, DeletedText::kAll);
    const Delta composed = Composed(history[0], history[1]);
    Cells cells = CellsOf(base);
    Edit(cells, history[0]);
    Edit(cells, history[1]);
    EXPECT_EQ(composed, DeltaOf(cells)) << testing::PrintToString(history);
    EXPECT_EQ(Applied(composed, base), TextOf(cells));
  });
}

TEST(DeltaPropertyTest, ComposeIsAssociative) {
  ForEachSeed(kCases, [](Random& random) {
    const std::string base = RandomText(random, kMaxBase);
    const DeletedText deleted_text = random.Chance(50) ? DeletedText::kAll : DeletedText::kNone;
    const std::vector<Delta> history = RandomHistory(random, base, 3, deleted_text);
    EXPECT_EQ(Composed(Composed(history[0], history[1]), history[2]),
              Composed(history[0], Composed(history[1], history[2])))
        << testing::PrintToString(history);
  });
}

TEST(DeltaPropertyTest, ComposeAllIsTheLeftFold) {
  ForEachSeed(kCases / 5, [](Random& random) {
    const std::string base = RandomText(random, kMaxBase);
    const DeletedText deleted_text = random.Chance(50) ? DeletedText::kAll : DeletedText::kNone;
    const std::vector<Delta> history = RandomHistory(random, base, random.Below(12), deleted_text);
    Delta fold;
    for (const Delta& delta : history) fold = Composed(fold, delta);
    EXPECT_EQ(ComposeAll(history), fold) << testing::PrintToString(history);
  });
}

TEST(DeltaPropertyTest, ComposeAllIsTheLeftFoldButForTextOfMixedDeletes) {
  ForEachSeed(kCases / 5, [](Random& random) {
    const std::string base = RandomText(random, kMaxBase);
    const std::vector<Delta> history =
        RandomHistory(random, base, random.Below(12), DeletedText::kSome);
    Delta fold;
    for (const Delta& delta : history) fold = Composed(fold, delta);
    const Expected<Delta> all = ComposeAll(history);
    ASSERT_TRUE(all);
    EXPECT_EQ(WithoutDeletedText(*all), WithoutDeletedText(fold));
    EXPECT_EQ(Applied(*all, base), Applied(fold, base));
  });
}

TEST(DeltaPropertyTest, InvertUndoes) {
  ForEachSeed(kCases, [](Random& random) {
    const std::string base = RandomText(random, kMaxBase);
    const Delta delta = RandomDelta(random, base, DeletedText::kAll);
    const Expected<Delta> inverse = Invert(delta, base);
    ASSERT_TRUE(inverse);
    inverse->CheckInvariants();
    EXPECT_EQ(Applied(*inverse, Applied(delta, base)), base);
    EXPECT_EQ(Invert(delta), *inverse);
    EXPECT_EQ(Invert(WithoutDeletedText(delta), base), *inverse);
    EXPECT_EQ(Invert(*inverse), delta);
    EXPECT_EQ(inverse->target_length(), delta.base_length());
  });
}

// Returns where a mark at `position` is found once every gap of the base is filled with what the
// delta inserts there.
uint64_t MarkAfter(const Delta& delta, uint64_t base_length, uint64_t position, Bias bias) {
  std::vector<uint64_t> inserted(base_length + 1);
  std::vector<bool> deleted(base_length);
  size_t gap = 0;
  for (const Component& component : delta) {
    if (component.kind == Kind::kInsert) {
      inserted[gap] = component.count;
    } else {
      for (uint64_t i = 0; i < component.count; ++i)
        deleted[gap++] = component.kind == Kind::kDelete;
    }
  }
  std::vector<bool> is_mark;
  for (gap = 0; gap <= base_length; ++gap) {
    if (gap == position && bias == Bias::kBefore) is_mark.push_back(true);
    is_mark.insert(is_mark.end(), inserted[gap], false);
    if (gap == position && bias == Bias::kAfter) is_mark.push_back(true);
    if (gap < base_length && !deleted[gap]) is_mark.push_back(false);
  }
  return static_cast<uint64_t>(std::ranges::find(is_mark, true) - is_mark.begin());
}

TEST(DeltaPropertyTest, TransformPositionAgreesWithAMark) {
  ForEachSeed(kCases, [](Random& random) {
    const std::string base = RandomText(random, kMaxBase);
    const Delta delta = RandomDelta(random, base, DeletedText::kNone);
    const uint64_t length = CountCodePoints(base);
    for (uint64_t position = 0; position <= length; ++position) {
      for (const Bias bias : {Bias::kBefore, Bias::kAfter}) {
        EXPECT_EQ(TransformPosition(delta, {position}, bias).value,
                  MarkAfter(delta, length, position, bias))
            << testing::PrintToString(delta) << " position " << position;
      }
    }
  });
}

TEST(DeltaPropertyTest, CursorPiecesMakeTheDelta) {
  ForEachSeed(kCases, [](Random& random) {
    const std::string base = RandomText(random, kMaxBase);
    const Delta delta = RandomDelta(random, base, DeletedText::kSome);
    Delta copy;
    for (DeltaCursor cursor(delta); !cursor.AtEnd();) {
      const Component piece = cursor.Take(random.Between(1, 3));
      EXPECT_LE(piece.count, 3U);
      copy.Append(piece);
    }
    copy.CheckInvariants();
    EXPECT_EQ(copy, delta);
  });
}

}  // namespace
}  // namespace cotext
