// Whole documents and a server over a bad network (ot_world.h): in the end all texts are equal,
// undo takes back one's own only, anchors stay where they are.
#include <gtest/gtest.h>

#include <iostream>

#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/ot_hosts.h"
#include "tests/support/ot_replica_client.h"
#include "tests/support/ot_world.h"

namespace cotext {
namespace {

OtWorldOptions AnyOptions(Random& random) {
  OtWorldOptions options;
  if (random.Chance(30)) options.max_clients = random.Between(1, 3);
  if (random.Chance(30)) options.client.max_submission_bytes = random.Between(1, 30);
  return options;
}

OtCounts RunWorlds(uint64_t seeds, bool has_undo) {
  OtCounts counts;
  ForEachSeed(seeds, [&](Random& random) {
    OtWorldOptions options = AnyOptions(random);
    options.has_undo = has_undo;
    OtWorld<OtReplicaClient> world(random, counts, options);
    world.Run(random.Between(20, 150));
  });
  std::cout << "commits " << counts.commits << ", duplicates " << counts.duplicates << ", refusals "
            << counts.refusals << ", gaps " << counts.gaps << ", returned " << counts.returned
            << " (" << counts.returned_without_in_flight << " without what was in flight, "
            << counts.returned_in_doubt << " in doubt), hashes compared " << counts.hashes_compared
            << ", undos " << counts.undos << '\n';
  EXPECT_GT(counts.duplicates, 0U);
  EXPECT_GT(counts.refusals, 0U);
  EXPECT_GT(counts.gaps, 0U);
  EXPECT_GT(counts.returned, 0U);
  EXPECT_GT(counts.hashes_compared, 0U);
  return counts;
}

TEST(OtReplicaSimulationTest, AllEndEqualAndNothingIsLostOrThereTwice) {
  const OtCounts counts = RunWorlds(2000, /*has_undo=*/false);
  EXPECT_GT(counts.returned_without_in_flight, 0U);
  EXPECT_GT(counts.returned_in_doubt, 0U);
}

TEST(OtReplicaSimulationTest, WithUndoAllEndEqualAndNobodyTakesBackWhatOthersDid) {
  EXPECT_GT(RunWorlds(2000, /*has_undo=*/true).undos, 10'000U);
}

}  // namespace
}  // namespace cotext
