// The document order of random concurrent histories, beside that of the sequence, which integrated
// them one by one, and that of the tree by which the RGA is defined.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crdt/change.h"
#include "crdt/deleted_elements.h"
#include "crdt/document_order.h"
#include "crdt/element_range.h"
#include "crdt/history.h"
#include "crdt/ids.h"
#include "crdt/linked_order.h"
#include "crdt/local_index.h"
#include "crdt/rga.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/rga_documents.h"
#include "tests/support/rga_testing.h"
#include "tests/support/tree_rga.h"

namespace cotext {
namespace {

// How often what the test is about occurred.
struct Shapes {
  uint64_t late = 0;      // Elements behind the rest of the chain that their origin is in.
  uint64_t early = 0;     // Elements in front of it.
  uint64_t siblings = 0;  // Elements with the origin of another one.
  uint64_t jumps = 0;     // Elements of a chain whose id does not follow the one before.
};

struct ElementState {
  Lv element;
  bool deleted;
  friend bool operator==(const ElementState&, const ElementState&) = default;
};

void AddRun(const ElementRun& run, std::vector<ElementState>& to) {
  for (uint32_t i = 0; i < run.length; ++i) to.push_back({run.first + i, run.deleted});
}

void CheckRun(const History& history, const ElementRun& run, uint32_t max_length) {
  ASSERT_GT(run.length, 0U);
  ASSERT_LE(run.length, max_length);
  for (uint32_t i = 1; i < run.length; ++i) {
    ASSERT_EQ(history.log.OriginOf(run.first + i), run.first + (i - 1));
  }
}

std::string TextOfStates(const History& history, const std::vector<ElementState>& states) {
  std::string text;
  for (const ElementState& state : states) text += history.text.Slice(state.element, 1);
  return text;
}

// A replica, and two trees: of what it has, and of the same as if nothing had been deleted, whose
// text is therefore the order of all elements.
class Peer {
 public:
  Peer(ReplicaId replica, const SequenceOptions& options) : rga(replica, options) {}

  void Hear(const Update& update) {
    MustIntegrate(rga, update);
    AddToTrees(update);
    // Whoever hears of something often goes on with it.
    const Lv end = rga.history().text.end();
    if (end.value > 0) typed_at = rga.sequence().RankOf(end - 1).position + 1;
  }

  void AddToTrees(const Update& update) {
    for (size_t i = 0; i < update.size(); ++i) {
      tree_.Integrate(update[i]);
      AddInserts(update[i]);
    }
  }

  // More steps for each than there are elements.
  static constexpr uint64_t kEnough = 1'000'000;

  void Check() const {
    const History& history = rga.history();
    std::vector<ElementState> sequence;
    rga.sequence().ForEachRun([&](const Sequence::Run& run) { AddRun(run, sequence); });
    for (const uint32_t max_length : {1U, 3U, 4096U}) {
      std::vector<ElementState> order;
      const std::vector<ElementRun> runs =
          DocumentOrder(history, DeletedElements(history.log), max_length);
      ASSERT_EQ(TreeOrder(history, DeletedElements(history.log), max_length), runs);
      ASSERT_EQ(LinkedOrder(history, DeletedElements(history.log), max_length, kEnough), runs);
      for (const ElementRun& run : runs) {
        ASSERT_NO_FATAL_FAILURE(CheckRun(history, run, max_length));
        AddRun(run, order);
      }
      ASSERT_TRUE(order == sequence) << TextOfStates(history, order);
      // Each character occurs once.
      ASSERT_EQ(TextOfStates(history, order), undeleted_.Text());
      std::erase_if(order, [](const ElementState& state) { return state.deleted; });
      ASSERT_EQ(TextOfStates(history, order), tree_.Text());
    }
  }

  void Count(Shapes& shapes) const {
    const History& history = rga.history();
    std::vector<Lv> origins;
    for (Lv at; at < history.text.end(); at = at + 1) {
      const Lv origin = history.log.OriginOf(at);
      origins.push_back(origin);
      if (origin == kNoLv) continue;
      if (origin + 1 == at) {
        OpId next = history.IdOf(origin);
        ++next.counter;
        if (history.IdOf(at) != next) ++shapes.jumps;
      } else if (history.Chained(origin + 1)) {
        ++(history.IdOf(at) < history.IdOf(origin + 1) ? shapes.late : shapes.early);
      }
    }
    std::ranges::sort(origins);
    const auto distinct =
        static_cast<size_t>(std::ranges::unique(origins).begin() - origins.begin());
    shapes.siblings += origins.size() - distinct;
  }

  Rga rga;
  std::vector<size_t> has;  // By author: how many of the messages.
  uint64_t typed_at = 0;    // Behind what was last inserted here.

 private:
  void AddInserts(const ChangeView& change) {
    OpId id{.counter = change.first_counter, .replica = change.replica};
    std::string_view text = change.text;
    for (const Operation& operation : change.operations) {
      if (operation.kind == Operation::Kind::kInsert) {
        undeleted_.Integrate(ChangeView{.replica = id.replica,
                                        .first_counter = id.counter,
                                        .parents = {},
                                        .operations = {&operation, 1},
                                        .text = text.substr(0, operation.text_bytes)});
      }
      text.remove_prefix(operation.text_bytes);
      id.counter += operation.length;
    }
  }

  TreeRga tree_;
  TreeRga undeleted_;
};

// Replicas that edit, mostly where others do, and hear of each other's messages in random causal
// order, often of several of one author in a row.
class ConcurrentHistory {
 public:
  ConcurrentHistory(Random& random, size_t replicas) : random_(random), messages_(replicas) {
    std::vector<uint64_t> ids;
    ids.reserve(replicas);
    for (size_t i = 0; i < replicas; ++i) ids.push_back(i + 1);
    for (size_t i = replicas; i > 1; --i) std::swap(ids[i - 1], ids[random.Below(i)]);
    for (const uint64_t id : ids) {
      peers_.push_back(std::make_unique<Peer>(
          ReplicaId{id}, random.Chance(50) ? kTinySequence : SequenceOptions{}));
      peers_.back()->has.resize(replicas);
    }
  }

  void Run(uint64_t steps, Shapes& shapes) {
    for (uint64_t i = 0; i < steps && !testing::Test::HasFatalFailure(); ++i) {
      const size_t index = random_.Below(peers_.size());
      if (random_.Chance(50)) {
        // A burst, of which others may hear a part only.
        for (uint64_t edits = random_.Between(1, 4); edits > 0; --edits) Edit(index);
      } else {
        Hear(*peers_[index], random_.Below(peers_.size()), random_.Between(1, 3));
      }
    }
    // Before they know everything, and after.
    for (const auto& peer : peers_) ASSERT_NO_FATAL_FAILURE(peer->Check());
    for (const auto& peer : peers_) {
      ASSERT_NO_FATAL_FAILURE(HearEverything(*peer));
      ASSERT_NO_FATAL_FAILURE(peer->Check());
      peer->Count(shapes);
    }
  }

 private:
  struct Message {
    Update update;
    std::vector<size_t> needs;
  };

  uint64_t Position(const Peer& peer, uint64_t length) {
    if (random_.Chance(70)) return std::min(peer.typed_at, length);
    if (random_.Chance(30)) return std::min<uint64_t>(random_.Below(3), length);
    return random_.Below(length + 1);
  }

  void Edit(size_t index) {
    Peer& peer = *peers_[index];
    const uint64_t counter = peer.rga.next_counter();
    const uint64_t length = peer.rga.sequence().length();
    const uint64_t position = Position(peer, length);
    const uint64_t count =
        random_.Chance(20) ? std::min<uint64_t>(random_.Below(6), length - position) : 0;
    const uint64_t inserted = random_.Below(4);
    ASSERT_TRUE(peer.rga.Replace(position, count, characters_.Text(inserted)).has_value());
    peer.typed_at = position + inserted;
    Message message{.update = peer.rga.OwnChangesFrom(counter), .needs = peer.has};
    if (message.update.empty()) return;
    peer.AddToTrees(message.update);
    ++peer.has[index];
    messages_[index].push_back(std::move(message));
  }

  // Lets a peer hear of an author's next messages, as far as it knows what they need.
  bool Hear(Peer& peer, size_t author, uint64_t limit) {
    bool heard = false;
    for (; limit > 0 && peer.has[author] < messages_[author].size(); --limit) {
      const Message& message = messages_[author][peer.has[author]];
      if (!std::ranges::equal(message.needs, peer.has, std::less_equal<>())) break;
      peer.Hear(message.update);
      ++peer.has[author];
      heard = true;
    }
    return heard;
  }

  void HearEverything(Peer& peer) {
    for (bool heard = true; heard;) {
      heard = false;
      const size_t first = random_.Below(peers_.size());
      for (size_t i = 0; i < peers_.size(); ++i) {
        if (Hear(peer, (first + i) % peers_.size(), random_.Between(1, 6))) heard = true;
      }
    }
    for (size_t i = 0; i < peers_.size(); ++i) ASSERT_EQ(peer.has[i], messages_[i].size());
  }

  Random& random_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::vector<std::vector<Message>> messages_;  // By author.
  FreshCharacters characters_;
};

TEST(DocumentOrderModelTest, EqualsTheSequenceAndTheDefinition) {
  Shapes shapes;
  ForEachSeed(5000, [&shapes](Random& random) {
    ConcurrentHistory history(random, random.Between(2, 8));
    history.Run(random.Between(4, 30), shapes);
  });
  // Else the test would say little.
  EXPECT_GT(shapes.late, 2'000U);
  EXPECT_GT(shapes.early, 10'000U);
  EXPECT_GT(shapes.siblings, 10'000U);
  EXPECT_GT(shapes.jumps, 2'000U);
}

TEST(DocumentOrderModelTest, LongHistoriesEqualThemToo) {
  Shapes shapes;
  ForEachSeed(8, [&shapes](Random& random) {
    ConcurrentHistory history(random, random.Between(2, 3));
    history.Run(500, shapes);
  });
}

// While one replica writes, ids ascend with Lvs, and none is looked up.
TEST(DocumentOrderModelTest, OfOneWriterItEqualsThemToo) {
  Shapes shapes;
  ForEachSeed(500, [&shapes](Random& random) {
    ConcurrentHistory history(random, 1);
    history.Run(random.Between(1, 60), shapes);
  });
}

}  // namespace
}  // namespace cotext
