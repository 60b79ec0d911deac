#include "document/for_each_where.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <vector>

#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

TEST(ForEachWhereTest, EqualsALoopWithAnIf) {
  ForEachSeed(500, [](Random& random) {
    const uint64_t percent = random.Below(101);
    std::vector<bool> holds(random.Below(300));
    for (size_t i = 0; i < holds.size(); ++i) holds[i] = random.Chance(percent);
    std::vector<size_t> expected;
    for (size_t i = 0; i < holds.size(); ++i) {
      if (holds[i]) expected.push_back(i);
    }
    std::vector<size_t> visited;
    ForEachWhere(
        holds.size(), [&](size_t i) -> bool { return holds[i]; },
        [&](size_t i) { visited.push_back(i); });
    EXPECT_EQ(visited, expected);
  });
}

}  // namespace
}  // namespace cotext
