// Crowds: more replicas than fit into a leaf insert at one place, which is where searches remember
// the ids of runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "crdt/change.h"
#include "crdt/element_range.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

OpId Id(uint64_t counter, uint64_t replica) {
  return OpId{.counter = counter, .replica = ReplicaId{replica}};
}

// Replica 1 types `length` characters; then `count` replicas insert right behind the first one,
// each knowing so many of the characters that counters are equal or not.
Update Crowd(Random& random, uint64_t length, uint64_t count, bool equal) {
  Update update;
  update.BeginChange(ReplicaId{1}, 1);
  update.AddInsert(kRoot, static_cast<uint32_t>(length), std::string(length, '.'));
  std::vector<uint64_t> replicas(count);
  for (uint64_t i = 0; i < count; ++i) replicas[i] = 2 + i;
  for (uint64_t i = count; i > 1; --i) std::swap(replicas[i - 1], replicas[random.Below(i)]);
  for (const uint64_t replica : replicas) {
    const uint64_t known = equal ? 1 : 1 + random.Below(length);
    const auto text = static_cast<char>('a' + replica % 26);
    update.BeginChange(ReplicaId{replica}, known + 1);
    update.AddParent(Id(known, 1));
    update.AddInsert(Id(1, 1), 1, std::string(1, text));
  }
  return update;
}

std::vector<ElementRange> Elements(const Rga& rga) {
  std::vector<ElementRange> elements;
  rga.sequence().ForEachRun([&elements](const Sequence::Run& run) {
    for (uint32_t i = 0; i < run.length; ++i) {
      elements.push_back(ElementRange{.first = run.first + i, .length = run.deleted ? 0U : 1U});
    }
  });
  return elements;
}

void IntegrateOneByOne(const Update& update, Rga& rga) {
  for (size_t i = 0; i < update.size(); ++i) {
    ASSERT_TRUE(rga.Integrate(update[i], Rga::Effects::kIgnore).has_value());
  }
}

TEST(RgaCrowdTest, OneByOneEqualsAllAtOnce) {
  ForEachSeed(20, [](Random& random) {
    const SequenceOptions small{.leaf_runs = 4, .fanout = 3, .max_run = 7};
    const SequenceOptions options = random.Chance(50) ? small : SequenceOptions{};
    const Update update = Crowd(random, random.Between(1, 60), 400, random.Chance(50));
    Rga one_by_one(ReplicaId{1000}, options);
    ASSERT_NO_FATAL_FAILURE(IntegrateOneByOne(update, one_by_one));
    one_by_one.CheckInvariants();
    Rga at_once(ReplicaId{1000}, options);
    ASSERT_TRUE(at_once.IntegrateAll(update).has_value());
    at_once.CheckInvariants();
    ASSERT_EQ(Elements(one_by_one), Elements(at_once));
  });
}

TEST(RgaCrowdTest, RememberedIdsOutliveEditsAmongTheCrowd) {
  ForEachSeed(20, [](Random& random) {
    const Update update = Crowd(random, random.Between(1, 40), 300, random.Chance(50));
    Rga edited(ReplicaId{1000});
    Update own;
    for (size_t i = 0; i < update.size(); ++i) {
      ASSERT_TRUE(edited.Integrate(update[i], Rga::Effects::kIgnore).has_value());
      if (!random.Chance(30)) continue;
      // Typing cuts runs, deleting joins them: both shift what stands in the leaves.
      const uint64_t length = edited.sequence().length();
      const uint64_t at = random.Below(length);
      const uint64_t count = random.Below(std::min<uint64_t>(length - at, 4) + 1);
      const uint64_t first = edited.next_counter();
      ASSERT_TRUE(edited.Replace(at, count, random.Chance(70) ? "xy" : "").has_value());
      if (edited.next_counter() > first) own.Append(edited.OwnChangesFrom(first));
    }
    edited.CheckInvariants();
    // Everything again, in an order that knows no crowd: by whoever has it all.
    Rga rebuilt(ReplicaId{1001});
    ASSERT_TRUE(rebuilt.IntegrateAll(edited.ChangesSince({})).has_value());
    ASSERT_EQ(Elements(edited), Elements(rebuilt));
    // And by somebody who hears of the edits last.
    Rga late(ReplicaId{1002});
    ASSERT_NO_FATAL_FAILURE(IntegrateOneByOne(update, late));
    ASSERT_NO_FATAL_FAILURE(IntegrateOneByOne(own, late));
    late.CheckInvariants();
    ASSERT_EQ(late.sequence().length(), edited.sequence().length());
    ASSERT_EQ(late.version_vector(), edited.version_vector());
  });
}

}  // namespace
}  // namespace cotext
