#include "simulation/trace/live_versions.h"

#include <gtest/gtest.h>

namespace cotext {
namespace {

using Counts = LiveVersions::Counts;

TEST(LiveVersionsTest, AVersionIsKeptUntilItsLastHoldIsReleased) {
  LiveVersions versions;
  versions.Keep(7, {1, 2}, 1);
  versions.Hold(7, 1);
  EXPECT_EQ(versions.Get(7), (Counts{1, 2}));
  versions.Release(7);
  EXPECT_EQ(versions.Get(7), (Counts{1, 2}));
  versions.Release(7);
  EXPECT_DEBUG_DEATH(versions.Get(7), "holds > 0");
}

TEST(LiveVersionsTest, TakingOneLeavesItToOtherHolders) {
  LiveVersions versions;
  versions.Keep(0, {3}, 2);
  EXPECT_EQ(versions.Take(0), (Counts{3}));
  EXPECT_EQ(versions.Get(0), (Counts{3}));
  EXPECT_EQ(versions.Take(0), (Counts{3}));
  EXPECT_DEBUG_DEATH(versions.Get(0), "holds > 0");
}

TEST(LiveVersionsTest, APlaceThatIsFreeIsUsedAgain) {
  LiveVersions versions;
  versions.Keep(0, {1}, 1);
  versions.Keep(1, {2}, 1);
  versions.Release(0);
  versions.Keep(2, {3}, 1);
  EXPECT_EQ(versions.Get(1), (Counts{2}));
  EXPECT_EQ(versions.Get(2), (Counts{3}));
}

TEST(LiveVersionsTest, WithoutHoldsNothingIsKept) {
  LiveVersions versions;
  versions.Keep(0, {1}, 0);
  versions.Keep(1, {2}, 1);
  EXPECT_DEBUG_DEATH(versions.Get(0), "holds > 0");
}

TEST(LiveVersionsTest, JoiningTakesTheGreaterCountOfEachAgent) {
  Counts version = {1, 5};
  Join(version, {2, 3, 4});
  EXPECT_EQ(version, (Counts{2, 5, 4}));
  Join(version, {9});
  EXPECT_EQ(version, (Counts{9, 5, 4}));
}

}  // namespace
}  // namespace cotext
