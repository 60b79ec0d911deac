// Random changes with random faults, refused exactly where a naive history finds a broken rule.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crdt/change.h"
#include "crdt/ids.h"
#include "crdt/resolve_change.h"
#include "crdt/rga.h"
#include "document/error.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/naive_history.h"
#include "tests/support/twin_replicas.h"

namespace cotext {
namespace {

// Spoils a change in one way, or leaves it as good as it was.
class Spoiler {
 public:
  // Ids that are put in come from `ids` and the neighbourhood of what they name.
  Spoiler(Random& random, std::vector<OpId> ids) : random_(random), ids_(std::move(ids)) {}

  void Spoil(LooseChange& change) {
    switch (random_.Below(6)) {
      case 0: SpoilId(change); break;
      case 1:
      case 2: SpoilParents(change.parents); break;
      case 3: SpoilText(change.text); break;
      case 4: SpoilOperations(change); break;
      default: SpoilOperation(Any(change.operations)); break;
    }
  }

 private:
  template <typename T>
  T& Any(std::vector<T>& values) {
    return values[random_.Below(values.size())];
  }

  // Returns an id that is known, or nearly so.
  OpId AnyId() {
    if (random_.Chance(10)) return kRoot;
    OpId id = Any(ids_);
    if (random_.Chance(20)) id.counter += random_.Between(0, 2) - 1;
    if (random_.Chance(5)) id.replica = Any(ids_).replica;
    if (random_.Chance(2)) id.counter = kIdLimit;
    return id;
  }

  void SpoilId(LooseChange& change) {
    switch (random_.Below(4)) {
      case 0: change.replica = AnyId().replica; break;
      case 1: change.first_counter = AnyId().counter; break;
      case 2: ++change.first_counter; break;
      default: --change.first_counter; break;
    }
  }

  void SpoilParents(std::vector<OpId>& parents) {
    const uint64_t at = parents.empty() ? 0 : random_.Below(parents.size());
    switch (random_.Below(4)) {
      case 0:
        if (!parents.empty()) parents.erase(parents.begin() + static_cast<ptrdiff_t>(at));
        break;
      case 1:
        if (!parents.empty()) parents[at] = AnyId();
        break;
      default: parents.push_back(AnyId()); break;
    }
    if (random_.Chance(90)) std::ranges::sort(parents);
  }

  void SpoilText(std::string& text) {
    if (text.empty() || random_.Chance(20)) {
      text += 'x';
    } else if (random_.Chance(20)) {
      text.pop_back();
    } else {
      text[random_.Below(text.size())] = random_.Chance(80) ? 'y' : '\xff';
    }
  }

  void SpoilOperations(LooseChange& change) {
    std::vector<Operation>& operations = change.operations;
    const auto at = operations.begin() + static_cast<ptrdiff_t>(random_.Below(operations.size()));
    if (random_.Chance(30)) {
      operations.erase(at);
    } else if (random_.Chance(50)) {
      operations.insert(
          at, Operation{.reference = AnyId(), .length = 1, .kind = Operation::Kind::kDelete});
    } else {
      operations.push_back(Operation{.reference = AnyId(), .length = 1, .text_bytes = 1});
      change.text += 'z';
    }
  }

  void SpoilOperation(Operation& operation) {
    switch (random_.Below(6)) {
      case 0: ++operation.length; break;
      case 1: --operation.length; break;
      case 2:
        operation.kind = operation.kind == Operation::Kind::kInsert ? Operation::Kind::kDelete
                                                                    : Operation::Kind::kInsert;
        operation.text_bytes = 0;
        break;
      case 3: operation.backward = !operation.backward; break;
      case 4: operation.text_bytes ^= 1U; break;
      default: operation.reference = AnyId(); break;
    }
  }

  Random& random_;
  std::vector<OpId> ids_;
};

class ResolveChangeModelTest : public testing::Test {
 protected:
  // Integrates a change, in which both must agree; returns what was said of it.
  static void Offer(Twin& twin, const LooseChange& change, std::set<std::string_view>& answers) {
    const std::set<ErrorCode> broken = twin.naive.BrokenRules(change.view());
    const auto done = twin.rga.Integrate(change.view(), Rga::Effects::kCollect);
    answers.insert(done ? "accepted" : ErrorName(done.error().code));
    if (done) {
      ASSERT_TRUE(broken.empty()) << "accepted, in spite of " << ErrorName(*broken.begin());
      twin.naive.Add(AtomsOf(change.view()));
    } else {
      ASSERT_TRUE(broken.contains(done.error().code))
          << ErrorName(done.error().code) << ": " << done.error().message;
    }
    ASSERT_NO_FATAL_FAILURE(CheckTwin(twin));
    ASSERT_EQ(AtomsOf(twin.rga.ChangesSince({})), twin.naive.atoms());
  }

  // Returns what all replicas did, cut anew.
  static std::vector<LooseChange> AllChanges(Random& random, TwinReplicas& replicas) {
    std::vector<LooseChange> changes;
    for (size_t i = 0; i < replicas.size(); ++i) {
      for (LooseChange& change : CutAnew(random, replicas[i].rga.OwnChangesFrom(0))) {
        changes.push_back(std::move(change));
      }
    }
    return changes;
  }

  static std::vector<OpId> AllIds(const std::vector<LooseChange>& changes) {
    std::vector<OpId> ids;
    for (const LooseChange& change : changes) {
      for (const auto& [id, atom] : AtomsOf(change.view())) ids.push_back(id);
    }
    return ids;
  }
};

TEST_F(ResolveChangeModelTest, ChangesThatKeepTheRulesAreAcceptedInWhateverOrderTheyCome) {
  std::set<std::string_view> answers;
  ForEachSeed(60, [&answers](Random& random) {
    TwinReplicas replicas(random, 3);
    ASSERT_NO_FATAL_FAILURE(replicas.Run(40));
    const std::vector<LooseChange> changes = AllChanges(random, replicas);
    if (changes.empty()) return;
    Twin& twin = replicas.Any();
    for (int i = 0; i < 40; ++i) {
      const LooseChange& change = changes[random.Below(changes.size())];
      ASSERT_NO_FATAL_FAILURE(Offer(twin, change, answers));
    }
  });
  EXPECT_EQ(answers, (std::set<std::string_view>{"accepted", "missing_dependency"}));
}

TEST_F(ResolveChangeModelTest, SpoiledChangesAreRefusedForARuleTheyBreak) {
  std::set<std::string_view> answers;
  ForEachSeed(400, [&answers](Random& random) {
    TwinReplicas replicas(random, 3);
    ASSERT_NO_FATAL_FAILURE(replicas.Run(30));
    const std::vector<LooseChange> changes = AllChanges(random, replicas);
    if (changes.empty()) return;
    Spoiler spoiler(random, AllIds(changes));
    Twin& twin = replicas.Any();
    for (int i = 0; i < 60; ++i) {
      LooseChange change = changes[random.Below(changes.size())];
      for (uint64_t faults = random.Between(1, 2); faults > 0; --faults) {
        if (!change.operations.empty()) spoiler.Spoil(change);
      }
      ASSERT_NO_FATAL_FAILURE(Offer(twin, change, answers));
    }
  });
  // Every answer was given.
  EXPECT_EQ(answers, (std::set<std::string_view>{
                         "accepted", "incomplete_parents", "invalid_change", "invalid_id",
                         "invalid_utf8", "missing_dependency", "origin_not_smaller",
                         "replica_conflict", "unknown_origin", "unknown_target", "wrong_counter"}));
}

}  // namespace
}  // namespace cotext
