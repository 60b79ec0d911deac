#include "document/sequence_diff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

using Sequence = std::vector<uint32_t>;

// Appends the elements [begin, end) of `from`.
void AppendPart(Sequence& to, const Sequence& from, size_t begin, size_t end) {
  for (size_t i = begin; i < end; ++i) to.push_back(from.at(i));
}

// Returns the differing ranges after checking that the rest is equal. By default with as many steps
// as are promised to suffice.
std::vector<ReplacedRange> Diff(const Sequence& before, const Sequence& after,
                                std::optional<uint64_t> max_steps = {}) {
  const uint64_t size = before.size() + after.size();
  const std::vector<ReplacedRange> ranges =
      DiffSequences(before, after, {.exact_steps = max_steps.value_or(2 * size * size)});
  Sequence rebuilt;
  size_t at = 0;
  for (const ReplacedRange& range : ranges) {
    EXPECT_TRUE(range.before_begin > at || &range == ranges.data()) << "ranges touch";
    EXPECT_TRUE(range.before_begin < range.before_end || range.after_begin < range.after_end);
    AppendPart(rebuilt, before, at, range.before_begin);
    EXPECT_EQ(rebuilt.size(), range.after_begin);
    AppendPart(rebuilt, after, range.after_begin, range.after_end);
    at = range.before_end;
  }
  AppendPart(rebuilt, before, at, before.size());
  EXPECT_EQ(rebuilt, after);
  return ranges;
}

size_t Edits(const std::vector<ReplacedRange>& ranges) {
  size_t edits = 0;
  for (const ReplacedRange& range : ranges) {
    edits += range.before_end - range.before_begin + range.after_end - range.after_begin;
  }
  return edits;
}

// Returns the least number of inserts and deletes, from the whole table.
size_t LeastEdits(const Sequence& before, const Sequence& after) {
  std::vector<size_t> above;
  for (size_t i = 0; i <= after.size(); ++i) above.push_back(i);
  for (const uint32_t element : before) {
    std::vector<size_t> row = {above[0] + 1};
    for (size_t j = 0; j < after.size(); ++j) {
      row.push_back(element == after[j] ? above[j] : 1 + std::min(above[j + 1], row[j]));
    }
    above = row;
  }
  return above.back();
}

Sequence RandomSequence(Random& random, size_t max_size, uint32_t alphabet) {
  Sequence sequence(random.Between(0, max_size));
  for (uint32_t& element : sequence) element = static_cast<uint32_t>(random.Below(alphabet));
  return sequence;
}

// Returns `count` numbers from `first` on.
Sequence Consecutive(uint32_t first, uint32_t count) {
  Sequence sequence;
  for (uint32_t i = 0; i < count; ++i) sequence.push_back(first + i);
  return sequence;
}

Sequence Joined(const std::vector<Sequence>& parts) {
  Sequence joined;
  for (const Sequence& part : parts) joined.insert(joined.end(), part.begin(), part.end());
  return joined;
}

TEST(SequenceDiffTest, EqualSequencesHaveNoRanges) {
  EXPECT_TRUE(Diff({}, {}).empty());
  EXPECT_TRUE(Diff({1, 2}, {1, 2}).empty());
}

TEST(SequenceDiffTest, RangesNameBothSides) {
  EXPECT_EQ(Diff({1, 2, 3, 4, 5}, {9, 1, 2, 7, 8, 4}),
            (std::vector<ReplacedRange>{{0, 0, 0, 1}, {2, 3, 3, 5}, {4, 5, 6, 6}}));
}

TEST(SequenceDiffTest, SmallSequencesDifferMinimally) {
  ForEachSeed(10000, [](Random& random) {
    const size_t max_size = random.Between(1, 60);
    const auto alphabet = static_cast<uint32_t>(random.Between(1, 12));
    const Sequence before = RandomSequence(random, max_size, alphabet);
    const Sequence after = RandomSequence(random, max_size, alphabet);
    EXPECT_EQ(Edits(Diff(before, after)), LeastEdits(before, after))
        << testing::PrintToString(before) << testing::PrintToString(after);
  });
}

TEST(SequenceDiffTest, EveryPairOfTinySequencesDiffersMinimally) {
  std::vector<Sequence> sequences = {{}};
  for (size_t i = 0; sequences[i].size() < 6; ++i) {
    for (const uint32_t element : {0U, 1U}) sequences.push_back(Joined({sequences[i], {element}}));
  }
  for (const Sequence& before : sequences) {
    for (const Sequence& after : sequences) {
      EXPECT_EQ(Edits(Diff(before, after)), LeastEdits(before, after))
          << testing::PrintToString(before) << testing::PrintToString(after);
    }
  }
}

TEST(SequenceDiffTest, PastTheLimitOneRangeReplacesTheRest) {
  // One shared element between strangers is found with enough steps: each search pays 100 times to
  // get there, at 100 * 100 / 2 steps.
  const Sequence before = Joined({Consecutive(1000, 100), {7}, Consecutive(2000, 100)});
  const Sequence after = Joined({Consecutive(3000, 100), {7}, Consecutive(4000, 100)});
  EXPECT_EQ(Diff(before, after, 50000).size(), 2U);
  EXPECT_EQ(Diff(before, after, 30000), (std::vector<ReplacedRange>{{0, 201, 0, 201}}));
  EXPECT_EQ(Diff(before, after, 0), (std::vector<ReplacedRange>{{0, 201, 0, 201}}));
}

TEST(SequenceDiffTest, PastTheLimitWhatWasDecidedIsKept) {
  // The shared element in the middle is found first, the others after it.
  Sequence before;
  Sequence after;
  for (uint32_t part = 1; part <= 8; ++part) {
    before = Joined({before, Consecutive(part * 1000, 50), {part}});
    after = Joined({after, Consecutive(part * 1000 + 500, 50), {part}});
  }
  size_t last = 1;
  for (uint64_t max_steps = 0; max_steps < 400000; max_steps += 10000) {
    const size_t ranges = Diff(before, after, max_steps).size();
    EXPECT_GE(ranges, last);
    last = ranges;
  }
  EXPECT_EQ(last, 8U);
  EXPECT_EQ(Diff(before, after, 170000).size(), 2U);
}

TEST(SequenceDiffTest, TheLimitCountsFreeStepsToo) {
  // Two paid steps at each end, but a thousand comparisons between them.
  const Sequence same(1000, 7);
  const Sequence before = Joined({{1}, same, {2}});
  const Sequence after = Joined({{3}, same, {4}});
  EXPECT_EQ(Diff(before, after, 10000),
            (std::vector<ReplacedRange>{{0, 1, 0, 1}, {1001, 1002, 1001, 1002}}));
  EXPECT_EQ(Diff(before, after, 900), (std::vector<ReplacedRange>{{0, 1002, 0, 1002}}));
}

TEST(SequenceDiffTest, TheLimitBoundsPeriodicSequences) {
  // Every diagonal goes on for long here, so that an unlimited search compares billions of
  // elements.
  Sequence before;
  Sequence after;
  for (uint32_t i = 1; i <= 4000; ++i) {
    before.insert(before.end(), 100, 0);
    after.insert(after.end(), 100, 0);
    before.push_back(2 * i);
    after.push_back(2 * i + 1);
  }
  Diff(before, after, 10000000);
}

// Returns `sequence` with about one edit for each `spacing` elements.
Sequence EditedAllOver(const Sequence& sequence, uint64_t spacing, uint32_t alphabet,
                       Random& random) {
  Sequence edited;
  for (const uint32_t element : sequence) {
    const uint64_t kind = random.Below(3 * spacing);
    if (kind <= 1) edited.push_back(static_cast<uint32_t>(random.Below(alphabet)));
    if (kind != 1 && kind != 2) edited.push_back(element);
  }
  return edited;
}

TEST(SequenceDiffTest, AGreedySearchIsNearlyMinimalWhereEditsAreManyAndSmall) {
  size_t least = 0;
  size_t found = 0;
  ForEachSeed(60, [&](Random& random) {
    const auto alphabet = static_cast<uint32_t>(random.Between(4, 200));
    Sequence before(2000);
    for (uint32_t& element : before) element = static_cast<uint32_t>(random.Below(alphabet));
    const Sequence after = EditedAllOver(before, random.Between(6, 12), alphabet, random);
    const uint64_t size = before.size() + after.size();
    const auto ranges = DiffSequences(before, after, {.greedy_steps = 256 * size});
    const size_t least_here = LeastEdits(before, after);
    EXPECT_GT(least_here, 128U) << "one search would do";
    EXPECT_LE(Edits(ranges), 2 * least_here);
    least += least_here;
    found += Edits(ranges);
  });
  EXPECT_LE(found, least + least / 4);
}

TEST(SequenceDiffTest, AGreedySearchEndsWithoutItsStepsWhereNothingIsAlike) {
  // More than 256 steps an element were needed if this were not one range after all.
  const auto ranges = DiffSequences(Consecutive(0, 20000), Consecutive(50000, 30000),
                                    {.greedy_steps = 256 * 50000});
  EXPECT_EQ(ranges, (std::vector<ReplacedRange>{{0, 20000, 0, 30000}}));
}

TEST(SequenceDiffTest, WithoutStepsAGreedySearchReplacesWhatIsNotDecidedToo) {
  // As above; the hundred elements before the shared one are beyond one greedy search.
  const Sequence before = Joined({Consecutive(1000, 100), {7}, Consecutive(2000, 100)});
  const Sequence after = Joined({Consecutive(3000, 100), {7}, Consecutive(4000, 100)});
  for (const uint64_t steps : {1U, 100U, 1000U, 5000U}) {
    const auto ranges = DiffSequences(before, after, {.greedy_steps = steps});
    EXPECT_EQ(ranges, (std::vector<ReplacedRange>{{0, 201, 0, 201}}));
  }
}

}  // namespace
}  // namespace cotext
