#include "crdt/known_version.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <vector>

#include "crdt/causal_graph.h"
#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "crdt/rga.h"
#include "crdt/version_vector.h"
#include "document/error.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/integration_fixture.h"
#include "tests/support/naive_history.h"
#include "tests/support/naive_versions.h"
#include "tests/support/twin_replicas.h"

namespace cotext {
namespace {

// The history of integration_fixture.h.
class KnownVersionTest : public IntegrationTest {
 protected:
  const CausalGraph& graph() const { return rga_.history().graph; }

  static VersionVector Vector(const std::vector<OpId>& last) {
    VersionVector version;
    for (const OpId id : last) version.Observe(id);
    return version;
  }
  ErrorCode ErrorOf(const std::vector<OpId>& last) const {
    const auto checked = CheckVersion(graph(), Vector(last));
    return checked ? ErrorCode{} : checked.error().code;
  }
};

TEST_F(KnownVersionTest, OperationsStandForAllBeforeThem) {
  EXPECT_EQ(VersionOf(graph(), {}), VersionVector());
  EXPECT_EQ(VersionOf(graph(), std::vector{Bob(4)}), Vector({Ann(3), Bob(4)}));
  EXPECT_EQ(VersionOf(graph(), std::vector{Ann(1), Cid(1), Ann(2)}), Vector({Ann(2), Cid(1)}));
  EXPECT_EQ(VersionOf(graph(), rga_.frontier()), rga_.version_vector());
}

TEST_F(KnownVersionTest, AnUnknownOperationIsNamed) {
  const auto version = VersionOf(graph(), std::vector{Ann(1), Bob(6)});
  ASSERT_FALSE(version.has_value());
  EXPECT_EQ(version.error().code, ErrorCode::kUnknownVersion);
  EXPECT_EQ(version.error().message, "operation 6 of replica 20 is not in this document");
  EXPECT_FALSE(VersionOf(graph(), std::vector{Eve(1)}).has_value());
  EXPECT_FALSE(VersionOf(graph(), std::vector{kRoot}).has_value());
}

TEST_F(KnownVersionTest, AVersionMustBeClosedAndHere) {
  EXPECT_EQ(ErrorOf({}), ErrorCode{});
  EXPECT_EQ(ErrorOf({Ann(2), Cid(1)}), ErrorCode{});
  EXPECT_EQ(ErrorOf({Ann(3), Bob(4)}), ErrorCode{});
  EXPECT_EQ(ErrorOf({Ann(2), Bob(4)}), ErrorCode::kUnknownVersion);
  EXPECT_EQ(ErrorOf({Bob(4)}), ErrorCode::kUnknownVersion);
  EXPECT_EQ(ErrorOf({Ann(6)}), ErrorCode::kUnknownVersion);
  EXPECT_EQ(ErrorOf({Eve(1)}), ErrorCode::kUnknownVersion);
  // Bob has no operation 3: nobody was ever there.
  EXPECT_EQ(ErrorOf({Ann(3), Bob(3)}), ErrorCode::kUnknownVersion);
}

TEST_F(KnownVersionTest, TheFrontierOfAVersionIsWhatNothingInItComesAfter) {
  const auto frontier = [this](const std::vector<OpId>& last) {
    return FrontierOf(graph(), Vector(last));
  };
  EXPECT_EQ(frontier({}), std::vector<OpId>());
  EXPECT_EQ(frontier({Ann(3), Bob(4)}), std::vector{Bob(4)});
  EXPECT_EQ(frontier({Ann(4), Bob(4)}), (std::vector{Ann(4), Bob(4)}));
  EXPECT_EQ(frontier({Ann(5), Bob(5), Cid(1)}), (std::vector{Cid(1), Ann(5), Bob(5)}));
}

// Returns the operations that a version covers.
std::set<OpId> CoveredBy(const CausalGraph& graph, const VersionVector& version) {
  std::set<OpId> covered;
  OpIndex end;
  ForEachCovered(graph, version, [&](OpIndex first, uint32_t length) {
    EXPECT_LE(end, first);
    EXPECT_GT(length, 0U);
    end = first + length;
    for (uint32_t i = 0; i < length; ++i) covered.insert(graph.IdOf(first + i));
  });
  return covered;
}

TEST(KnownVersionModelTest, EqualsSetsOfOperations) {
  ForEachSeed(200, [](Random& random) {
    TwinReplicas replicas(random, random.Between(1, 4));
    replicas.Run(static_cast<int>(random.Below(60)));
    const Twin& twin = replicas.Any();
    const CausalGraph& graph = twin.rga.history().graph;
    for (int i = 0; i < 10; ++i) {
      const std::vector<OpId> some = SomeOperations(random, twin.naive);
      const NaiveHistory past = HistoryUpTo(twin.naive, some);
      const auto version = VersionOf(graph, some);
      ASSERT_TRUE(version.has_value());
      ASSERT_EQ(*version, past.Version());
      ASSERT_TRUE(CheckVersion(graph, *version).has_value());
      ASSERT_EQ(FrontierOf(graph, *version), past.Frontier());
      ASSERT_EQ(CoveredBy(graph, *version), twin.naive.Past(some));
    }
  });
}

TEST(KnownVersionModelTest, WhatIsNoVersionIsRefused) {
  uint64_t accepted = 0;
  uint64_t refused = 0;
  ForEachSeed(100, [&](Random& random) {
    TwinReplicas replicas(random, 3);
    replicas.Run(static_cast<int>(random.Below(30)));
    const Twin& twin = replicas.Any();
    for (int i = 0; i < 50; ++i) {
      VersionVector version;
      for (const VersionVector::Entry& entry : twin.naive.Version().entries()) {
        version.Observe(OpId{.counter = random.Below(entry.counter + 2), .replica = entry.replica});
      }
      const bool is_version = IsVersionOf(twin.naive, version);
      ++(is_version ? accepted : refused);
      const auto checked = CheckVersion(twin.rga.history().graph, version);
      ASSERT_EQ(checked.has_value(), is_version);
      if (!checked) ASSERT_EQ(checked.error().code, ErrorCode::kUnknownVersion);
    }
  });
  EXPECT_GT(accepted, 300U);
  EXPECT_GT(refused, 300U);
}

}  // namespace
}  // namespace cotext
