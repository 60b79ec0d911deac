// TP1 for every pair of small deltas.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "document/delta.h"
#include "ot/pending_operation.h"
#include "ot/transform.h"
#include "tests/support/random_delta.h"

namespace cotext {
namespace {

constexpr std::string_view kBase = "a\u00e9\U0001f600";  // One, two and four bytes.
constexpr size_t kByteOf[] = {0, 1, 3, 7};

// Appends to `all` what `delta`, which covers `done` of `length` characters, can go on to be. Into
// every gap goes nothing or the first one or two characters of `inserted`, of three bytes each.
void Extend(const Delta& delta, size_t done, size_t length, std::string_view inserted,
            std::vector<Delta>& all) {
  for (size_t bytes = 0; bytes <= inserted.size(); bytes += 3) {
    Delta longer = delta;
    longer.Insert(inserted.substr(0, bytes));
    if (done == length) {
      all.push_back(longer);
      continue;
    }
    Delta retained = longer;
    Extend(retained.Retain(1), done + 1, length, inserted, all);
    const std::string_view next = kBase.substr(kByteOf[done], kByteOf[done + 1] - kByteOf[done]);
    Extend(longer.DeleteText(next), done + 1, length, inserted, all);
  }
}

std::vector<Delta> AllDeltas(size_t length, std::string_view inserted) {
  std::vector<Delta> all;
  Extend(Delta(), 0, length, inserted, all);
  return all;
}

TEST(TransformExhaustiveTest, BothWaysRoundMakeTheSameText) {
  uint64_t pairs = 0;
  for (size_t length = 0; length <= 3; ++length) {
    const std::string_view base = kBase.substr(0, kByteOf[length]);
    const std::vector<Delta> lefts = AllDeltas(length, "\u4e00\u4e8c");
    const std::vector<Delta> rights = AllDeltas(length, "\u6771\u897f");
    for (const Delta& left : lefts) {
      const std::string after_left = *Apply(left, base);
      for (const Delta& right : rights) {
        const Expected<TransformedPair> pair = TransformPair(left, right);
        ASSERT_TRUE(pair);
        ASSERT_EQ(*Apply(pair->right, after_left), *Apply(pair->left, *Apply(right, base)))
            << testing::PrintToString(left) << " beside " << testing::PrintToString(right);
        ++pairs;
      }
    }
  }
  std::printf("%llu pairs\n", static_cast<unsigned long long>(pairs));
  // Three choices a gap and two a character.
  EXPECT_EQ(pairs, 3U * 3U + 18U * 18U + 108U * 108U + 648U * 648U);
}

// The tree against the same pairs, on either side of them.
TEST(TransformExhaustiveTest, ATreeMakesTheSamePairs) {
  for (size_t length = 0; length <= 2; ++length) {
    const std::vector<Delta> lefts = AllDeltas(length, "\u4e00\u4e8c");
    const std::vector<Delta> rights = AllDeltas(length, "\u6771\u897f");
    for (const Delta& left : lefts) {
      for (const Delta& right : rights) {
        const Expected<TransformedPair> pair = TransformPair(left, right);
        ASSERT_TRUE(pair);
        PendingOperation tree(left, {.fanout = 2, .small_components = 0});
        ASSERT_EQ(tree.TransformPast(right, Side::kLeft), pair->right);
        ASSERT_EQ(tree.ToDelta(), pair->left);
        PendingOperation other_tree(right, {.fanout = 2, .small_components = 0});
        ASSERT_EQ(other_tree.TransformPast(left, Side::kRight), pair->left);
        ASSERT_EQ(other_tree.ToDelta(), pair->right);
      }
    }
  }
}

}  // namespace
}  // namespace cotext
