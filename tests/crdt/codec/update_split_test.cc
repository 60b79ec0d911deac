// How large the pieces of an update are: never too large, and no smaller than they must be.
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "crdt/change.h"
#include "crdt/codec/element_ids.h"
#include "crdt/codec/update_codec.h"
#include "crdt/codec/update_tools.h"
#include "crdt/ids.h"

namespace cotext {
namespace {

OpId Id(uint64_t counter, uint64_t replica) {
  return OpId{.counter = counter, .replica = ReplicaId{replica}};
}

// Begins a change right behind its parents.
void AddChangeAfter(Update& update, ReplicaId replica, std::span<const OpId> parents) {
  update.BeginChange(replica, parents.back().counter + 1);
  for (const OpId parent : parents) update.AddParent(parent);
}

// Returns deletes that a cut in their targets cuts as well.
Update CutTargets() {
  Update update;
  update.BeginChange(ReplicaId{9}, 1);
  update.AddInsert(kRoot, 200, std::string(200, 'x'));
  for (int i = 0; i < 50; ++i) {
    update.AddDelete(Id(1, 9), 200, /*backward=*/false);
    update.AddDelete(Id(200, 9), 200, /*backward=*/true);
  }
  return update;
}

constexpr uint64_t kFar = uint64_t{1} << 45U;  // Differences of replicas that take 7 bytes.

// Returns targets, origins and parents of many replicas.
Update Crowd() {
  Update update;
  AddChangeAfter(update, ReplicaId{5}, std::array{Id(900, 3)});
  for (uint64_t i = 1; i < 100; ++i) {
    update.AddDelete(Id(100 - i, kFar * i), 2, /*backward=*/false);
    update.AddInsert(Id(i, kFar * (i + 100)), 1, "\u20ac");
  }
  return update;
}

Update ManyParents() {
  Update update;
  for (uint64_t i = 1; i < 20; ++i) {
    std::array<OpId, 12> parents;
    for (uint64_t j = 0; j < 12; ++j) parents[j] = Id(1'000 * i + j, kFar * (j * 20 + i));
    AddChangeAfter(update, ReplicaId{5}, parents);
    update.AddInsert(kRoot, 1, "x");
  }
  return update;
}

// Nothing in the next two takes less than the bound allows for, but one parent of two, the
// operation before.
constexpr uint64_t kNear = uint64_t{1} << 42U;

Update Turns() {
  Update update;
  for (uint64_t i = 1; i < 60; ++i) {
    AddChangeAfter(update, ReplicaId{5}, std::array{Id(kNear + i, 5), Id(kNear + i, kNear * i)});
    update.AddInsert(Id(1, kNear * (i + 60)), 1, "x");
  }
  return update;
}

Update FarOrigins() {
  Update update;
  AddChangeAfter(update, ReplicaId{5}, std::array{Id(kNear, 5)});
  for (uint64_t i = 1; i < 120; ++i) update.AddInsert(Id(1, kNear * i), 1, "\U0001f600");
  return update;
}

// Returns deletes two steps from each other, which take a fifth of what the bound allows for.
Update Stepping() {
  Update update;
  AddChangeAfter(update, ReplicaId{5}, std::array{Id(kNear, 5)});
  for (uint64_t i = 1; i < 2'000; ++i) update.AddDelete(Id(2 * i, 7), 1, /*backward=*/false);
  return update;
}

// Returns inserts that have to be cut, between characters of four bytes.
Update LongInserts() {
  Update update;
  AddChangeAfter(update, ReplicaId{5}, std::array{Id(kNear, 5)});
  std::string text;
  for (int i = 0; i < 7; ++i) text += "\U0001f600";
  for (uint64_t i = 1; i < 60; ++i) update.AddInsert(Id(1, kNear * i), 7, text);
  return update;
}

// Returns changes of one replica, each with the one before as its parent.
Update Chain() {
  Update update;
  update.BeginChange(ReplicaId{5}, 1);
  update.AddInsert(kRoot, 2, "xy");
  for (uint64_t i = 1; i < 300; ++i) {
    AddChangeAfter(update, ReplicaId{5}, std::array{Id(2 * i, 5)});
    update.AddInsert(kRoot, 2, "xy");
  }
  return update;
}

// Returns changes behind the first operation of a long one: by number a parent is far inside of it,
// by id it takes two bytes.
Update InsideAChange() {
  Update update;
  update.BeginChange(ReplicaId{1}, 1);
  update.AddDelete(Id(1, 900), uint32_t{1} << 21U, /*backward=*/false);
  for (uint64_t i = 1; i < 100; ++i) {
    AddChangeAfter(update, ReplicaId{100 + i}, std::array{Id(1, 1)});
    update.AddInsert(kRoot, 1, "x");
  }
  return update;
}

// Returns inserts behind elements that are near by their counters, and far by their numbers.
Update FarWithin() {
  Update update;
  update.BeginChange(ReplicaId{1}, 1);
  update.AddInsert(kRoot, 20'000, std::string(20'000, 'x'));
  AddChangeAfter(update, ReplicaId{2}, std::array{Id(10'000, 1)});
  for (uint64_t i = 0; i < 2'000; ++i) update.AddInsert(Id(9'980 + i % 20, 1), 1, "y");
  return update;
}

// Returns operations that take as much as one can: their length, the difference of their replica to
// the one before, and that of their counter to the change's. There is no room for more of such
// replicas; their numbers take a byte.
Update Widest() {
  constexpr uint64_t kStep = uint64_t{1} << 49U;
  constexpr uint32_t kLength = (uint32_t{1} << 26U) + 1;
  Update update;
  AddChangeAfter(update, ReplicaId{15 * kStep}, std::array{Id(7 * kStep, 14 * kStep)});
  for (uint64_t i = 1; i < 14; ++i) {
    update.AddDelete(Id(i % 3 * kLength + 1, i * kStep), kLength, /*backward=*/false);
  }
  return update;
}

// The same for changes: each has parents by another replica.
Update WidestChanges() {
  constexpr uint64_t kStep = uint64_t{1} << 49U;
  Update update;
  for (uint64_t i = 1; i < 7; ++i) {
    AddChangeAfter(update, ReplicaId{2 * i * kStep},
                   std::array{Id(7 * kStep, (2 * i + 1) * kStep)});
    update.AddDelete(Id(1, 1), uint32_t{1} << 28U, /*backward=*/false);
  }
  return update;
}

// What the sizes are that a piece may have.
constexpr size_t kSmallest = 200;  // Room for a change with all its parents.
constexpr size_t kLargest = 499;

TEST(UpdateSplitTest, PiecesAreSmallEnoughWhateverIsInThem) {
  for (const Update& update : {CutTargets(), Crowd(), ManyParents(), Turns(), FarOrigins(), Chain(),
                               InsideAChange(), Stepping(), LongInserts()}) {
    const std::string bytes = EncodeUpdate(update);
    for (size_t max_bytes = kSmallest; max_bytes <= kLargest; ++max_bytes) {
      const std::vector<std::string> pieces = SplitUpdate(bytes, max_bytes).value();
      ASSERT_GT(pieces.size(), 1U);
      for (const std::string& piece : pieces) ASSERT_LE(piece.size(), max_bytes);
    }
  }
}

TEST(UpdateSplitTest, PiecesAreSmallEnoughWhereNothingTakesLessThanTheBound) {
  for (const Update& update : {Widest(), WidestChanges()}) {
    const std::string bytes = EncodeUpdate(update);
    for (size_t max_bytes = kSplitMin; max_bytes < bytes.size(); ++max_bytes) {
      for (const std::string& piece : SplitUpdate(bytes, max_bytes).value()) {
        ASSERT_LE(piece.size(), max_bytes);
      }
    }
  }
}

TEST(UpdateSplitTest, PiecesAreSmallEnoughWhereNumbersAreLong) {
  const std::string bytes = EncodeUpdate(FarWithin());
  for (size_t max_bytes = 21'000; max_bytes < 21'010; ++max_bytes) {
    for (const std::string& piece : SplitUpdate(bytes, max_bytes).value()) {
      ASSERT_LE(piece.size(), max_bytes);
    }
  }
}

// Returns how many pieces there are in all, for all sizes.
uint64_t PiecesOf(const Update& update) {
  const std::string bytes = EncodeUpdate(update);
  uint64_t count = 0;
  for (size_t max_bytes = kSmallest; max_bytes <= kLargest; ++max_bytes) {
    count += SplitUpdate(bytes, max_bytes).value().size();
  }
  return count;
}

// A bound that is a byte more makes a few more of them, and one that is less a few fewer, perhaps
// too few for some update: whoever changes one sees it here, and has to say why it holds.
TEST(UpdateSplitTest, PiecesAreAsManyAsTheBoundsSay) {
  EXPECT_EQ(PiecesOf(CutTargets()), 1'017U);
  EXPECT_EQ(PiecesOf(Crowd()), 3'036U);
  EXPECT_EQ(PiecesOf(ManyParents()), 4'981U);
  EXPECT_EQ(PiecesOf(Turns()), 2'890U);
  EXPECT_EQ(PiecesOf(FarOrigins()), 2'792U);
  EXPECT_EQ(PiecesOf(Chain()), 2'559U);
  EXPECT_EQ(PiecesOf(InsideAChange()), 1'234U);
  EXPECT_EQ(PiecesOf(Stepping()), 5'183U);
  EXPECT_EQ(PiecesOf(LongInserts()), 2'960U);
}

TEST(PartsMaxTest, GrowsWithTheBytesUpToALimit) {
  EXPECT_EQ(PartsMax(0), 65'536U);
  EXPECT_EQ(PartsMax(1), 65'552U);
  EXPECT_EQ(PartsMax(1'000'000), 16'065'536U);
  EXPECT_EQ(PartsMax(uint64_t{1} << 24U), (uint64_t{1} << 28U) + 65'536U);
  EXPECT_EQ(PartsMax(uint64_t{1} << 25U), uint64_t{1} << 29U);
  EXPECT_EQ(PartsMax(uint64_t{1} << 30U), uint64_t{1} << 29U);
}

}  // namespace
}  // namespace cotext
