// The loop of every randomised test.
#ifndef COTEXT_TESTS_SUPPORT_FOR_EACH_SEED_H_
#define COTEXT_TESTS_SUPPORT_FOR_EACH_SEED_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "document/random.h"
#include "tests/support/random_text.h"

namespace cotext {

// Calls `run` with `count` generators of consecutive seeds and stops at the first failure, whose
// message names its seed. With that number in COTEXT_SEED the same case comes first.
template <typename Run>
void ForEachSeed(uint64_t count, Run run) {
  const uint64_t first = SeedFromEnvironment(1);
  for (uint64_t seed = first; seed - first < count; ++seed) {
    SCOPED_TRACE("COTEXT_SEED=" + std::to_string(seed));
    Random random(seed);
    run(random);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_FOR_EACH_SEED_H_
