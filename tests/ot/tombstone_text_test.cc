#include "ot/tombstone_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "document/random.h"
#include "document/utf8.h"
#include "tests/support/for_each_seed.h"

namespace cotext {

struct TombstoneTextPeer {
  static void HideARun(TombstoneText& text) { text.leaves_[0].runs[0].inserted = false; }
};

namespace {

// The same as a list of cells, each looked at for whatever is asked.
class NaiveText {
 public:
  uint64_t length() const {
    return static_cast<uint64_t>(std::ranges::count_if(cells_, IsVisible));
  }

  CellRange Insert(uint64_t position, const std::vector<std::string>& characters, CellId id) {
    const uint32_t begin = count_;
    size_t at = IndexBehind(position);
    for (const std::string& character : characters) {
      while (at < cells_.size() && cells_[at].id > id) ++at;
      cells_.insert(cells_.begin() + static_cast<ptrdiff_t>(at),
                    Cell{.number = count_++, .id = id, .character = character});
      ++at;
      ++id.counter;
    }
    return CellRange{.begin = begin, .end = count_};
  }

  std::vector<uint32_t> Delete(uint64_t position, uint64_t count) {
    std::vector<uint32_t> deleted;
    for (Cell& cell : cells_) {
      if (!IsVisible(cell) || position-- > 0) continue;
      if (deleted.size() == count) break;
      deleted.push_back(cell.number);
      position = 0;
    }
    for (Cell& cell : cells_) cell.deletes += std::ranges::count(deleted, cell.number);
    return deleted;
  }

  void Change(CellRange cells, bool inserts, int step) {
    for (Cell& cell : cells_) {
      if (cell.number < cells.begin || cell.number >= cells.end) continue;
      inserts ? void(cell.inserted = step > 0) : void(cell.deletes += step);
    }
  }

  std::string Text() const {
    std::string text;
    for (const Cell& cell : cells_) text += IsVisible(cell) ? cell.character : "";
    return text;
  }

 private:
  struct Cell {
    uint32_t number;
    CellId id;
    std::string character;
    bool inserted = true;
    int64_t deletes = 0;
  };

  static bool IsVisible(const Cell& cell) { return cell.inserted && cell.deletes == 0; }

  size_t IndexBehind(uint64_t position) const {
    size_t index = 0;
    for (; position > 0; ++index) position -= IsVisible(cells_[index]) ? 1 : 0;
    return index;
  }

  std::vector<Cell> cells_;
  uint32_t count_ = 0;
};

std::vector<std::string> CharactersOf(const std::string& text) {
  std::vector<std::string> characters;
  for (size_t byte = 0; byte < text.size(); byte += CharacterBytes(text[byte])) {
    characters.push_back(text.substr(byte, CharacterBytes(text[byte])));
  }
  return characters;
}

// An edit that was made, and whether it is shown.
struct Made {
  CellRange inserted;
  std::vector<CellRange> deleted;
  bool shown = true;
};

class Twins {
 public:
  explicit Twins(const TombstoneText::Options& options) : text_(options) {}

  void Edit(Random& random) {
    Made made;
    const uint64_t position = random.Below(naive_.length() + 1);
    const uint64_t count = std::min(naive_.length() - position, random.Below(6));
    // Everything that was ever shown is known, so the counter is greater than all.
    if (const std::string text = RandomText(random, 9); !text.empty()) {
      const CellId id{.counter = counter_ + 1, .author = static_cast<uint32_t>(random.Below(3))};
      const auto characters = CharactersOf(text);
      counter_ += characters.size();
      const auto size = static_cast<uint32_t>(characters.size());
      made.inserted = naive_.Insert(position, characters, id);
      EXPECT_EQ(text_.Insert(position, text, size, id), made.inserted);
    }
    const uint64_t from = position + made.inserted.end - made.inserted.begin;
    std::vector<uint32_t> expected = naive_.Delete(from, count);
    text_.Delete(from, count, made.deleted);
    std::vector<uint32_t> deleted;
    for (const CellRange& cells : made.deleted) {
      for (uint32_t cell = cells.begin; cell < cells.end; ++cell) deleted.push_back(cell);
    }
    EXPECT_EQ(deleted, expected);
    made_.push_back(std::move(made));
  }

  void Toggle(Random& random) {
    if (made_.empty()) return;
    Made& made = made_[static_cast<size_t>(random.Below(made_.size()))];
    made.shown = !made.shown;
    naive_.Change(made.inserted, /*inserts=*/true, made.shown ? 1 : -1);
    made.shown ? text_.ShowInsert(made.inserted) : text_.HideInsert(made.inserted);
    for (const CellRange& cells : made.deleted) {
      naive_.Change(cells, /*inserts=*/false, made.shown ? 1 : -1);
      made.shown ? text_.ShowDelete(cells) : text_.HideDelete(cells);
    }
  }

  void Compare() const {
    text_.CheckInvariants();
    EXPECT_EQ(text_.length(), naive_.length());
    EXPECT_EQ(text_.Text(), naive_.Text());
  }

 private:
  TombstoneText text_;
  NaiveText naive_;
  std::vector<Made> made_;
  uint64_t counter_ = 0;
};

TEST(TombstoneTextTest, EqualsAListOfCellsUnderRandomEditsAndToggles) {
  ForEachSeed(600, [](Random& random) {
    Twins twins({.leaf_runs = static_cast<uint32_t>(random.Between(4, 8)),
                 .fanout = static_cast<uint32_t>(random.Between(2, 4)),
                 .max_run = static_cast<uint32_t>(random.Between(1, 12))});
    for (int step = 0; step < 60 && !testing::Test::HasFailure(); ++step) {
      random.Below(3) == 0 ? twins.Toggle(random) : twins.Edit(random);
      twins.Compare();
    }
  });
}

TEST(TombstoneTextTest, TextIsPutBehindTheCellInFrontOfItPastGreaterIds) {
  TombstoneText text;
  text.Insert(0, "ad", 2, {.counter = 1, .author = 1});
  const CellRange b = text.Insert(1, "b", 1, {.counter = 3, .author = 2});
  text.HideInsert(b);
  text.Insert(1, "c", 1, {.counter = 3, .author = 1});
  text.ShowInsert(b);
  EXPECT_EQ(text.Text(), "abcd");
}

TEST(TombstoneTextTest, WhatTwoDeletedIsBackOnlyWithoutBothDeletes) {
  TombstoneText text;
  text.Insert(0, "abc", 3, {.counter = 1, .author = 1});
  std::vector<CellRange> first;
  text.Delete(1, 1, first);
  text.HideDelete(first[0]);
  std::vector<CellRange> second;
  text.Delete(0, 3, second);
  text.ShowDelete(first[0]);
  text.HideDelete(second[0]);
  EXPECT_EQ(text.Text(), "ac");
  text.HideDelete(first[0]);
  EXPECT_EQ(text.Text(), "abc");
}

TEST(TombstoneTextTest, LongTextsAreCutIntoRuns) {
  TombstoneText text;
  const std::string paste(10'000, 'x');
  text.Insert(0, paste, 10'000, {.counter = 1, .author = 1});
  text.Insert(5'000, "y", 1, {.counter = 10'001, .author = 1});
  text.CheckInvariants();
  EXPECT_EQ(text.Text(), std::string(5'000, 'x') + "y" + std::string(5'000, 'x'));
}

TEST(TombstoneTextDeathTest, CheckerSeesARunThatIsHiddenButCounted) {
  TombstoneText text;
  text.Insert(0, "abc", 3, {.counter = 1, .author = 1});
  TombstoneTextPeer::HideARun(text);
  EXPECT_DEATH(text.CheckInvariants(), "visible");
}

}  // namespace
}  // namespace cotext
