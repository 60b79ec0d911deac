#include "crdt/run_finder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "crdt/local_index.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

constexpr uint32_t kPage = RunFinder::kPage;

// The oracle: where each run begins.
class RunFinderModel {
 public:
  const RunFinder& finder() const { return finder_; }
  const std::vector<uint32_t>& begins() const { return begins_; }
  uint32_t last() const { return begins_.back(); }

  void Add(uint32_t first) {
    finder_.Add(first, static_cast<uint32_t>(begins_.size()));
    begins_.push_back(first);
  }

  uint32_t Find(uint32_t at) const {
    return finder_.Find(at, static_cast<uint32_t>(begins_.size()),
                        [this](uint32_t run) { return begins_[run]; });
  }

  // Returns the last run that begins at or before `at`.
  uint32_t Expected(uint32_t at) const {
    const auto after = std::ranges::upper_bound(begins_, at);
    return static_cast<uint32_t>(after - begins_.begin()) - 1;
  }

  // Looks for every number, as long as the last run may still be.
  void Check() const {
    const uint32_t limit = last() + 2 * kPage + 2;
    for (uint32_t at = 0; at < limit; ++at) ASSERT_NO_FATAL_FAILURE(CheckAt(at));
  }

  // Looks for the numbers near the edges of runs and near those of their pages.
  void CheckEdges() const {
    for (const uint32_t begin : begins_) {
      const uint32_t page = begin / kPage * kPage;
      for (const uint32_t edge : {begin, page, page + kPage}) {
        for (const uint32_t at : {edge - 1, edge, edge + 1}) {
          if (at <= kIndexLimit) ASSERT_NO_FATAL_FAILURE(CheckAt(at));
        }
      }
    }
  }

  // Returns the same with the runs from number `run` on added at once.
  RunFinderModel AtOnceFrom(uint32_t run) const {
    RunFinderModel model;
    for (uint32_t i = 0; i < run; ++i) model.Add(begins_[i]);
    model.begins_ = begins_;
    model.finder_.AddAll(run, static_cast<uint32_t>(begins_.size()),
                         [this](uint32_t i) { return begins_[i]; });
    return model;
  }

 private:
  void CheckAt(uint32_t at) const { ASSERT_EQ(Find(at), Expected(at)) << at; }

  RunFinder finder_;
  std::vector<uint32_t> begins_;
};

// Returns where a run that begins at `begin` may end: at once, after a while, near an edge of a
// page, or many pages on.
uint32_t RandomEnd(Random& random, uint32_t begin, uint32_t longest) {
  if (random.Chance(10)) return begin;
  if (random.Chance(5)) return begin + static_cast<uint32_t>(random.Below(1000));
  if (random.Chance(15)) {
    const uint32_t edge = begin / kPage * kPage + kPage;
    return edge + static_cast<uint32_t>(random.Below(3)) - 1;
  }
  return begin + static_cast<uint32_t>(random.Between(1, longest));
}

TEST(RunFinderTest, EqualsAWalkOverRandomRuns) {
  ForEachSeed(100, [](Random& random) {
    RunFinderModel model;
    const auto longest = static_cast<uint32_t>(random.Chance(50) ? 3 : kPage);
    model.Add(0);
    for (int run = 1; run < 60; ++run) {
      model.Add(RandomEnd(random, model.last(), longest));
      ASSERT_NO_FATAL_FAILURE(model.CheckEdges());
    }
    ASSERT_NO_FATAL_FAILURE(model.Check());
  });
}

TEST(RunFinderTest, RunsMayBeAddedAtOnceAndOneByOne) {
  ForEachSeed(300, [](Random& random) {
    RunFinderModel model;
    const auto longest = static_cast<uint32_t>(random.Chance(50) ? 3 : kPage);
    const auto runs = static_cast<uint32_t>(random.Between(1, 60));
    model.Add(0);
    for (uint32_t run = 1; run < runs; ++run) model.Add(RandomEnd(random, model.last(), longest));
    RunFinderModel other = model.AtOnceFrom(static_cast<uint32_t>(random.Below(runs + 1)));
    ASSERT_NO_FATAL_FAILURE(other.Check());
    for (int more = 0; more < 9; ++more) other.Add(RandomEnd(random, other.last(), longest));
    ASSERT_NO_FATAL_FAILURE(other.Check());
  });
}

// All ways for four runs to begin near the edges of three pages.
TEST(RunFinderTest, EveryFourRunsNearPageEdgesAreFound) {
  std::vector<uint32_t> places = {0, 1};
  for (const uint32_t page : {kPage, 2 * kPage}) {
    for (const uint32_t place : {page - 1, page, page + 1}) places.push_back(place);
  }
  places.push_back(9 * kPage);
  for (const uint32_t two : places) {
    for (const uint32_t three : places) {
      for (const uint32_t four : places) {
        if (two > three || three > four) continue;
        RunFinderModel model;
        for (const uint32_t first : {0U, two, three, four}) {
          model.Add(first);
          ASSERT_NO_FATAL_FAILURE(model.CheckEdges());
        }
        for (uint32_t run = 0; run < 4; ++run) {
          ASSERT_NO_FATAL_FAILURE(model.AtOnceFrom(run).CheckEdges());
        }
      }
    }
  }
}

TEST(RunFinderTest, OneRunHoldsEverything) {
  RunFinderModel model;
  model.Add(0);
  EXPECT_EQ(model.Find(0), 0U);
  EXPECT_EQ(model.Find(kPage - 1), 0U);
  EXPECT_EQ(model.Find(kPage), 0U);
  EXPECT_EQ(model.Find(static_cast<uint32_t>(kIndexLimit)), 0U);
}

TEST(RunFinderTest, AnEmptyRunIsNeverFound) {
  for (const uint32_t first : {0U, 1U, kPage - 1, kPage, kPage + 1, 5 * kPage}) {
    RunFinderModel model;
    model.Add(0);
    // The last of several that begin in one place.
    for (uint32_t run = 1; run < 4; ++run) {
      model.Add(first);
      ASSERT_EQ(model.Find(first), run) << first;
      ASSERT_NO_FATAL_FAILURE(model.Check());
    }
  }
}

TEST(RunFinderTest, RunsOfOneNumberAreFound) {
  RunFinderModel model;
  for (uint32_t first = 0; first < 3 * kPage + 5; ++first) model.Add(first);
  ASSERT_NO_FATAL_FAILURE(model.Check());
}

TEST(RunFinderTest, RunsAsLongAsAPageAreFound) {
  for (const uint32_t shift : {0U, 1U, kPage - 1}) {
    RunFinderModel model;
    model.Add(0);
    for (uint32_t page = 1; page < 5; ++page) model.Add(page * kPage + shift);
    ASSERT_NO_FATAL_FAILURE(model.Check());
  }
}

TEST(RunFinderTest, RunsMayBeginUpToTheIndexLimit) {
  constexpr auto kLimit = static_cast<uint32_t>(kIndexLimit);
  RunFinderModel model;
  for (const uint32_t first : {0U, 3U, 1U << 31U, kLimit - kPage, kLimit - 1, kLimit}) {
    model.Add(first);
  }
  ASSERT_NO_FATAL_FAILURE(model.CheckEdges());
}

// However many there are before and behind it; the first run of the next page is looked at, too.
TEST(RunFinderTest, ASearchVisitsFewRunsOfThePageOfTheNumber) {
  RunFinderModel model;
  for (uint32_t first = 0; first < 100 * kPage; ++first) model.Add(first);
  const auto runs = static_cast<uint32_t>(model.begins().size());
  for (uint32_t at = 0; at < runs; at += 61) {
    size_t visits = 0;
    const uint32_t found = model.finder().Find(at, runs, [&](uint32_t run) {
      ++visits;
      EXPECT_GE(model.begins()[run], at / kPage * kPage);
      EXPECT_LE(model.begins()[run], at / kPage * kPage + kPage);
      return model.begins()[run];
    });
    ASSERT_EQ(found, at);
    ASSERT_LE(visits, 8U);
  }
}

TEST(RunFinderTest, AllocatesNothingForFourPages) {
  RunFinderModel model;
  for (uint32_t first = 0; first < 4 * kPage; ++first) model.Add(first);
  EXPECT_EQ(model.finder().AllocatedBytes(), 0U);
}

TEST(RunFinderTest, TakesFourBytesAPageHoweverManyRuns) {
  RunFinderModel model;
  for (uint32_t first = 0; first < 100 * kPage; first += 2) model.Add(first);
  EXPECT_GE(model.finder().AllocatedBytes(), 100 * sizeof(uint32_t));
  // A vector may be half empty.
  EXPECT_LE(model.finder().AllocatedBytes(), 200 * sizeof(uint32_t));
}

}  // namespace
}  // namespace cotext
