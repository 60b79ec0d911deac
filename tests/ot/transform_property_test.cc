// Random pairs of deltas against the definition, which goes character by character and gap by gap.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "document/delta.h"
#include "document/utf8.h"
#include "ot/transform.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

using Kind = Delta::Kind;
using Component = Delta::Component;

constexpr size_t kMaxBase = 12;
constexpr uint64_t kCases = 20000;
// A million pairs, on fewer texts.
constexpr uint64_t kTp1Texts = 20000;
constexpr uint64_t kTp1PairsOfAText = 50;

// A delta in base coordinates: what it deletes, and what it inserts into each gap.
struct InBase {
  std::vector<bool> deleted;
  std::vector<std::string> inserted;
};

InBase ReadInBase(const Delta& delta, uint64_t length) {
  InBase in_base{std::vector<bool>(length), std::vector<std::string>(length + 1)};
  size_t gap = 0;
  for (const Component& component : delta) {
    if (component.kind == Kind::kInsert) {
      in_base.inserted[gap] = component.text;
    } else {
      for (uint64_t i = 0; i < component.count; ++i) {
        in_base.deleted[gap++] = component.kind == Kind::kDelete;
      }
    }
  }
  return in_base;
}

// Transform by its definition; the deletes carry their texts if they are to.
Delta TransformInBase(const Delta& delta, const Delta& over, Side side, std::string_view base,
                      DeletedText deleted_text) {
  const uint64_t length = CountCodePoints(base);
  const InBase mine = ReadInBase(delta, length);
  const InBase its = ReadInBase(over, length);
  Delta result;
  for (size_t gap = 0; gap <= length; ++gap) {
    const uint64_t passed = CountCodePoints(its.inserted[gap]);
    if (side == Side::kRight) result.Retain(passed);
    result.Insert(mine.inserted[gap]);
    if (side == Side::kLeft) result.Retain(passed);
    if (gap == length) break;
    const size_t bytes = CharacterBytes(base.front());
    if (!its.deleted[gap]) {
      if (!mine.deleted[gap]) {
        result.Retain(1);
      } else if (deleted_text == DeletedText::kAll) {
        result.DeleteText(base.substr(0, bytes));
      } else {
        result.Delete(1);
      }
    }
    base.remove_prefix(bytes);
  }
  return result;
}

DeletedText AllOrNone(Random& random) {
  return random.Chance(50) ? DeletedText::kAll : DeletedText::kNone;
}

TEST(TransformPropertyTest, AgreesWithTheDefinition) {
  ForEachSeed(kCases, [](Random& random) {
    const std::string base = RandomText(random, kMaxBase);
    const DeletedText deleted_text = AllOrNone(random);
    const Delta delta = RandomDelta(random, base, deleted_text);
    const Delta over = RandomDelta(random, base, DeletedText::kSome);
    for (const Side side : {Side::kLeft, Side::kRight}) {
      const Expected<Delta> transformed = Transform(delta, over, side);
      ASSERT_TRUE(transformed);
      transformed->CheckInvariants();
      EXPECT_EQ(*transformed, TransformInBase(delta, over, side, base, deleted_text))
          << testing::PrintToString(delta) << " over " << testing::PrintToString(over);
    }
  });
}

TEST(TransformPropertyTest, APairIsTwoTransforms) {
  ForEachSeed(kCases, [](Random& random) {
    const std::string base = RandomText(random, kMaxBase);
    const Delta left = RandomDelta(random, base, DeletedText::kSome);
    const Delta right = RandomDelta(random, base, DeletedText::kSome);
    const Expected<TransformedPair> pair = TransformPair(left, right);
    ASSERT_TRUE(pair);
    EXPECT_EQ(Transform(left, right, Side::kLeft), pair->left);
    EXPECT_EQ(Transform(right, left, Side::kRight), pair->right);
  });
}

// TP1, of texts and of deltas; deleted texts fit whatever they are transformed over.
TEST(TransformPropertyTest, BothWaysRoundMakeTheSameText) {
  ForEachSeed(kTp1Texts, [](Random& random) {
    const std::string base = RandomText(random, kMaxBase);
    for (uint64_t i = 0; i < kTp1PairsOfAText; ++i) {
      const Delta left = RandomDelta(random, base, DeletedText::kSome);
      const Delta right = RandomDelta(random, base, DeletedText::kSome);
      const Expected<TransformedPair> pair = TransformPair(left, right);
      ASSERT_TRUE(pair);
      const Expected<std::string> left_first = Apply(pair->right, *Apply(left, base));
      const Expected<std::string> right_first = Apply(pair->left, *Apply(right, base));
      ASSERT_TRUE(left_first);
      ASSERT_TRUE(right_first);
      ASSERT_EQ(*left_first, *right_first)
          << testing::PrintToString(left) << " beside " << testing::PrintToString(right);
    }
  });
}

TEST(TransformPropertyTest, ARangeIsNeverTurnedAround) {
  ForEachSeed(kCases, [](Random& random) {
    const std::string base = RandomText(random, kMaxBase);
    const Delta delta = RandomDelta(random, base, DeletedText::kNone);
    const uint64_t length = CountCodePoints(base);
    const uint64_t begin = random.Between(0, length);
    const uint64_t end = random.Between(begin, length);
    const CodePointRange range = TransformRange(delta, {{begin}, {end}}, Bias::kAfter);
    EXPECT_LE(range.begin, range.end);
    EXPECT_LE(range.end.value, length - delta.base_length() + delta.target_length());
  });
}

}  // namespace
}  // namespace cotext
