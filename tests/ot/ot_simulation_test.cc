// Clients and a server over a bad network: in the end all texts are equal, nothing is lost, nothing
// is there twice (ot_world.h).
#include <gtest/gtest.h>

#include <iostream>

#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/ot_hosts.h"
#include "tests/support/ot_world.h"

namespace cotext {
namespace {

void Print(const OtCounts& counts) {
  std::cout << "commits " << counts.commits << ", duplicates " << counts.duplicates << ", refusals "
            << counts.refusals << " (" << counts.forgotten << " of forgotten clients), gaps "
            << counts.gaps << ", resubmitted " << counts.resubmitted << ", returned "
            << counts.returned << " (" << counts.returned_without_in_flight
            << " without what was in flight, " << counts.returned_in_doubt
            << " in doubt), own commits " << counts.own_commits << ", hashes compared "
            << counts.hashes_compared << '\n';
}

TEST(OtSimulationTest, WhateverTheNetworkDoesAllEndEqualAndNothingIsLostOrThereTwice) {
  OtCounts counts;
  ForEachSeed(4000, [&counts](Random& random) {
    OtWorld<OtTestClient> world(random, counts, {});
    world.Run(random.Between(20, 200));
  });
  Print(counts);
  EXPECT_GT(counts.duplicates, 0U);
  EXPECT_GT(counts.refusals, 0U);
  EXPECT_GT(counts.gaps, 0U);
  EXPECT_GT(counts.resubmitted, 0U);
  EXPECT_GT(counts.returned, 0U);
  EXPECT_GT(counts.returned_without_in_flight, 0U);
  EXPECT_GT(counts.own_commits, 0U);
  EXPECT_GT(counts.hashes_compared, 0U);
}

TEST(OtSimulationTest, AServerThatForgetsItsClientsAppliesNothingTwice) {
  OtCounts counts;
  ForEachSeed(4000, [&counts](Random& random) {
    OtWorld<OtTestClient> world(random, counts, {.max_clients = random.Between(1, 3)});
    world.Run(random.Between(20, 200));
  });
  Print(counts);
  EXPECT_GT(counts.forgotten, 1000U);
  EXPECT_GT(counts.resubmitted, 1000U);
  EXPECT_GT(counts.returned_in_doubt, 100U);
}

TEST(OtSimulationTest, WhatIsSentInPartsArrivesWholeAndOnce) {
  OtCounts counts;
  ForEachSeed(1000, [&counts](Random& random) {
    const OtClientOptions client{.max_submission_bytes = random.Between(1, 30)};
    OtWorld<OtTestClient> world(random, counts, {.client = client});
    world.Run(random.Between(20, 200));
  });
  Print(counts);
}

}  // namespace
}  // namespace cotext
