// The loop of every randomised test.
#ifndef COTEXT_TESTS_SUPPORT_FOR_EACH_SEED_H_
#define COTEXT_TESTS_SUPPORT_FOR_EACH_SEED_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "document/random.h"
#include "tests/support/random_text.h"

namespace cotext {

// Sanitizers look for what any schedule shows, and make each several times as slow.
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr uint64_t kOneOfSeeds = 4;
#else
inline constexpr uint64_t kOneOfSeeds = 1;
#endif

// Calls `run` with `count` generators of consecutive seeds, under sanitizers with a quarter of
// them, and stops at the first failure, whose message names its seed. With that number in
// COTEXT_SEED the same case comes first.
template <typename Run>
void ForEachSeed(uint64_t count, Run run) {
  const uint64_t first = SeedFromEnvironment(1);
  const uint64_t runs = (count + kOneOfSeeds - 1) / kOneOfSeeds;
  for (uint64_t seed = first; seed - first < runs; ++seed) {
    SCOPED_TRACE("COTEXT_SEED=" + std::to_string(seed));
    Random random(seed);
    run(random);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_FOR_EACH_SEED_H_
