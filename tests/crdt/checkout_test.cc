#include "crdt/checkout.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "crdt/change.h"
#include "crdt/ids.h"
#include "crdt/known_version.h"
#include "crdt/rga.h"
#include "crdt/version_vector.h"
#include "document/delta.h"
#include "document/error.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/integration_fixture.h"
#include "tests/support/naive_history.h"
#include "tests/support/naive_versions.h"
#include "tests/support/rga_testing.h"
#include "tests/support/twin_replicas.h"

namespace cotext {
namespace {

Checkout MustCheckOut(const Rga& rga, const VersionVector& version) {
  auto checkout = Checkout::At(rga, version);
  EXPECT_TRUE(checkout.has_value()) << checkout.error().message;
  return *std::move(checkout);
}

// The history of integration_fixture.h.
class CheckoutTest : public IntegrationTest {
 protected:
  Checkout At(const std::vector<OpId>& heads) const {
    return MustCheckOut(rga_, VersionOf(rga_.history().graph, heads).value());
  }
};

TEST_F(CheckoutTest, TheTextAtEveryVersion) {
  EXPECT_EQ(At({}).Text(), "");
  EXPECT_EQ(At({Ann(2)}).Text(), "ab");
  EXPECT_EQ(At({Ann(3)}).Text(), "abc");
  EXPECT_EQ(At({Bob(4)}).Text(), "abxc");
  EXPECT_EQ(At({Ann(4)}).Text(), "bc");
  EXPECT_EQ(At({Ann(5)}).Text(), "Zbc");
  EXPECT_EQ(At({Cid(1)}).Text(), "?");
  EXPECT_EQ(At({Cid(1), Ann(1)}).Text(), "?a");
  EXPECT_EQ(At(rga_.frontier()).Text(), "Z?bxyc");
}

TEST_F(CheckoutTest, ADeltaLeadsFromAnyVersionToAnyOther) {
  EXPECT_EQ(DeltaBetween(At({Ann(3)}), At({Ann(5)})), Delta().Insert("Z").DeleteText("a"));
  EXPECT_EQ(DeltaBetween(At({Ann(5)}), At({Ann(3)})), Delta().Insert("a").DeleteText("Z"));
  EXPECT_EQ(DeltaBetween(At({Ann(4)}), At({Bob(5)})), Delta().Insert("a").Retain(1).Insert("xy"));
  EXPECT_EQ(DeltaBetween(At({Cid(1)}), At({Bob(5)})), Delta().Insert("abxyc").DeleteText("?"));
  EXPECT_EQ(DeltaBetween(At({}), At({})), Delta());
}

TEST_F(CheckoutTest, WhatIsNoVersionIsAnError) {
  VersionVector version;
  version.Observe(Bob(4));
  const auto checkout = Checkout::At(rga_, version);
  ASSERT_FALSE(checkout.has_value());
  EXPECT_EQ(checkout.error().code, ErrorCode::kUnknownVersion);
}

TEST(CheckoutExampleTest, WhatTwoDeletedIsGoneWithEitherOfThem) {
  Rga ann(kAnn);
  ASSERT_TRUE(ann.Replace(0, 0, "abc").has_value());
  Rga bob = ann;
  bob.SetReplica(kBob);
  ASSERT_TRUE(ann.Replace(0, 2, "").has_value());
  ASSERT_TRUE(bob.Replace(1, 2, "").has_value());
  MustIntegrate(ann, bob.ChangesSince(ann.version_vector()));
  const auto text = [&ann](const std::vector<OpId>& heads) {
    return MustCheckOut(ann, VersionOf(ann.history().graph, heads).value()).Text();
  };
  EXPECT_EQ(text({Ann(5)}), "c");
  EXPECT_EQ(text({Bob(4)}), "ac");
  EXPECT_EQ(text({Bob(5)}), "a");
  EXPECT_EQ(text({Ann(4), Bob(4)}), "c");
  EXPECT_EQ(text({Ann(5), Bob(5)}), "");
}

// A version of a history, the dumb way.
class NaiveCheckout {
 public:
  NaiveCheckout(const NaiveHistory& all, const std::vector<OpId>& heads)
      : all_(all), past_(HistoryUpTo(all, heads)) {
    for (const OpId id : past_.Visible()) visible_.insert(id);
  }

  const NaiveHistory& past() const { return past_; }

  // Returns the delta to another version, character by character along all elements.
  Delta To(const NaiveCheckout& other) const {
    Atoms inserts;
    for (const auto& [id, atom] : all_.atoms()) {
      if (atom.is_insert) inserts[id] = atom;
    }
    NaiveHistory undeleted;
    undeleted.Add(inserts);
    Delta delta;
    std::string deleted;
    for (const OpId id : undeleted.Visible()) {
      const bool was_there = visible_.contains(id);
      const bool is_there = other.visible_.contains(id);
      const std::string& character = inserts.at(id).character;
      if (was_there && is_there) {
        delta.DeleteText(deleted).Retain(1);
        deleted.clear();
      } else if (is_there) {
        delta.Insert(character);
      } else if (was_there) {
        deleted += character;
      }
    }
    return delta.DeleteText(deleted);
  }

 private:
  const NaiveHistory& all_;
  NaiveHistory past_;
  std::set<OpId> visible_;
};

void ExpectSame(const Rga& rga, const NaiveCheckout& from, const NaiveCheckout& to) {
  const Checkout before = MustCheckOut(rga, from.past().Version());
  const Checkout after = MustCheckOut(rga, to.past().Version());
  ASSERT_EQ(before.Text(), from.past().Text());
  const Delta delta = DeltaBetween(before, after);
  delta.CheckInvariants();
  ASSERT_EQ(delta, from.To(to));
  const auto applied = Apply(delta, from.past().Text());
  ASSERT_TRUE(applied.has_value()) << applied.error().message;
  ASSERT_EQ(*applied, to.past().Text());
}

TEST(CheckoutModelTest, RandomVersionsOfRandomHistories) {
  ForEachSeed(300, [](Random& random) {
    TwinReplicas replicas(random, random.Between(1, 4));
    replicas.Run(static_cast<int>(random.Below(60)));
    const Twin& twin = replicas.Any();
    for (int i = 0; i < 5; ++i) {
      const NaiveCheckout from(twin.naive, SomeOperations(random, twin.naive));
      const NaiveCheckout to(twin.naive, SomeOperations(random, twin.naive));
      ASSERT_NO_FATAL_FAILURE(ExpectSame(twin.rga, from, to));
    }
    const NaiveCheckout all(twin.naive, twin.naive.Frontier());
    ASSERT_NO_FATAL_FAILURE(
        ExpectSame(twin.rga, all, NaiveCheckout(twin.naive, SomeOperations(random, twin.naive))));
  });
}

// Calls `visit` with every version of a history.
void ForEachVersion(const NaiveHistory& history,
                    const std::function<void(const VersionVector&)>& visit) {
  std::vector<std::vector<OpId>> choices;  // By replica.
  for (const VersionVector::Entry& entry : history.Version().entries()) {
    choices.push_back({OpId{.counter = 0, .replica = entry.replica}});
    for (const auto& [id, atom] : history.atoms()) {
      if (id.replica == entry.replica) choices.back().push_back(id);
    }
  }
  const std::function<void(size_t, const VersionVector&)> choose =
      [&](size_t replica, const VersionVector& so_far) {
        if (replica == choices.size()) {
          if (IsVersionOf(history, so_far)) visit(so_far);
          return;
        }
        for (const OpId id : choices[replica]) {
          VersionVector version = so_far;
          version.Observe(id);
          choose(replica + 1, version);
        }
      };
  choose(0, {});
}

TEST(CheckoutModelTest, EveryPairOfVersionsOfSmallHistories) {
  constexpr size_t kOperationsMax = 24;
  uint64_t pairs = 0;
  ForEachSeed(150, [&pairs](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(static_cast<int>(random.Between(5, 12)));
    const Twin& twin = replicas.Any();
    if (twin.naive.atoms().size() > kOperationsMax) return;
    std::vector<NaiveCheckout> versions;
    ForEachVersion(twin.naive, [&](const VersionVector& version) {
      versions.emplace_back(twin.naive, FrontierOf(twin.rga.history().graph, version));
      ASSERT_EQ(versions.back().past().Version(), version);
    });
    for (const NaiveCheckout& from : versions) {
      for (const NaiveCheckout& to : versions) {
        ASSERT_NO_FATAL_FAILURE(ExpectSame(twin.rga, from, to));
        ++pairs;
      }
    }
  });
  EXPECT_GT(pairs, 10'000U);
}

TEST(CheckoutLimitsTest, ManyReplicasAndRunsTakeNoSquares) {
  // Each replica knows nothing of the others: as many spans, heads and runs as there are.
  constexpr uint64_t kReplicas = 100'000;
  Rga rga(ReplicaId{kReplicas + 1});
  Update update;
  for (uint64_t i = 1; i <= kReplicas; ++i) {
    update.BeginChange(ReplicaId{i}, 1);
    update.AddInsert(kRoot, 1, i % 2 == 0 ? "a" : "b");
  }
  ASSERT_TRUE(rga.IntegrateAll(update).has_value());
  VersionVector even;
  for (uint64_t i = 2; i <= kReplicas; i += 2) {
    even.Observe(OpId{.counter = 1, .replica = ReplicaId{i}});
  }
  const Checkout before = MustCheckOut(rga, even);
  const Checkout after = MustCheckOut(rga, rga.version_vector());
  EXPECT_EQ(before.Text(), std::string(kReplicas / 2, 'a'));
  const Delta delta = DeltaBetween(before, after);
  EXPECT_EQ(delta.size(), kReplicas);
  EXPECT_EQ(Apply(delta, before.Text()).value(), after.Text());
  EXPECT_EQ(FrontierOf(rga.history().graph, even).size(), kReplicas / 2);
}

}  // namespace
}  // namespace cotext
