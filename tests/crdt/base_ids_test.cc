#include "crdt/base_ids.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "crdt/codec/base_codec.h"
#include "crdt/horizon.h"
#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "document/error.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {

struct BaseIdsPeer {
  static void MoveRun(BaseIds& ids) { ids.places_[1].low = ids.places_[0].low; }
};

namespace {

constexpr uint64_t kHalf = uint64_t{1} << 32U;

// Returns runs in any order, no id twice; of few replicas, so that they continue each other, with
// counters around those at which a high half ends.
std::vector<BaseIds::Run> RandomRuns(Random& random) {
  std::vector<BaseIds::Run> runs;
  std::set<OpId> taken;
  for (uint64_t count = random.Below(12); count > 0; --count) {
    BaseIds::Run run{.first = {.counter = random.Between(1, 30) + random.Below(3) * (kHalf - 15),
                               .replica = ReplicaId{random.Between(1, 3)}},
                     .length = static_cast<uint32_t>(random.Between(1, 8))};
    for (uint32_t i = 0; i < run.length; ++i) {
      OpId id = run.first;
      id.counter += i;
      if (!taken.insert(id).second) run.length = i;
    }
    if (run.length > 0) runs.push_back(run);
  }
  return runs;
}

std::optional<BaseIds> Build(const std::vector<BaseIds::Run>& runs) {
  BaseIds::Builder builder;
  for (const BaseIds::Run& run : runs) builder.Add(run);
  return std::move(builder).Build();
}

std::vector<OpId> IdsOf(const std::vector<BaseIds::Run>& runs) {
  std::vector<OpId> ids;
  for (const BaseIds::Run& run : runs) {
    for (uint32_t i = 0; i < run.length; ++i) {
      ids.push_back(OpId{.counter = run.first.counter + i, .replica = run.first.replica});
    }
  }
  return ids;
}

void CheckIsList(const BaseIds& ids, const std::vector<OpId>& list) {
  ids.CheckInvariants();
  ASSERT_EQ(ids.end().value, list.size());
  for (uint32_t i = 0; i < list.size(); ++i) {
    const BaseIds::Run run = ids.IdsFrom(Lv{i});
    ASSERT_EQ(run.first, list[i]);
    const auto found = ids.ElementsFrom(list[i]);
    ASSERT_TRUE(found.has_value());
    ASSERT_EQ(found->first, Lv{i});
    ASSERT_EQ(found->length, run.length);
    for (uint32_t k = 0; k < run.length; ++k) {
      ASSERT_EQ(list[i + k], (OpId{.counter = list[i].counter + k, .replica = list[i].replica}));
    }
  }
  const std::set<OpId> known(list.begin(), list.end());
  for (const uint64_t block : {uint64_t{0}, kHalf - 15, 2 * (kHalf - 15)}) {
    for (uint64_t counter = block; counter < block + 45; ++counter) {
      for (uint64_t replica = 1; replica < 5; ++replica) {
        const OpId id{.counter = counter, .replica = ReplicaId{replica}};
        ASSERT_EQ(ids.ElementsFrom(id).has_value(), known.contains(id));
      }
    }
  }
}

// A horizon that has all of them.
Horizon Over(const std::vector<OpId>& list) {
  Horizon horizon;
  for (const OpId id : list) horizon.version.Observe(id);
  horizon.version.Observe(OpId{.counter = 4 * kHalf, .replica = ReplicaId{9}});
  horizon.frontier = {OpId{.counter = 4 * kHalf, .replica = ReplicaId{9}}};
  return horizon;
}

TEST(BaseIdsTest, AreTheListTheyWereMadeFromAndComeBackFromBytes) {
  ForEachSeed(2000, [](Random& random) {
    const std::vector<BaseIds::Run> runs = RandomRuns(random);
    const auto ids = Build(runs);
    ASSERT_TRUE(ids.has_value());
    const std::vector<OpId> list = IdsOf(runs);
    CheckIsList(*ids, list);
    const Horizon horizon = Over(list);
    const std::string bytes = EncodeBase(horizon, *ids);
    const auto base = DecodeBase(bytes, {.elements = list.size()});
    ASSERT_TRUE(base.has_value()) << base.error().message;
    ASSERT_EQ(base->horizon, horizon);
    CheckIsList(base->ids, list);
    ASSERT_EQ(EncodeBase(base->horizon, base->ids), bytes);
    if (!list.empty()) {
      ASSERT_EQ(DecodeBase(bytes, {.elements = list.size() - 1}).error().code,
                ErrorCode::kTooLarge);
    }
    // Whatever is cut off or changed is refused, or is another base.
    for (size_t size = 0; size < bytes.size(); ++size) {
      static_cast<void>(DecodeBase(bytes.substr(0, size), {.elements = 1000}));
      std::string other = bytes;
      other[size] = static_cast<char>(random.Below(256));
      const auto decoded = DecodeBase(other, {.elements = 1000});
      if (decoded) decoded->ids.CheckInvariants();
    }
  });
}

TEST(BaseIdsTest, AnIdTwiceIsNoBase) {
  const OpId id{.counter = 5, .replica = ReplicaId{2}};
  const OpId before{.counter = 4, .replica = ReplicaId{2}};
  EXPECT_FALSE(Build({{id, 2}, {id, 1}}).has_value());
  EXPECT_FALSE(Build({{id, 2}, {before, 2}}).has_value());
  EXPECT_TRUE(Build({{id, 2}, {before, 1}}).has_value());
}

TEST(BaseIdsTest, RunsThatContinueEachOtherAreOne) {
  const OpId id{.counter = 5, .replica = ReplicaId{2}};
  const OpId next{.counter = 7, .replica = ReplicaId{2}};
  EXPECT_EQ(Build({{id, 2}, {next, 1}})->run_count(), 1U);
}

TEST(BaseIdsDeathTest, CheckerSeesRunsThatOverlap) {
  const OpId id{.counter = 5, .replica = ReplicaId{2}};
  const OpId later{.counter = 9, .replica = ReplicaId{2}};
  BaseIds ids = *Build({{later, 2}, {id, 2}});
  BaseIdsPeer::MoveRun(ids);
  EXPECT_DEATH(ids.CheckInvariants(), "length");
}

}  // namespace
}  // namespace cotext
