// Every causal history of a few operations, and every order in which they can be delivered.
//
// A causal history says, for each operation, how many of every replica's operations its author
// knew. For each, the operations are made by real replicas; then an observer receives them in every
// order that respects causality, and each of its states must equal the definition of the RGA. (An
// observer is any replica: what a replica shows depends only on what it has.)
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "crdt/rga.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"
#include "tests/support/rga_testing.h"
#include "tests/support/tree_rga.h"

namespace cotext {
namespace {

constexpr size_t kMaxReplicas = 3;
using Knowledge = std::array<uint32_t, kMaxReplicas>;  // Operations known, by replica.

// What an author does: the text in the middle grows, at its edges it is torn.
enum Choice : uint32_t { kInsertFirst, kInsertLast, kInsertMiddle, kDeleteFirst, kChoices };

class History {
 public:
  History(uint32_t replicas, uint32_t operations)
      : replicas_(replicas), operations_(operations), known_(size_t{replicas} * operations) {}

  size_t size() const { return known_.size(); }
  // Operation number `k` of replica `i` is number i * operations + k.
  Knowledge& at(size_t operation) { return known_[operation]; }

  // Whether the numbers describe a history: knowing an operation is knowing all that it knew.
  bool IsCausal() const {
    for (size_t operation = 0; operation < known_.size(); ++operation) {
      const size_t replica = operation / operations_;
      const size_t number = operation % operations_;
      const Knowledge& knows = known_[operation];
      if (knows[replica] != number) return false;
      if (number > 0 && !Includes(knows, known_[operation - 1])) return false;
      for (size_t other = 0; other < replicas_; ++other) {
        if (knows[other] == 0) continue;
        if (!Includes(knows, known_[other * operations_ + knows[other] - 1])) return false;
      }
    }
    return true;
  }

  bool Ready(size_t operation, const Knowledge& has) const {
    return has[operation / operations_] == operation % operations_ &&
           Includes(has, known_[operation]);
  }

  size_t ReplicaOf(size_t operation) const { return operation / operations_; }

 private:
  bool Includes(const Knowledge& large, const Knowledge& small) const {
    for (size_t i = 0; i < replicas_; ++i) {
      if (small[i] > large[i]) return false;
    }
    return true;
  }

  size_t replicas_;
  size_t operations_;
  std::vector<Knowledge> known_;
};

class HistoryRun {
 public:
  explicit HistoryRun(const History& history) : history_(history), updates_(history.size()) {}

  // Checks every order of delivery.
  void Check(const std::vector<uint32_t>& choices) {
    Make(choices);
    Deliver(Rga(ReplicaId{9}, kTinySequence), TreeRga(), Knowledge{});
  }

  // Checks one random order of delivery.
  void CheckOneOrder(const std::vector<uint32_t>& choices, Random& random) {
    Make(choices);
    Rga observer(ReplicaId{9}, kTinySequence);
    TreeRga oracle;
    Knowledge has{};
    for (size_t left = history_.size(); left > 0;) {
      const size_t operation = random.Below(history_.size());
      if (!history_.Ready(operation, has)) continue;
      DeliverOne(operation, observer, oracle, has);
      --left;
    }
  }

 private:
  // Lets every author make its operations at exactly what it knew.
  void Make(const std::vector<uint32_t>& choices) {
    Knowledge made{};
    for (size_t left = history_.size(); left > 0;) {
      for (size_t operation = 0; operation < history_.size(); ++operation) {
        if (!history_.Ready(operation, made)) continue;
        MakeOne(operation, choices[operation]);
        ++made[history_.ReplicaOf(operation)];
        --left;
      }
    }
  }

  void MakeOne(size_t operation, uint32_t choice) {
    Rga author(ReplicaId{history_.ReplicaOf(operation) + 1}, kTinySequence);
    Knowledge has{};
    History history = history_;
    const Knowledge wanted = history.at(operation);
    for (bool grown = true; grown;) {
      grown = false;
      for (size_t other = 0; other < history_.size(); ++other) {
        const size_t replica = history_.ReplicaOf(other);
        if (!history_.Ready(other, has) || has[replica] >= wanted[replica]) continue;
        MustIntegrate(author, updates_[other]);
        ++has[replica];
        grown = true;
      }
    }
    const uint64_t counter = author.next_counter();
    Edit(author, operation, choice);
    updates_[operation] = author.OwnChangesFrom(counter);
  }

  static void Edit(Rga& author, size_t operation, uint32_t choice) {
    const uint64_t length = author.sequence().metrics().code_points;
    if (choice == kDeleteFirst && length > 0) {
      ASSERT_TRUE(author.Replace(0, 1, {}).has_value());
      return;
    }
    const uint64_t position = choice == kInsertLast     ? length
                              : choice == kInsertMiddle ? length / 2
                                                        : 0;
    const std::string letters{static_cast<char>('a' + operation),
                              static_cast<char>('A' + operation)};
    ASSERT_TRUE(author.Replace(position, 0, letters).has_value());
  }

  // Tries every operation that can come next, and everything after it.
  void Deliver(const Rga& observer, const TreeRga& oracle, const Knowledge& has) {
    for (size_t operation = 0; operation < history_.size(); ++operation) {
      if (testing::Test::HasFatalFailure()) return;
      if (!history_.Ready(operation, has)) continue;
      Rga next = observer;
      TreeRga next_oracle = oracle;
      Knowledge next_has = has;
      DeliverOne(operation, next, next_oracle, next_has);
      Deliver(next, next_oracle, next_has);
    }
  }

  void DeliverOne(size_t operation, Rga& observer, TreeRga& oracle, Knowledge& has) {
    MustIntegrate(observer, updates_[operation]);
    oracle.Integrate(updates_[operation][0]);
    ++has[history_.ReplicaOf(operation)];
    ASSERT_EQ(TextOf(observer), oracle.Text());
  }

  const History& history_;
  std::vector<Update> updates_;
};

// Returns a history in which replicas now and then learn all that another one knows.
History RandomHistory(Random& random, uint32_t replicas, uint32_t operations) {
  History history(replicas, operations);
  std::vector<Knowledge> has(replicas);
  for (size_t left = history.size(); left > 0;) {
    const size_t replica = random.Below(replicas);
    if (random.Chance(40)) {
      const Knowledge& other = has[random.Below(replicas)];
      for (size_t i = 0; i < replicas; ++i) has[replica][i] = std::max(has[replica][i], other[i]);
    } else if (has[replica][replica] < operations) {
      history.at(replica * operations + has[replica][replica]) = has[replica];
      ++has[replica][replica];
      --left;
    }
  }
  return history;
}

// Calls `visit` with every causal history.
template <typename Visit>
void ForEachHistory(uint32_t replicas, uint32_t operations, Visit visit) {
  History history(replicas, operations);
  std::vector<uint32_t*> numbers;
  for (size_t operation = 0; operation < history.size(); ++operation) {
    for (size_t other = 0; other < replicas; ++other) {
      if (other == history.ReplicaOf(operation)) {
        history.at(operation)[other] = static_cast<uint32_t>(operation % operations);
      } else {
        numbers.push_back(&history.at(operation)[other]);
      }
    }
  }
  // Counts through all numbers in [0, operations] like an odometer.
  while (true) {
    if (history.IsCausal()) visit(history);
    size_t digit = 0;
    while (digit < numbers.size() && *numbers[digit] == operations) *numbers[digit++] = 0;
    if (digit == numbers.size()) return;
    ++*numbers[digit];
  }
}

std::vector<uint32_t> ChoicesOf(uint64_t number, size_t size) {
  std::vector<uint32_t> choices(size);
  for (uint32_t& choice : choices) {
    choice = static_cast<uint32_t>(number % kChoices);
    number /= kChoices;
  }
  return choices;
}

std::vector<uint32_t> RandomChoices(Random& random, size_t size) {
  return ChoicesOf(random.Next() >> 8U, size);
}

TEST(RgaExhaustiveTest, TwoReplicasWithThreeOperations) {
  Random random(SeedFromEnvironment(1));
  uint64_t histories = 0;
  ForEachHistory(2, 3, [&](const History& history) {
    ++histories;
    for (int i = 0; i < 150 && !testing::Test::HasFatalFailure(); ++i) {
      HistoryRun(history).Check(RandomChoices(random, history.size()));
    }
  });
  EXPECT_EQ(histories, 175U);
}

TEST(RgaExhaustiveTest, ThreeReplicasWithTwoOperations) {
  Random random(SeedFromEnvironment(1));
  uint64_t histories = 0;
  ForEachHistory(3, 2, [&](const History& history) {
    ++histories;
    for (int i = 0; i < 3 && !testing::Test::HasFatalFailure(); ++i) {
      HistoryRun(history).Check(RandomChoices(random, history.size()));
    }
  });
  EXPECT_EQ(histories, 2827U);
}

TEST(RgaExhaustiveTest, ThreeReplicasWithThreeOperationsSampled) {
  ForEachSeed(5000, [](Random& random) {
    const History history = RandomHistory(random, 3, 3);
    ASSERT_TRUE(history.IsCausal());
    HistoryRun(history).CheckOneOrder(RandomChoices(random, history.size()), random);
  });
}

}  // namespace
}  // namespace cotext
