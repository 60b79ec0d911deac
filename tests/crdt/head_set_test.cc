#include "crdt/head_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <iterator>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

#include "crdt/local_index.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

std::vector<OpIndex> Walk(const HeadSet& heads) {
  std::vector<OpIndex> result;
  heads.ForEach([&result](OpIndex head) { result.push_back(head); });
  return result;
}

// The oracle: a set of numbers.
class HeadSetModel {
 public:
  // Begins with the heads 0, 1, ..., `count` - 1.
  explicit HeadSetModel(uint32_t count) {
    for (uint32_t head = 0; head < count; ++head) Insert(head);
  }

  void Insert(uint32_t head) {
    heads_.insert(OpIndex{head});
    expected_.insert(OpIndex{head});
    if (head < end_) return;
    end_ = head + 1;
    newest_is_in_ = true;
  }

  void Erase(uint32_t head) {
    heads_.erase(OpIndex{head});
    expected_.erase(OpIndex{head});
    if (head + 1 == end_) newest_is_in_ = false;
  }

  // Does what causal graphs do most, and what they never do: inserting in the middle, erasing what
  // is no head.
  void Step(Random& random, uint64_t insert_percent) {
    const auto newer = static_cast<uint32_t>(end_ + random.Below(3));
    const auto anything = static_cast<uint32_t>(random.Below(end_ + 3));
    if (random.Chance(insert_percent)) {
      Insert(newer);
    } else if (random.Chance(20) && newest_is_in_) {
      heads_.ReplaceNewest(OpIndex{newer});
      expected_.erase(std::prev(expected_.end()));
      expected_.insert(OpIndex{newer});
      end_ = newer + 1;
    } else if (random.Chance(20)) {
      if (!expected_.contains(OpIndex{anything})) Insert(anything);
    } else if (random.Chance(20) || expected_.empty()) {
      Erase(anything);
    } else {
      const auto skip = static_cast<ptrdiff_t>(random.Below(expected_.size()));
      Erase(std::next(expected_.begin(), skip)->value);
    }
  }

  void Check() const {
    const std::vector<OpIndex> expected(expected_.begin(), expected_.end());
    ASSERT_EQ(heads_.size(), expected.size());
    ASSERT_EQ(Walk(heads_), expected);
    for (uint32_t i = 0; i < end_ + 2; ++i) {
      ASSERT_EQ(heads_.contains(OpIndex{i}), expected_.contains(OpIndex{i})) << i;
      ASSERT_EQ(heads_.IsOnly(OpIndex{i}), expected == std::vector{OpIndex{i}}) << i;
    }
    ASSERT_TRUE(heads_.Equals(expected));
    std::vector<OpIndex> longer = expected;
    longer.push_back(OpIndex{end_});
    ASSERT_FALSE(heads_.Equals(longer));
    for (size_t i = 0; i < expected.size(); i += 1 + expected.size() / 4) {
      std::vector<OpIndex> other = expected;
      other[i] = other[i] + 1;
      ASSERT_FALSE(heads_.Equals(other)) << i;
      other.erase(other.begin() + static_cast<ptrdiff_t>(i));
      ASSERT_FALSE(heads_.Equals(other)) << i;
    }
  }

 private:
  HeadSet heads_;
  std::set<OpIndex> expected_;
  uint32_t end_ = 0;           // Behind all that were inserted.
  bool newest_is_in_ = false;  // Whether the greatest that was ever inserted has always been in.
};

TEST(HeadSetTest, EqualsASetUnderRandomSteps) {
  ForEachSeed(200, [](Random& random) {
    HeadSetModel model(random.Chance(60) ? 40 : 0);
    // Grows, stays as it is, or shrinks.
    const uint64_t insert_percent = random.Between(5, 60);
    for (int step = 0; step < 150; ++step) {
      model.Step(random, insert_percent);
      ASSERT_NO_FATAL_FAILURE(model.Check());
    }
  });
}

// From a short list and from a long one, which keeps gaps; both ends go, too.
TEST(HeadSetTest, EveryOrderOfRemovingSixLeavesTheOthers) {
  for (const uint32_t count : {6U, 20U}) {
    std::vector<uint32_t> order = {0, 1, 2, count / 2, count - 2, count - 1};
    do {
      HeadSetModel model(count);
      for (const uint32_t head : order) {
        model.Erase(head);
        ASSERT_NO_FATAL_FAILURE(model.Check());
        model.Erase(head);
        ASSERT_NO_FATAL_FAILURE(model.Check());
      }
    } while (std::ranges::next_permutation(order).found);
  }
}

TEST(HeadSetTest, ARemovedHeadMayComeBack) {
  constexpr uint32_t kHeads = 20;
  for (uint32_t back = 0; back < kHeads; ++back) {
    HeadSetModel model(kHeads);
    for (int round = 0; round < 3; ++round) {
      model.Erase(back);
      ASSERT_NO_FATAL_FAILURE(model.Check());
      model.Insert(back);
      ASSERT_NO_FATAL_FAILURE(model.Check());
    }
  }
}

TEST(HeadSetTest, AllocatesNothingForFourHeads) {
  HeadSet heads;
  for (uint32_t head = 0; head < 4; ++head) {
    heads.insert(OpIndex{head});
    EXPECT_EQ(heads.AllocatedBytes(), 0U);
  }
  heads.insert(OpIndex{4});
  EXPECT_GE(heads.AllocatedBytes(), 5 * sizeof(OpIndex));
}

// What the replicas of a long history do: each goes on from its own head.
TEST(HeadSetTest, RemovedHeadsTakeNoRoomForLong) {
  ForEachSeed(4, [](Random& random) {
    const size_t replicas = random.Chance(50) ? 5 : 100;
    HeadSet heads;
    std::vector<OpIndex> own;
    for (uint32_t next = 0; next < 20'000; ++next) {
      if (own.size() < replicas) {
        own.push_back(OpIndex{next});
      } else {
        const uint64_t replica = random.Below(own.size());
        heads.erase(std::exchange(own[replica], OpIndex{next}));
      }
      heads.insert(OpIndex{next});
    }
    std::ranges::sort(own);
    EXPECT_EQ(Walk(heads), own);
    EXPECT_LE(heads.AllocatedBytes(), 40 * replicas);
  });
}

// Seconds of this process, so that a busy machine does not count.
double SecondsToRemove(uint32_t count, const std::vector<uint32_t>& order) {
  HeadSet heads;
  for (uint32_t head = 0; head < count; ++head) heads.insert(OpIndex{head});
  const std::clock_t start = std::clock();
  for (const uint32_t head : order) heads.erase(OpIndex{head});
  const std::clock_t stop = std::clock();
  EXPECT_EQ(heads.size(), 0U);
  return static_cast<double>(stop - start) / CLOCKS_PER_SEC;
}

// It takes a hundredth of the limit, or a tenth under sanitizers. To move or visit all others at
// each removal takes much longer.
TEST(HeadSetTest, ManyHeadsGoInAMomentInAnyOrder) {
  constexpr uint32_t kHeads = 100'000;
  constexpr double kSeconds = 1;
  std::vector<uint32_t> order(kHeads);
  std::iota(order.begin(), order.end(), 0U);
  EXPECT_LT(SecondsToRemove(kHeads, order), kSeconds);
  std::ranges::reverse(order);
  EXPECT_LT(SecondsToRemove(kHeads, order), kSeconds);
  Random random(1);
  for (uint32_t i = kHeads; i > 1; --i) std::swap(order[i - 1], order[random.Below(i)]);
  EXPECT_LT(SecondsToRemove(kHeads, order), kSeconds);
}

}  // namespace
}  // namespace cotext
