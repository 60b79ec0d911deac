#include "ot/position_before.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "document/delta.h"
#include "document/offset.h"
#include "document/utf8.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

uint64_t Before(const Delta& delta, uint64_t position, Bias bias) {
  return PositionBefore(delta, CodePointOffset{position}, bias).value;
}

TEST(PositionBeforeTest, InsideInsertedTextItIsWhereThatWasInserted) {
  const Delta delta = Delta().Retain(2).Insert("abc").Delete(4);
  for (const uint64_t position : {3U, 4U}) {
    EXPECT_EQ(Before(delta, position, Bias::kBefore), 2U);
    EXPECT_EQ(Before(delta, position, Bias::kAfter), 2U);
  }
}

TEST(PositionBeforeTest, BesideDeletedTextItClingsToWhatItsBiasSays) {
  const Delta delta = Delta().Retain(2).Delete(4);
  EXPECT_EQ(Before(delta, 2, Bias::kBefore), 2U);
  EXPECT_EQ(Before(delta, 2, Bias::kAfter), 6U);
  EXPECT_EQ(Before(delta, 3, Bias::kBefore), 7U);
  EXPECT_EQ(Before(Delta().Delete(1), 0, Bias::kBefore), 0U);
}

// For each character of the target, the gap in front of it and behind it in the base.
struct Edges {
  uint64_t front;
  uint64_t back;
};

TEST(PositionBeforeTest, ItIsBesideTheCharacterItClingsTo) {
  ForEachSeed(5000, [](Random& random) {
    const std::string base = RandomText(random, 12);
    const uint64_t length = CountCodePoints(base);
    const Delta delta = RandomDelta(random, base, DeletedText::kNone);
    std::vector<Edges> target;
    uint64_t gap = 0;
    for (const Delta::Component& component : delta) {
      for (uint64_t i = 0; i < component.count; ++i) {
        if (component.kind == Delta::Kind::kInsert) target.push_back({gap, gap});
        if (component.kind == Delta::Kind::kRetain) target.push_back({gap, gap + 1});
        if (component.kind != Delta::Kind::kInsert) ++gap;
      }
    }
    for (; gap < length; ++gap) target.push_back({gap, gap + 1});
    for (size_t at = 0; at <= target.size(); ++at) {
      EXPECT_EQ(Before(delta, at, Bias::kBefore), at == 0 ? 0 : target[at - 1].back);
      EXPECT_EQ(Before(delta, at, Bias::kAfter), at == target.size() ? length : target[at].front);
    }
  });
}

}  // namespace
}  // namespace cotext
