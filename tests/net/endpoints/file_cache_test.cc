#include "net/endpoints/file_cache.h"

#include <gtest/gtest.h>

#include <string>

#include "document/random.h"

namespace cotext::net {
namespace {

TEST(FileCacheTest, GivesAFileBackForItsVersionAlone) {
  FileCache cache;
  cache.Keep("d", "v1", "one");
  EXPECT_EQ(*cache.Find("d", "v1"), "one");
  EXPECT_EQ(cache.Find("d", "v2"), nullptr);
  EXPECT_EQ(cache.Find("e", "v1"), nullptr);
  cache.Keep("d", "v2", "two");
  EXPECT_EQ(cache.Find("d", "v1"), nullptr);
  EXPECT_EQ(*cache.Find("d", "v2"), "two");
  EXPECT_EQ(cache.bytes(), 3U);
  cache.Drop("d");
  EXPECT_EQ(cache.Find("d", "v2"), nullptr);
  EXPECT_EQ(cache.bytes(), 0U);
}

TEST(FileCacheTest, WhatWasNotAskedForLongestMakesRoom) {
  FileCache cache(10);
  cache.Keep("a", "v", "aaaa");
  cache.Keep("b", "v", "bbbb");
  EXPECT_NE(cache.Find("a", "v"), nullptr);
  cache.Keep("c", "v", "cccc");
  EXPECT_EQ(cache.Find("b", "v"), nullptr);
  EXPECT_NE(cache.Find("a", "v"), nullptr);
  EXPECT_NE(cache.Find("c", "v"), nullptr);
  cache.Keep("d", "v", std::string(11, 'd'));
  EXPECT_EQ(cache.Find("d", "v"), nullptr) << "too large for it";
  EXPECT_EQ(cache.bytes(), 8U);
}

TEST(FileCacheTest, NeverKeepsMoreThanItMay) {
  constexpr uint64_t kSeed = 4;
  constexpr size_t kBytes = 100;
  Random random(kSeed);
  FileCache cache(kBytes);
  for (int step = 0; step < 5'000; ++step) {
    const std::string name(1, static_cast<char>('a' + random.Below(8)));
    const std::string version = std::to_string(random.Below(3));
    if (random.Chance(20)) {
      cache.Drop(name);
    } else if (const std::string* const kept = cache.Find(name, version)) {
      EXPECT_TRUE(kept->starts_with(name + version)) << "seed " << kSeed;
    } else {
      cache.Keep(name, version, name + version + std::string(random.Below(60), 'x'));
      EXPECT_NE(cache.Find(name, version), nullptr);
    }
    ASSERT_LE(cache.bytes(), kBytes) << "seed " << kSeed;
  }
  for (char name = 'a'; name < 'i'; ++name) cache.Drop(std::string(1, name));
  EXPECT_EQ(cache.bytes(), 0U);
}

}  // namespace
}  // namespace cotext::net
