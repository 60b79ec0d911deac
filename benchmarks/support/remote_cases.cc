#include "benchmarks/support/remote_cases.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "benchmarks/support/concurrent_history.h"
#include "benchmarks/support/edit_script.h"
#include "benchmarks/support/sample_text.h"
#include "benchmarks/support/stopwatch.h"
#include "crdt/change.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "crdt/rga_document.h"
#include "document/check.h"
#include "document/document.h"
#include "document/offset.h"
#include "document/random.h"

namespace cotext {
namespace {

constexpr ReplicaId kReceiver{1};
constexpr ReplicaId kAuthor{2};
constexpr ReplicaId kOtherAuthor{3};
constexpr uint64_t kBaseLength = 10'000;

bool IntegrateEach(const Update& changes, RgaDocument& document) {
  for (size_t i = 0; i < changes.size(); ++i) {
    if (!document.Integrate(changes[i])) return false;
  }
  return true;
}

Sample TimeEach(const Update& changes, RgaDocument& receiver, std::string_view text) {
  Sample sample;
  sample.seconds = Seconds([&] { sample.correct = IntegrateEach(changes, receiver); });
  sample.correct = sample.correct && receiver.Text() == text;
  return sample;
}

Sample TimeMerge(const Update& update, RgaDocument& receiver, std::string_view text) {
  Sample sample;
  sample.seconds = Seconds([&] { sample.correct = receiver.MergeUpdate(update).has_value(); });
  sample.correct = sample.correct && receiver.Text() == text;
  return sample;
}

Sample TimeKeystrokes(const EditScript& script) {
  Rga author(kAuthor);
  const Update changes = ApplyKeyByKey(script, author);
  RgaDocument receiver(kReceiver);
  return TimeEach(changes, receiver, ApplyToText(script, ""));
}

Sample TimeOneChange(const EditScript& script) {
  Rga author(kAuthor);
  COTEXT_CHECK(Apply(script, author));
  const Update update = author.ChangesSince({});
  COTEXT_CHECK(update.size() == 1);
  RgaDocument receiver(kReceiver);
  return TimeMerge(update, receiver, ApplyToText(script, ""));
}

Sample TimeHistory(const ConcurrentHistory& history) {
  RgaDocument receiver(kReceiver);
  return TimeEach(history.changes, receiver, history.text);
}

// Makes the edits, each by a random one of `authors`; returns a change for each.
Update ApplyAsCrowd(const EditScript& script, const std::vector<ReplicaId>& authors, uint64_t seed,
                    Rga& rga) {
  Random random(seed);
  Update changes;
  for (const CharacterEdit& edit : script) {
    rga.SetReplica(authors[random.Below(authors.size())]);
    changes.Append(ApplyKeyByKey({edit}, rga));
  }
  return changes;
}

// Returns the changes of both branches in turns.
Update InTurns(const Update& left, const Update& right) {
  COTEXT_CHECK(left.size() == right.size());
  Update both;
  for (size_t i = 0; i < left.size(); ++i) {
    both.Append(left[i]);
    both.Append(right[i]);
  }
  return both;
}

// A receiver's text, the same as two replicas have it.
struct Branches {
  std::unique_ptr<RgaDocument> receiver;
  Rga left;
  Rga right;

  Branches() : receiver(std::make_unique<RgaDocument>(kReceiver)), left(kAuthor), right(kAuthor) {
    COTEXT_CHECK(receiver->Insert(CodePointOffset{0}, MakeText(kBaseLength, Alphabet::kAscii)));
    left = receiver->rga();
    left.SetReplica(kAuthor);
    right = receiver->rga();
    right.SetReplica(kOtherAuthor);
  }
};

std::string TextOf(const Rga& rga) {
  RgaDocument document(kReceiver);
  COTEXT_CHECK(document.MergeUpdate(rga.ChangesSince({})));
  return document.Text();
}

// Times the receiver; the authors must come to the same text in another order.
Sample TimeInTurns(Branches branches, const Update& left, const Update& right) {
  COTEXT_CHECK(!left.empty());
  Rga merged = std::move(branches.left);
  for (size_t i = 0; i < right.size(); ++i) {
    COTEXT_CHECK(merged.Integrate(right[i], Rga::Effects::kIgnore));
  }
  return TimeEach(InTurns(left, right), *branches.receiver, TextOf(merged));
}

}  // namespace

Sample KeystrokesTyping(uint64_t n, uint64_t) { return TimeKeystrokes(MakeTyping(0, n)); }

Sample KeystrokesClustered(uint64_t n, uint64_t seed) {
  return TimeKeystrokes(MakeClustered(0, n, seed));
}

Sample KeystrokesScattered(uint64_t n, uint64_t seed) {
  return TimeKeystrokes(MakeScattered(0, n, seed));
}

Sample KeystrokesPrepending(uint64_t n, uint64_t) { return TimeKeystrokes(MakePrepending(n)); }

Sample KeystrokesPingPong(uint64_t n, uint64_t) { return TimeKeystrokes(MakePingPong(0, n)); }

Sample ObservedKeystrokes(uint64_t n, uint64_t seed) {
  const EditScript script = MakeClustered(0, n, seed);
  Rga author(kAuthor);
  const Update changes = ApplyKeyByKey(script, author);
  RgaDocument receiver(kReceiver);
  uint64_t events = 0;
  receiver.Subscribe([&](const DeltaEvent&) { ++events; });
  Sample sample = TimeEach(changes, receiver, ApplyToText(script, ""));
  sample.correct = sample.correct && events == n;
  return sample;
}

Sample OneChangeClustered(uint64_t n, uint64_t seed) {
  return TimeOneChange(MakeClustered(0, n, seed));
}

Sample OneChangeScattered(uint64_t n, uint64_t seed) {
  return TimeOneChange(MakeScattered(0, n, seed));
}

Sample SiblingsEqualCounters(uint64_t n, uint64_t seed) {
  return TimeHistory(MakeSiblings(n, Counters::kEqual, seed));
}

Sample SiblingsDistinctCounters(uint64_t n, uint64_t seed) {
  return TimeHistory(MakeSiblings(n, Counters::kDistinct, seed));
}

Sample SpreadSiblings(uint64_t n, uint64_t seed) { return TimeHistory(MakeSpread(n, seed)); }

Sample ReplicaChain(uint64_t n, uint64_t seed) { return TimeHistory(MakeChain(n, seed)); }

Sample ReplicaCrowd(uint64_t n, uint64_t seed) {
  const EditScript script = MakeScatteredInserts(0, n, seed);
  const std::vector<ReplicaId> replicas = MakeReplicas(n, seed);
  Rga authors(kAuthor);
  Update changes;
  for (uint64_t i = 0; i < n; ++i) {
    authors.SetReplica(replicas[i]);
    changes.Append(ApplyKeyByKey({script[i]}, authors));
  }
  RgaDocument receiver(kReceiver);
  return TimeEach(changes, receiver, ApplyToText(script, ""));
}

Sample TwoBranches(uint64_t n, uint64_t seed) {
  Branches branches;
  const Update left = ApplyKeyByKey(MakeClustered(kBaseLength, n / 2, seed), branches.left);
  const Update right = ApplyKeyByKey(MakeClustered(kBaseLength, n / 2, seed + 1), branches.right);
  return TimeInTurns(std::move(branches), left, right);
}

Sample MergeBranch(uint64_t n, uint64_t seed) {
  Branches branches;
  COTEXT_CHECK(Apply(MakeClustered(kBaseLength, n, seed), branches.left));
  COTEXT_CHECK(Apply(MakeClustered(kBaseLength, n, seed + 1), *branches.receiver));
  const Update update = branches.left.OwnChangesFrom(kBaseLength + 1);
  Rga merged = std::move(branches.left);
  const Update other = branches.receiver->OwnChangesFrom(kBaseLength + 1);
  for (size_t i = 0; i < other.size(); ++i) {
    COTEXT_CHECK(merged.Integrate(other[i], Rga::Effects::kIgnore));
  }
  return TimeMerge(update, *branches.receiver, TextOf(merged));
}

Sample TwoCrowds(uint64_t n, uint64_t seed) {
  const uint64_t crowd = n / 20;
  const std::vector<ReplicaId> replicas = MakeReplicas(2 * crowd, seed);
  const std::vector left_authors(replicas.begin(), replicas.begin() + static_cast<int64_t>(crowd));
  const std::vector right_authors(replicas.begin() + static_cast<int64_t>(crowd), replicas.end());
  Branches branches;
  const Update left =
      ApplyAsCrowd(MakeClustered(kBaseLength, n / 2, seed), left_authors, seed, branches.left);
  const Update right = ApplyAsCrowd(MakeClustered(kBaseLength, n / 2, seed + 1), right_authors,
                                    seed + 1, branches.right);
  return TimeInTurns(std::move(branches), left, right);
}

}  // namespace cotext
