#include "crdt/descending_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

// The set beside a std::set.
class DescendingSetModel {
 public:
  explicit DescendingSetModel(uint32_t limit) : set_(limit), last_(limit) {}

  // What is added next must be less.
  uint32_t last() const { return last_; }
  bool empty() const { return numbers_.empty(); }

  void Add(uint32_t number) {
    set_.Add(number);
    numbers_.insert(number);
  }

  void Take() {
    const std::optional<uint32_t> taken = set_.Take();
    ASSERT_EQ(taken.has_value(), !numbers_.empty());
    if (!taken) return;
    ASSERT_EQ(*taken, *numbers_.rbegin());
    numbers_.erase(*taken);
    last_ = *taken;
  }

 private:
  DescendingSet set_;
  std::set<uint32_t> numbers_;
  uint32_t last_;
};

TEST(DescendingSetTest, NothingIsTakenFromAnEmptySet) {
  DescendingSet set(100);
  EXPECT_EQ(set.Take(), std::nullopt);
  EXPECT_EQ(set.Take(), std::nullopt);
}

TEST(DescendingSetTest, NumbersComeFromTheGreatestOn) {
  DescendingSet set(10);
  for (const uint32_t number : {3U, 9U, 0U, 5U}) set.Add(number);
  for (const uint32_t number : {9U, 5U, 3U, 0U}) EXPECT_EQ(set.Take(), number);
  EXPECT_EQ(set.Take(), std::nullopt);
}

TEST(DescendingSetTest, ANumberAddedAgainComesOnce) {
  // Near the limit, and so far below that it waits.
  for (const uint32_t limit : {8U, 1'000'000U}) {
    DescendingSet set(limit);
    for (int i = 0; i < 3; ++i) {
      set.Add(7);
      set.Add(2);
    }
    EXPECT_EQ(set.Take(), 7U);
    set.Add(2);
    EXPECT_EQ(set.Take(), 2U);
    EXPECT_EQ(set.Take(), std::nullopt);
  }
}

TEST(DescendingSetTest, TheGreatestPossibleNumbersAndZeroMayBeInIt) {
  DescendingSet set(~0U);
  set.Add(0);
  set.Add(~0U - 1);
  EXPECT_EQ(set.Take(), ~0U - 1);
  set.Add(~0U - 2);
  EXPECT_EQ(set.Take(), ~0U - 2);
  EXPECT_EQ(set.Take(), 0U);
  EXPECT_EQ(set.Take(), std::nullopt);
}

// Every distance from the limit, and from a number taken before, around words and the window.
TEST(DescendingSetTest, EveryDistanceIsRight) {
  constexpr uint32_t kFarthest = 1100;
  for (uint32_t distance = 1; distance < kFarthest; ++distance) {
    DescendingSetModel model(5000);
    model.Add(5000 - distance);
    ASSERT_NO_FATAL_FAILURE(model.Take());
    model.Add(model.last() - 1);
    model.Add(model.last() - distance);
    while (!model.empty()) ASSERT_NO_FATAL_FAILURE(model.Take()) << distance;
    ASSERT_NO_FATAL_FAILURE(model.Take());
  }
}

TEST(DescendingSetTest, ALongRowIsTakenOneByOne) {
  DescendingSetModel model(5000);
  for (uint32_t number = 0; number < 5000; ++number) model.Add(number);
  for (int i = 0; i < 5001; ++i) ASSERT_NO_FATAL_FAILURE(model.Take());
}

TEST(DescendingSetTest, EqualsAStdSetWhileNumbersAreAddedBelowTheLastTaken) {
  ForEachSeed(3000, [](Random& random) {
    const auto limit = static_cast<uint32_t>(random.Chance(50) ? random.Between(1, 3000)
                                                               : random.Between(1, 0xfffffff0U));
    DescendingSetModel model(limit);
    // How far below the last one taken: side by side, around the window, millions.
    const std::vector<uint64_t> distances = {3, 70, 520, 1500, 5'000'000};
    std::vector<uint32_t> added;
    model.Add(limit - 1);
    for (int step = 0; step < 200 && !model.empty(); ++step) {
      for (uint64_t adds = random.Below(4); adds > 0 && model.last() > 0; --adds) {
        const uint64_t farthest =
            std::min<uint64_t>(distances[random.Below(distances.size())], model.last());
        uint32_t number = model.last() - static_cast<uint32_t>(random.Between(1, farthest));
        if (random.Chance(20) && !added.empty()) {
          number = std::min(added[random.Below(added.size())], model.last() - 1);
        }
        model.Add(number);
        added.push_back(number);
      }
      if (random.Chance(90)) ASSERT_NO_FATAL_FAILURE(model.Take());
    }
    while (!model.empty()) ASSERT_NO_FATAL_FAILURE(model.Take());
    ASSERT_NO_FATAL_FAILURE(model.Take());
  });
}

}  // namespace
}  // namespace cotext
