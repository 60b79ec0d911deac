#include "benchmarks/budget/text_places.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace cotext {
namespace {

TEST(TextPlacesTest, PlacesAreRightInEveryUnit) {
  std::map<uint64_t, TextPlace> by_code_point;
  for (const TextPlace& place : RandomPlaces("a\u00e9\n\U0001f600\u4e2d", 100)) {
    by_code_point[place.code_point.value] = place;
  }
  ASSERT_EQ(by_code_point.size(), 6U);  // The end, too.
  const std::vector<uint64_t> bytes = {0, 1, 3, 4, 8, 11};
  const std::vector<uint64_t> utf16 = {0, 1, 2, 3, 5, 6};
  const std::vector<Point> points = {{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}};
  for (const auto& [code_point, place] : by_code_point) {
    EXPECT_EQ(place.byte.value, bytes[code_point]);
    EXPECT_EQ(place.utf16.value, utf16[code_point]);
    EXPECT_EQ(place.point, points[code_point]);
  }
}

}  // namespace
}  // namespace cotext
