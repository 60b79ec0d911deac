#include "crdt/causal_graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "crdt/version_vector.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {

// Breaks a graph behind its back, to prove that CheckInvariants looks.
struct CausalGraphPeer {
  static auto& Spans(CausalGraph& graph) { return graph.spans_; }
  static auto& Parents(CausalGraph& graph) { return graph.parents_; }
  static auto& Replicas(CausalGraph& graph) { return graph.replicas_; }
  static auto& ReplicaIndex(CausalGraph& graph) { return graph.replica_index_; }
  static auto& Heads(CausalGraph& graph) { return graph.heads_; }
  static auto& End(CausalGraph& graph) { return graph.end_; }
  static auto& CheckpointEnds(CausalGraph& graph) { return graph.checkpoint_ends_; }
  static auto& MaxCounter(CausalGraph& graph) { return graph.max_counter_; }
};

namespace {

using Stretch = CausalGraph::Stretch;

OpId Id(uint64_t counter, uint64_t replica) {
  return OpId{.counter = counter, .replica = ReplicaId{replica}};
}

OpIndexes Indexes(std::initializer_list<uint32_t> values) {
  OpIndexes indexes;
  for (const uint32_t value : values) indexes.push_back(OpIndex{value});
  return indexes;
}

std::vector<std::pair<OpIndex, uint32_t>> Places(const std::vector<Stretch>& stretches) {
  std::vector<std::pair<OpIndex, uint32_t>> places;
  places.reserve(stretches.size());
  for (const Stretch& stretch : stretches) places.emplace_back(stretch.first, stretch.length);
  return places;
}

// A replica of a document without content: its graph, and beside it the oracle, which keeps for
// each operation the set of all that came before it.
class Peer {
 public:
  explicit Peer(ReplicaId replica) : replica_(replica) {}

  size_t size() const { return operations_.size(); }
  const CausalGraph& graph() const { return graph_; }

  // Does `length` operations at everything known.
  void Work(uint32_t length) {
    uint64_t counter = 0;
    for (const Operation& operation : operations_) {
      counter = std::max(counter, operation.id.counter);
    }
    Append(OpId{.counter = counter + 1, .replica = replica_}, length, Ids(HeadsOf()));
  }

  // Hears of some of what `other` has, in the order in which it heard of it.
  void Hear(const Peer& other, Random& random) {
    for (const Operation& operation : other.operations_) {
      if (index_.contains(operation.id)) continue;
      if (random.Chance(5)) return;
      Append(operation.id, 1, other.Ids(operation.parents));
    }
  }

  void Check(Random& random) const {
    graph_.CheckInvariants();
    CheckOperations();
    CheckReplicas(random);
    ASSERT_EQ(ToSet(graph_.Heads()), HeadsOf());
    ASSERT_EQ(Ids(HeadsOf()), graph_.Frontier());
    for (int i = 0; i < 10; ++i) CheckHeads(RandomHeads(random));
    CheckHeads(HeadsOf());
  }

  // Compares what the graph says of every set of operations. REQUIRES: there are few.
  void CheckAllHeads() const {
    for (uint32_t bits = 0; bits < 1U << size(); ++bits) {
      std::set<size_t> heads;
      for (size_t i = 0; i < size(); ++i) {
        if ((bits >> i & 1U) != 0) heads.insert(i);
      }
      CheckHeads(heads);
    }
  }

 private:
  struct Operation {
    OpId id;
    std::set<size_t> parents;
    std::set<size_t> past;  // With itself.
  };

  static std::set<size_t> ToSet(std::span<const OpIndex> indexes) {
    std::set<size_t> set;
    for (const OpIndex index : indexes) set.insert(index.value);
    return set;
  }

  void Append(OpId first, uint32_t length, std::span<const OpId> parents) {
    OpIndexes indexes;
    for (const OpId parent : parents) {
      indexes.push_back(OpIndex{static_cast<uint32_t>(index_.at(parent))});
    }
    std::ranges::sort(indexes);
    graph_.Append(first, length, indexes);
    std::set<size_t> before = ToSet(indexes);
    for (uint32_t i = 0; i < length; ++i) {
      Operation operation{.id = Id(first.counter + i, first.replica.value),
                          .parents = before,
                          .past = PastOf(before)};
      before = {size()};
      operation.past.insert(size());
      index_[operation.id] = size();
      operations_.push_back(std::move(operation));
    }
  }

  std::set<size_t> PastOf(const std::set<size_t>& heads) const {
    std::set<size_t> past;
    for (const size_t head : heads) {
      past.insert(operations_[head].past.begin(), operations_[head].past.end());
    }
    return past;
  }

  std::set<size_t> HeadsOf() const {
    std::set<size_t> heads;
    for (size_t i = 0; i < size(); ++i) heads.insert(i);
    for (const Operation& operation : operations_) {
      for (const size_t parent : operation.parents) heads.erase(parent);
    }
    return heads;
  }

  std::vector<OpId> Ids(const std::set<size_t>& operations) const {
    std::vector<OpId> ids;
    ids.reserve(operations.size());
    for (const size_t operation : operations) ids.push_back(operations_[operation].id);
    std::ranges::sort(ids);
    return ids;
  }

  // Whether an operation is in one span with the one before it.
  bool Continues(size_t at) const {
    return at > 0 && operations_[at].parents == std::set<size_t>{at - 1} &&
           operations_[at].id ==
               Id(operations_[at - 1].id.counter + 1, operations_[at - 1].id.replica.value);
  }

  void CheckOperations() const {
    ASSERT_EQ(graph_.end().value, size());
    size_t spans = 0;
    for (uint32_t at = 0; at < size(); ++at) {
      const Operation& operation = operations_[at];
      ASSERT_EQ(graph_.IdOf(OpIndex{at}), operation.id);
      ASSERT_EQ(graph_.IndexOf(operation.id), OpIndex{at});
      ASSERT_EQ(graph_.ParentsOf(OpIndex{at}), Ids(operation.parents));
      uint32_t length = 1;
      while (at + length < size() && Continues(at + length)) ++length;
      const Stretch stretch = graph_.StretchAt(OpIndex{at});
      ASSERT_EQ(stretch.first, OpIndex{at});
      ASSERT_EQ(stretch.length, length);
      ASSERT_EQ(stretch.id, operation.id);
      if (!Continues(at)) ++spans;
    }
    ASSERT_EQ(graph_.span_count(), spans);
  }

  void CheckReplicas(Random& random) const {
    std::map<uint64_t, uint64_t> counters;
    uint64_t greatest = 0;
    for (const Operation& operation : operations_) {
      counters[operation.id.replica.value] = operation.id.counter;
      greatest = std::max(greatest, operation.id.counter);
    }
    ASSERT_EQ(graph_.replica_count(), counters.size());
    ASSERT_EQ(graph_.max_counter(), greatest);
    VersionVector version;
    for (uint64_t replica = 0; replica < 8; ++replica) {
      const uint64_t last = counters.contains(replica) ? counters[replica] : 0;
      ASSERT_EQ(graph_.CounterOf(ReplicaId{replica}), last);
      version.Observe(Id(last, replica));
      for (uint64_t counter = 0; counter < greatest + 3; ++counter) {
        const auto found = index_.find(Id(counter, replica));
        ASSERT_EQ(graph_.IndexOf(Id(counter, replica)),
                  found == index_.end()
                      ? std::nullopt
                      : std::optional(OpIndex{static_cast<uint32_t>(found->second)}));
      }
      CheckOfReplica(ReplicaId{replica}, random.Below(greatest + 3));
    }
    ASSERT_EQ(graph_.Version(), version);
    CheckSince(version, random);
  }

  // Returns the wanted operations as stretches: neighbours of one span go together.
  template <typename Wanted>
  std::vector<std::pair<OpIndex, uint32_t>> Stretches(Wanted wanted) const {
    std::vector<std::pair<OpIndex, uint32_t>> places;
    for (uint32_t at = 0; at < size(); ++at) {
      if (!wanted(operations_[at].id)) continue;
      if (Continues(at) && wanted(operations_[at - 1].id)) {
        ++places.back().second;
      } else {
        places.emplace_back(OpIndex{at}, 1);
      }
    }
    return places;
  }

  void CheckStretchIds(const std::vector<Stretch>& stretches) const {
    for (const Stretch& stretch : stretches) {
      ASSERT_EQ(stretch.id, operations_[stretch.first.value].id);
    }
  }

  void CheckOfReplica(ReplicaId replica, uint64_t counter) const {
    const std::vector<Stretch> stretches = graph_.OfReplica(replica, counter);
    CheckStretchIds(stretches);
    ASSERT_EQ(Places(stretches),
              Stretches([&](OpId id) { return id.replica == replica && id.counter >= counter; }));
  }

  void CheckSince(const VersionVector& version, Random& random) const {
    // A peer's version may be any, not only one that was.
    VersionVector known;
    for (const VersionVector::Entry& entry : version.entries()) {
      known.Observe(Id(random.Below(entry.counter + 2), entry.replica.value));
    }
    for (const VersionVector& vector : {VersionVector(), version, known}) {
      const std::vector<Stretch> stretches = graph_.Since(vector);
      CheckStretchIds(stretches);
      ASSERT_EQ(Places(stretches), Stretches([&](OpId id) { return !vector.Covers(id); }));
    }
  }

  // Returns a few operations, or a few concurrent ones, or such with one that is in their past.
  std::set<size_t> RandomHeads(Random& random) const {
    std::set<size_t> heads;
    const bool concurrent = random.Chance(70);
    for (uint64_t tries = random.Between(1, 6); tries > 0; --tries) {
      const size_t at = random.Below(size());
      std::set<size_t> with = heads;
      with.insert(at);
      if (!concurrent || IsFrontier(with)) heads = with;
    }
    if (concurrent && random.Chance(30)) heads.insert(random.Below(size()));
    return heads;
  }

  bool IsFrontier(const std::set<size_t>& heads) const {
    return std::ranges::all_of(heads, [&](size_t head) {
      std::set<size_t> others = heads;
      others.erase(head);
      return !PastOf(others).contains(head);
    });
  }

  void CheckHeads(const std::set<size_t>& heads) const {
    OpIndexes indexes;
    for (const size_t head : heads) indexes.push_back(OpIndex{static_cast<uint32_t>(head)});
    ASSERT_EQ(graph_.IsFrontier(indexes), IsFrontier(heads));
    ASSERT_EQ(graph_.IsWholeFrontier(indexes), heads == HeadsOf());
    const std::set<size_t> past = PastOf(heads);
    VersionVector version;
    for (const size_t at : past) version.Observe(operations_[at].id);
    ASSERT_EQ(graph_.VersionOf(indexes), version);
    for (uint32_t at = 0; at < size(); ++at) {
      ASSERT_EQ(graph_.Covers(indexes, OpIndex{at}), past.contains(at)) << at;
    }
  }

  ReplicaId replica_;
  CausalGraph graph_{/*checkpoint_spacing=*/1};
  std::vector<Operation> operations_;  // In the order of arrival.
  std::map<OpId, size_t> index_;
};

class Peers {
 public:
  Peers(Random& random, size_t count) : random_(random) {
    // The order of ids is not that of first appearance.
    for (size_t i = 0; i < count; ++i) peers_.emplace_back(ReplicaId{1 + (i * 3 + 4) % 7});
  }

  Peer& Step() {
    Peer& peer = peers_[random_.Below(peers_.size())];
    const Peer& other = peers_[random_.Below(peers_.size())];
    if (&other == &peer || random_.Chance(30)) {
      peer.Work(static_cast<uint32_t>(random_.Between(1, 3)));
    } else {
      peer.Hear(other, random_);
    }
    return peer;
  }

 private:
  Random& random_;
  std::vector<Peer> peers_;
};

TEST(CausalGraphTest, EqualsSetsOfPredecessorsInRandomHistories) {
  ForEachSeed(60, [](Random& random) {
    Peers peers(random, random.Between(1, 6));
    for (int step = 0; step < 60; ++step) {
      const Peer& peer = peers.Step();
      if (peer.size() == 0) continue;
      if (peer.size() > 60) return;
      ASSERT_NO_FATAL_FAILURE(peer.Check(random));
    }
  });
}

TEST(CausalGraphTest, EveryQuestionAboutEverySmallSetOfHeadsIsRight) {
  ForEachSeed(300, [](Random& random) {
    Peers peers(random, random.Between(2, 4));
    const Peer* largest = &peers.Step();
    for (int step = 0; step < 60; ++step) {
      const Peer& peer = peers.Step();
      if (peer.size() > largest->size() && peer.size() <= 8) largest = &peer;
      if (largest->size() >= 7) break;
    }
    ASSERT_NO_FATAL_FAILURE(largest->CheckAllHeads());
  });
}

// Spans.

TEST(CausalGraphTest, TypingIsOneSpan) {
  CausalGraph graph;
  graph.Append(Id(1, 5), 1, {});
  for (uint32_t i = 1; i < 1000; ++i) graph.Append(Id(i + 1, 5), 1, Indexes({i - 1}));
  EXPECT_EQ(graph.span_count(), 1U);
  EXPECT_EQ(graph.StretchAt(OpIndex{10}).length, 990U);
  EXPECT_EQ(graph.Heads(), Indexes({999}));
  graph.CheckInvariants();
}

TEST(CausalGraphTest, TypingGoesOnInItsSpanAfterAnOlderHeadStayed) {
  CausalGraph graph;
  graph.Append(Id(1, 5), 2, {});
  graph.Append(Id(1, 6), 2, {});
  graph.Append(Id(3, 6), 2, Indexes({3}));
  EXPECT_EQ(graph.span_count(), 2U);
  EXPECT_EQ(graph.Heads(), Indexes({1, 5}));
  EXPECT_EQ(graph.Frontier(), (std::vector{Id(2, 5), Id(4, 6)}));
  graph.CheckInvariants();
}

TEST(CausalGraphTest, ASpanEndsWhereAnotherReplicaCameInBetween) {
  CausalGraph graph;
  graph.Append(Id(1, 5), 2, {});
  graph.Append(Id(1, 6), 1, {});
  graph.Append(Id(3, 5), 1, Indexes({1}));  // Its parent is not the last to arrive.
  EXPECT_EQ(graph.span_count(), 3U);
  EXPECT_EQ(graph.ParentsOf(OpIndex{3}), std::vector{Id(2, 5)});
  graph.CheckInvariants();
}

TEST(CausalGraphTest, ASpanEndsAtAMergeAlthoughCountersAreConsecutive) {
  CausalGraph graph;
  graph.Append(Id(1, 6), 1, {});
  graph.Append(Id(1, 5), 1, {});
  graph.Append(Id(2, 5), 1, Indexes({0, 1}));
  EXPECT_EQ(graph.span_count(), 3U);
  EXPECT_EQ(graph.ParentsOf(OpIndex{2}), (std::vector{Id(1, 5), Id(1, 6)}));
  EXPECT_EQ(graph.Heads(), Indexes({2}));
  graph.CheckInvariants();
}

TEST(CausalGraphTest, AnotherReplicaThatContinuesBeginsASpan) {
  CausalGraph graph;
  graph.Append(Id(1, 5), 2, {});
  graph.Append(Id(3, 6), 1, Indexes({1}));
  EXPECT_EQ(graph.span_count(), 2U);
  EXPECT_EQ(graph.IndexOf(Id(3, 5)), std::nullopt);
  EXPECT_EQ(graph.IndexOf(Id(2, 6)), std::nullopt);
  graph.CheckInvariants();
}

TEST(CausalGraphTest, ANewGraphIsEmpty) {
  const CausalGraph graph;
  graph.CheckInvariants();
  EXPECT_EQ(graph.end(), OpIndex{});
  EXPECT_TRUE(graph.Heads().empty());
  EXPECT_TRUE(graph.Frontier().empty());
  EXPECT_TRUE(graph.Version().empty());
  EXPECT_TRUE(graph.VersionOf({}).empty());
  EXPECT_TRUE(graph.Since({}).empty());
  EXPECT_TRUE(graph.OfReplica(ReplicaId{1}, 0).empty());
  EXPECT_TRUE(graph.IsFrontier({}));
  EXPECT_TRUE(graph.IsWholeFrontier({}));
  EXPECT_EQ(graph.IndexOf(Id(1, 1)), std::nullopt);
  EXPECT_EQ(graph.CounterOf(ReplicaId{1}), 0U);
  EXPECT_EQ(graph.max_counter(), 0U);
}

TEST(CausalGraphTest, ACopyGoesItsOwnWay) {
  CausalGraph graph;
  graph.Append(Id(1, 5), 2, {});
  CausalGraph copy = graph;
  copy.Append(Id(3, 5), 1, Indexes({1}));
  EXPECT_EQ(graph.end(), OpIndex{2});
  EXPECT_EQ(graph.Heads(), Indexes({1}));
  EXPECT_EQ(copy.Heads(), Indexes({2}));
  graph.CheckInvariants();
  copy.CheckInvariants();
}

// A graph with `old` heads of replicas 100, 101, ..., then `spans` in which replicas 1 and 2 take
// turns.
CausalGraph WithOldHeads(uint32_t old, uint32_t spans) {
  CausalGraph graph;
  for (uint32_t i = 0; i < old; ++i) graph.Append(Id(1, 100 + i), 1, {});
  OpIndexes last;
  for (uint32_t i = 0; i < spans; ++i) {
    graph.Append(Id(i + 1, i % 2 + 1), 1, last);
    last = {graph.end() - 1};
  }
  return graph;
}

TEST(CausalGraphTest, CheckpointsTakeNoMoreRoomThanSpans) {
  EXPECT_EQ(WithOldHeads(300, 10000).checkpoint_count(), (300U + 10000U) / (4 * 302 / 2));
  EXPECT_EQ(WithOldHeads(0, 10000).checkpoint_count(), 10000U / CausalGraph::kCheckpointSpacing);
}

TEST(CausalGraphTest, MergingOldHeadsIntoALongHistoryIsNotLinearInIt) {
  // 3,000 walks through 100,000 spans would take many seconds.
  constexpr uint32_t kOld = 3000;
  const CausalGraph graph = WithOldHeads(kOld, 100000);
  const OpIndex newest = graph.end() - 1;
  for (uint32_t i = 0; i < kOld; ++i) {
    const OpIndex old{i};
    ASSERT_TRUE(graph.IsFrontier(OpIndexes{old, newest}));
    ASSERT_FALSE(graph.IsFrontier(OpIndexes{OpIndex{kOld + i}, newest}));
    ASSERT_FALSE(graph.Covers(OpIndexes{newest}, old));
    ASSERT_TRUE(graph.Covers(OpIndexes{old, newest}, OpIndex{kOld + i}));
  }
}

// Corruption. Replica 5 works, 6 works beside it, 5 merges, 6 goes on alone.
class CausalGraphDeathTest : public testing::Test {
 protected:
  CausalGraphDeathTest() {
    graph_.Append(Id(1, 5), 2, {});
    graph_.Append(Id(1, 6), 3, {});
    graph_.Append(Id(4, 5), 2, Indexes({1, 4}));
    graph_.Append(Id(4, 6), 1, Indexes({4}));
    graph_.CheckInvariants();
  }

  CausalGraph graph_;
};

TEST_F(CausalGraphDeathTest, CheckerSeesAnEmptySpan) {
  CausalGraphPeer::Spans(graph_)[1].first = OpIndex{5};
  EXPECT_DEATH(graph_.CheckInvariants(), "span.first < EndOf");
}

TEST_F(CausalGraphDeathTest, CheckerSeesOperationsBeforeTheFirstSpan) {
  CausalGraphPeer::Spans(graph_)[0].first = OpIndex{1};
  EXPECT_DEATH(graph_.CheckInvariants(), "");
}

TEST_F(CausalGraphDeathTest, CheckerSeesAParentThatComesLater) {
  CausalGraphPeer::Parents(graph_)[1] = OpIndex{5};
  EXPECT_DEATH(graph_.CheckInvariants(), "parent < span.first");
}

TEST_F(CausalGraphDeathTest, CheckerSeesAWrongCounter) {
  CausalGraphPeer::Spans(graph_)[2].counter = 5;
  EXPECT_DEATH(graph_.CheckInvariants(), "span.counter == greatest");
}

TEST_F(CausalGraphDeathTest, CheckerSeesAParentInAnothersPast) {
  CausalGraphPeer::Parents(graph_)[0] = OpIndex{3};
  EXPECT_DEATH(graph_.CheckInvariants(), "IsFrontier");
}

TEST_F(CausalGraphDeathTest, CheckerSeesASpanThatMissesItsReplicasPreviousOne) {
  // Replica 6's second span as if it came after replica 5's first, with a counter to match.
  CausalGraphPeer::Parents(graph_)[2] = OpIndex{1};
  CausalGraphPeer::Spans(graph_)[3].counter = 3;
  EXPECT_DEATH(graph_.CheckInvariants(), "Covers");
}

TEST_F(CausalGraphDeathTest, CheckerSeesAMissingHead) {
  CausalGraphPeer::Heads(graph_).erase(OpIndex{6});
  EXPECT_DEATH(graph_.CheckInvariants(), "heads_");
}

TEST_F(CausalGraphDeathTest, CheckerSeesAHeadWithASuccessor) {
  CausalGraphPeer::Heads(graph_).insert(OpIndex{2});
  EXPECT_DEATH(graph_.CheckInvariants(), "heads_");
}

TEST_F(CausalGraphDeathTest, CheckerSeesAWrongEnd) {
  CausalGraphPeer::End(graph_) = OpIndex{9};
  EXPECT_DEATH(graph_.CheckInvariants(), "heads_");
}

TEST_F(CausalGraphDeathTest, CheckerSeesSpansOfAReplicaOutOfOrder) {
  std::ranges::reverse(CausalGraphPeer::Replicas(graph_)[0].spans);
  EXPECT_DEATH(graph_.CheckInvariants(), "is_sorted");
}

TEST_F(CausalGraphDeathTest, CheckerSeesASpanUnderAnotherReplica) {
  CausalGraphPeer::Spans(graph_)[3].replica = 0;
  EXPECT_DEATH(graph_.CheckInvariants(), "replica == ");
}

TEST_F(CausalGraphDeathTest, CheckerSeesASpanUnderNoReplica) {
  CausalGraphPeer::Replicas(graph_)[1].spans.pop_back();
  EXPECT_DEATH(graph_.CheckInvariants(), "listed == ");
}

TEST_F(CausalGraphDeathTest, CheckerSeesAReplicaThatIsNotFound) {
  CausalGraphPeer::ReplicaIndex(graph_)[6] = 0;
  EXPECT_DEATH(graph_.CheckInvariants(), "replica_index_");
}

TEST_F(CausalGraphDeathTest, CheckerSeesAWrongCheckpoint) {
  CausalGraph graph(/*checkpoint_spacing=*/1);
  graph.Append(Id(1, 5), 1, {});
  graph.Append(Id(2, 6), 1, Indexes({0}));
  graph.Append(Id(3, 5), 1, Indexes({1}));
  graph.CheckInvariants();
  ASSERT_EQ(graph.checkpoint_count(), 2U);
  ++CausalGraphPeer::CheckpointEnds(graph)[1];
  EXPECT_DEATH(graph.CheckInvariants(), "CheckpointOf");
}

TEST_F(CausalGraphDeathTest, CheckerSeesAWrongGreatestCounter) {
  CausalGraphPeer::MaxCounter(graph_) = 6;
  EXPECT_DEATH(graph_.CheckInvariants(), "max_counter_");
}

}  // namespace
}  // namespace cotext
