// Random histories of several replicas, each state compared with the definition of the RGA.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "crdt/rga.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"
#include "tests/support/rga_testing.h"
#include "tests/support/tree_rga.h"

namespace cotext {
namespace {

// A few replicas that edit and hear of each other in random causal order, now and then twice.
class RandomHistory {
 public:
  RandomHistory(Random& random, uint64_t replicas) : random_(random) {
    for (uint64_t i = 0; i < replicas; ++i) {
      const SequenceOptions options = random.Chance(80) ? kTinySequence : SequenceOptions{};
      peers_.push_back(std::make_unique<Peer>(ReplicaId{i + 1}, options));
    }
  }

  void Run(uint64_t steps) {
    for (uint64_t i = 0; i < steps && !testing::Test::HasFatalFailure(); ++i) Step();
    Finish();
  }

 private:
  struct Peer {
    Peer(ReplicaId replica, const SequenceOptions& options) : rga(replica, options) {}
    Rga rga;
    TreeRga oracle;
    std::vector<bool> has;  // By message.
  };
  struct Message {
    Update update;
    std::vector<bool> needs;
  };

  void Step() {
    Peer& peer = *peers_[random_.Below(peers_.size())];
    if (random_.Chance(50) || messages_.empty()) {
      Edit(peer);
    } else {
      Hear(peer, random_.Below(messages_.size()));
    }
    ASSERT_EQ(TextOf(peer.rga), peer.oracle.Text());
    peer.rga.CheckInvariants();
  }

  uint64_t Position(uint64_t length) {
    // Many at the same places: ties are where engines differ.
    if (random_.Chance(30)) return 0;
    return random_.Chance(40) ? length : random_.Below(length + 1);
  }

  void Edit(Peer& peer) {
    const uint64_t counter = peer.rga.next_counter();
    for (uint64_t edits = random_.Between(1, 3); edits > 0; --edits) {
      const uint64_t length = peer.rga.sequence().metrics().code_points;
      const uint64_t position = Position(length);
      const uint64_t count =
          random_.Chance(40) ? std::min<uint64_t>(random_.Below(6), length - position) : 0;
      ASSERT_TRUE(peer.rga.Replace(position, count, RandomText(random_, 5)).has_value());
    }
    Message message{.update = peer.rga.OwnChangesFrom(counter), .needs = peer.has};
    if (message.update.empty()) return;
    for (size_t i = 0; i < message.update.size(); ++i) peer.oracle.Integrate(message.update[i]);
    peer.has.resize(messages_.size() + 1);
    peer.has.back() = true;
    messages_.push_back(std::move(message));
  }

  bool Ready(Peer& peer, size_t message) {
    peer.has.resize(messages_.size());
    const std::vector<bool>& needs = messages_[message].needs;
    for (size_t i = 0; i < needs.size(); ++i) {
      if (needs[i] && !peer.has[i]) return false;
    }
    return true;
  }

  void Hear(Peer& peer, size_t message) {
    if (!Ready(peer, message)) return;
    MustIntegrate(peer.rga, messages_[message].update);
    for (size_t i = 0; i < messages_[message].update.size(); ++i) {
      peer.oracle.Integrate(messages_[message].update[i]);
    }
    peer.has[message] = true;
  }

  // Everybody hears everything; one more learns all at once, by version vector.
  void Finish() {
    Rga late(ReplicaId{99}, kTinySequence);
    for (const auto& peer : peers_) {
      for (size_t i = 0; i < messages_.size(); ++i) Hear(*peer, i);
      ASSERT_EQ(TextOf(peer->rga), TextOf(peers_[0]->rga));
      ASSERT_EQ(TextOf(peer->rga), peer->oracle.Text());
      ASSERT_EQ(peer->rga.version_vector(), peers_[0]->rga.version_vector());
      ASSERT_EQ(peer->rga.frontier(), peers_[0]->rga.frontier());
      peer->rga.CheckInvariants();
      MustIntegrate(late, peer->rga.ChangesSince(late.version_vector()));
    }
    ASSERT_EQ(TextOf(late), TextOf(peers_[0]->rga));
    ASSERT_EQ(late.version_vector(), peers_[0]->rga.version_vector());
    late.CheckInvariants();
  }

  Random& random_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::vector<Message> messages_;
};

// Sharded by the build: each shard is a test of its own.
class RgaRandomTest : public testing::TestWithParam<uint64_t> {};

TEST_P(RgaRandomTest, EveryReplicaEqualsTheDefinitionAfterEveryStep) {
  constexpr uint64_t kHistories = 2500;
  const uint64_t first = SeedFromEnvironment(1) + GetParam() * kHistories;
  for (uint64_t seed = first; seed < first + kHistories; ++seed) {
    SCOPED_TRACE("COTEXT_SEED=" + std::to_string(seed));
    Random random(seed);
    RandomHistory history(random, random.Between(2, 8));
    ASSERT_NO_FATAL_FAILURE(history.Run(random.Between(5, 40)));
  }
}

INSTANTIATE_TEST_SUITE_P(TenThousand, RgaRandomTest, testing::Range<uint64_t>(0, 4));

TEST(RgaRandomTest, LongHistoriesReachDeepTrees) {
  ForEachSeed(6, [](Random& random) {
    RandomHistory history(random, 3);
    history.Run(600);
  });
}

}  // namespace
}  // namespace cotext
