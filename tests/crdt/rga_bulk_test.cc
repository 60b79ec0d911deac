// Updates that are integrated at once, by rebuilding the sequence, beside one change after another.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "crdt/change.h"
#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "crdt/rga.h"
#include "crdt/sequence.h"
#include "crdt/version_vector.h"
#include "document/error.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/integration_fixture.h"
#include "tests/support/naive_history.h"
#include "tests/support/random_text.h"
#include "tests/support/rga_documents.h"
#include "tests/support/rga_testing.h"

namespace cotext {
namespace {

// Updates of fewer operations are integrated one by one anyway.
constexpr size_t kLarge = 64;

constexpr SequenceOptions kOptions[] = {
    kTinySequence, {.leaf_runs = 5, .fanout = 3, .max_run = 1}, {.leaf_runs = 8, .fanout = 4}, {}};

void EditSomewhere(Random& random, Rga& rga) {
  const uint64_t length = rga.sequence().length();
  const uint64_t position = random.Chance(20)   ? 0
                            : random.Chance(30) ? length
                                                : random.Below(length + 1);
  const uint64_t count = random.Chance(40) ? std::min(random.Below(8), length - position) : 0;
  const std::string text = RandomText(random, random.Chance(20) ? 12 : 3);
  ASSERT_TRUE(rga.Replace(position, count, text).has_value());
  for (uint64_t typed = random.Below(4), at = position; typed > 0; --typed, ++at) {
    ASSERT_TRUE(rga.Replace(at, 0, "t").has_value());
  }
}

// Replicas that edit and hear of each other, of ids whose order is random.
class Party {
 public:
  Party(Random& random, size_t count) : random_(random) {
    for (size_t i = 0; i < count; ++i) {
      peers_.emplace_back(ReplicaId{100 * i + random.Between(1, 99)}, kTinySequence);
    }
  }

  Rga& Any() { return peers_[random_.Below(peers_.size())]; }

  void Run(int steps) {
    for (int i = 0; i < steps; ++i) {
      if (random_.Chance(70)) {
        EditSomewhere(random_, Any());
      } else {
        Rga& to = Any();
        MustIntegrate(to, Any().ChangesSince(to.version_vector()));
      }
    }
  }

  // Runs until what they know together, and a holder of `known` does not, is a large update.
  Update LargeUpdate(const VersionVector& known) {
    while (true) {
      Run(30);
      Rga all(ReplicaId{9999});
      for (const Rga& peer : peers_) {
        MustIntegrate(all, peer.ChangesSince(all.version_vector()));
      }
      Update update = all.ChangesSince(known);
      if (update.operation_count() >= kLarge || testing::Test::HasFailure()) return update;
    }
  }

 private:
  Random& random_;
  std::vector<Rga> peers_;
};

void ExpectEqual(const Rga& left, const Rga& right) {
  left.CheckInvariants();
  right.CheckInvariants();
  ASSERT_EQ(TextOf(left), TextOf(right));
  ASSERT_EQ(left.version_vector(), right.version_vector());
  ASSERT_EQ(left.frontier(), right.frontier());
  const auto elements = [](const Rga& rga) {
    std::vector<std::tuple<OpId, std::string, bool>> listed;
    for (const ListedElement& element : ListElements(rga)) {
      listed.emplace_back(element.id, element.character, element.deleted);
    }
    return listed;
  };
  ASSERT_TRUE(elements(left) == elements(right));
}

// One replica twice: one integrates updates at once, the other their changes one by one.
struct Pair {
  Pair(ReplicaId replica, const SequenceOptions& options)
      : bulk(replica, options), single(replica, options) {}

  void Integrate(const Update& update) {
    const Expected<void> done = bulk.IntegrateAll(update);
    ASSERT_TRUE(done.has_value()) << done.error().message;
    MustIntegrate(single, update);
    ASSERT_NO_FATAL_FAILURE(Check());
  }

  // The same on both.
  void Edit(Random& random) {
    Random same = random;
    EditSomewhere(random, bulk);
    EditSomewhere(same, single);
  }

  // Both number their elements alike.
  void Check() const {
    const auto elements = [](const Rga& rga) {
      std::vector<std::pair<Lv, bool>> listed;
      rga.sequence().ForEachRun([&listed](const Sequence::Run& run) {
        for (uint32_t i = 0; i < run.length; ++i) listed.emplace_back(run.first + i, run.deleted);
      });
      return listed;
    };
    bulk.CheckInvariants();
    ASSERT_TRUE(elements(bulk) == elements(single));
    ASSERT_EQ(TextOf(bulk), TextOf(single));
    ASSERT_EQ(bulk.sequence().metrics(), single.sequence().metrics());
    ASSERT_EQ(bulk.version_vector(), single.version_vector());
    ASSERT_EQ(bulk.frontier(), single.frontier());
  }

  Rga bulk;
  Rga single;
};

// Local and remote edits after an update, which meet the leaves, the bounds, the index and the
// cursor that it left behind.
void GoOn(Random& random, Pair& pair, Party& party, int steps) {
  for (int i = 0; i < steps; ++i) {
    if (random.Chance(50)) {
      pair.Edit(random);
    } else {
      Rga& peer = party.Any();
      if (random.Chance(60)) EditSomewhere(random, peer);
      const Update update = peer.ChangesSince(pair.bulk.version_vector());
      MustIntegrate(pair.bulk, update);
      MustIntegrate(pair.single, update);
      // Peers that know nothing of the rest go on at old places.
      if (random.Chance(20)) {
        MustIntegrate(peer, pair.bulk.ChangesSince(peer.version_vector()));
        ASSERT_NO_FATAL_FAILURE(ExpectEqual(pair.bulk, peer));
      }
    }
    ASSERT_NO_FATAL_FAILURE(pair.Check());
  }
  Rga other(ReplicaId{8888}, kTinySequence);
  MustIntegrate(other, pair.bulk.ChangesSince({}));
  ExpectEqual(pair.bulk, other);
}

class RgaBulkTest : public testing::TestWithParam<SequenceOptions> {};

INSTANTIATE_TEST_SUITE_P(Options, RgaBulkTest, testing::ValuesIn(kOptions),
                         [](const auto& info) { return "Number" + std::to_string(info.index); });

TEST_P(RgaBulkTest, IntoAnEmptyReplicaEqualsOneByOne) {
  ForEachSeed(20, [](Random& random) {
    Party party(random, random.Between(1, 5));
    const Update update = party.LargeUpdate({});
    Pair pair(ReplicaId{random.Chance(50) ? 50U : 9000U}, GetParam());
    ASSERT_NO_FATAL_FAILURE(pair.Integrate(update));
    GoOn(random, pair, party, 40);
  });
}

TEST_P(RgaBulkTest, IntoAReplicaWithEditsEqualsOneByOne) {
  ForEachSeed(20, [](Random& random) {
    Party party(random, random.Between(2, 5));
    party.Run(20);
    Pair pair(ReplicaId{random.Chance(50) ? 50U : 9000U}, GetParam());
    GoOn(random, pair, party, 10);
    // More than once: the second meets what the first one left.
    for (uint64_t updates = random.Between(1, 3); updates > 0; --updates) {
      ASSERT_NO_FATAL_FAILURE(pair.Integrate(party.LargeUpdate(pair.bulk.version_vector())));
      ASSERT_NO_FATAL_FAILURE(GoOn(random, pair, party, 15));
    }
  });
}

// The cursor: an edit right before an update, and others at the same place after it.
TEST_P(RgaBulkTest, TypingGoesOnWhereItWasBeforeTheUpdate) {
  ForEachSeed(20, [](Random& random) {
    Party party(random, 3);
    Pair pair(ReplicaId{9000}, GetParam());
    const auto replace = [&pair](uint64_t position, uint64_t count, const char* text) {
      ASSERT_TRUE(pair.bulk.Replace(position, count, text).has_value());
      ASSERT_TRUE(pair.single.Replace(position, count, text).has_value());
      ASSERT_NO_FATAL_FAILURE(pair.Check());
    };
    replace(0, 0, "abcdefgh");
    const uint64_t at = random.Between(1, 8);
    replace(at, 0, "x");
    ASSERT_NO_FATAL_FAILURE(pair.Integrate(party.LargeUpdate({})));
    for (int i = 1; i < 4; ++i) replace(at + static_cast<uint64_t>(i), 0, "y");
    for (uint64_t i = 3; i > 0; --i) replace(at + i, 1, "");
    replace(at - 1, 2, "");
  });
}

TEST_P(RgaBulkTest, TheSameUpdateAgainChangesNothing) {
  ForEachSeed(15, [](Random& random) {
    Party party(random, 3);
    const Update update = party.LargeUpdate({});
    Pair pair(ReplicaId{50}, GetParam());
    ASSERT_NO_FATAL_FAILURE(pair.Integrate(update));
    for (int i = 0; i < 2; ++i) {
      const Rga before = pair.bulk;
      ASSERT_NO_FATAL_FAILURE(pair.Integrate(update));
      ASSERT_NO_FATAL_FAILURE(ExpectEqual(pair.bulk, before));
      ASSERT_EQ(pair.bulk.history().log.end(), before.history().log.end());
      pair.Edit(random);
    }
    GoOn(random, pair, party, 10);
  });
}

TEST_P(RgaBulkTest, AnEmptyUpdateChangesNothing) {
  Pair pair(ReplicaId{50}, GetParam());
  ASSERT_NO_FATAL_FAILURE(pair.Integrate(Update()));
  EXPECT_EQ(TextOf(pair.bulk), "");
}

TEST_P(RgaBulkTest, ManySiblingsAtOneOriginFindTheirPlaces) {
  Pair pair(ReplicaId{50}, GetParam());
  Update update;
  for (uint64_t i = 1; i <= 200; ++i) {
    update.Append(Change(OpId{.counter = 1, .replica = ReplicaId{100 + i * 37 % 211}}, {})
                      .Insert(kRoot, "a")
                      .view());
  }
  ASSERT_NO_FATAL_FAILURE(pair.Integrate(update));
  // Into every place among them, and behind all.
  for (uint64_t replica = 1; replica < 400; replica += 3) {
    if (pair.bulk.history().graph.CounterOf(ReplicaId{replica}) > 0) continue;
    Update one;
    one.Append(
        Change(OpId{.counter = 1, .replica = ReplicaId{replica}}, {}).Insert(kRoot, "b").view());
    MustIntegrate(pair.bulk, one);
    MustIntegrate(pair.single, one);
    ASSERT_NO_FATAL_FAILURE(pair.Check());
  }
}

// Updates with a bad change.

TEST_P(RgaBulkTest, ChangesBeforeARefusedOneStay) {
  ForEachSeed(20, [](Random& random) {
    Party party(random, random.Between(2, 4));
    const Update update = party.LargeUpdate({});
    Pair pair(ReplicaId{50}, GetParam());
    if (random.Chance(50)) pair.Edit(random);
    const size_t bad = random.Below(update.size());
    const bool unknown_parent = random.Chance(50);
    Update spoilt;
    for (size_t i = 0; i < update.size(); ++i) {
      if (i != bad) {
        spoilt.Append(update[i]);
        continue;
      }
      MustIntegrate(pair.single, spoilt);
      LooseChange change = Loosen(update[i]);
      if (unknown_parent) {
        change.parents = {OpId{.counter = change.first_counter, .replica = ReplicaId{7777}}};
      }
      ++change.first_counter;
      spoilt.Append(change.view());
    }
    const Expected<void> done = pair.bulk.IntegrateAll(spoilt);
    ASSERT_FALSE(done.has_value());
    ASSERT_EQ(ErrorName(done.error().code),
              ErrorName(unknown_parent ? ErrorCode::kMissingDependency : ErrorCode::kWrongCounter));
    ASSERT_NO_FATAL_FAILURE(pair.Check());
    pair.Edit(random);
    ASSERT_NO_FATAL_FAILURE(pair.Integrate(update));
    GoOn(random, pair, party, 10);
  });
}

}  // namespace
}  // namespace cotext
