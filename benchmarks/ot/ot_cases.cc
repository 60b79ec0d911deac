#include "benchmarks/ot/ot_cases.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "benchmarks/support/sample_text.h"
#include "benchmarks/support/stopwatch.h"
#include "document/check.h"
#include "document/delta.h"
#include "document/random.h"
#include "ot/pending_operation.h"
#include "ot/transform.h"

namespace cotext {
namespace {

constexpr uint64_t kTextPerEdit = 8;
// Up to here the flat ways are quick enough to check every result by.
constexpr uint64_t kFlatMax = 1000;

using Deltas = std::vector<Delta>;

// Edits of a text of `length` characters, one after the other.
Deltas ScatteredEdits(uint64_t length, uint64_t count, Random& random) {
  constexpr std::string_view kTyped = "abcd";
  Deltas edits(count);
  for (Delta& edit : edits) {
    if (random.Chance(75)) {
      edit.Retain(random.Between(0, length)).Insert(kTyped.substr(0, random.Between(1, 4)));
    } else {
      const uint64_t deleted = random.Between(1, std::min<uint64_t>(length, 4));
      edit.Retain(random.Between(0, length - deleted)).Delete(deleted);
    }
    length = length - edit.base_length() + edit.target_length();
  }
  return edits;
}

// Eight keys and three backspaces, over and over.
Deltas Typing(uint64_t count) {
  Deltas edits(count);
  uint64_t caret = 0;
  for (uint64_t i = 0; i < count; ++i) {
    if (i % 11 < 8) {
      edits[i].Retain(caret++).Insert("x");
    } else {
      edits[i].Retain(--caret).Delete(1);
    }
  }
  return edits;
}

Delta ComposedByHalves(const Deltas& edits) {
  Expected<Delta> composed = ComposeAll(edits);
  COTEXT_CHECK(composed);
  return *std::move(composed);
}

void ComposeInto(PendingOperation& pending, const Deltas& edits) {
  for (const Delta& edit : edits) COTEXT_CHECK(pending.Compose(edit));
}

// Transforms the others past the operation, which is left; returns them.
Deltas TransformAllPast(PendingOperation& pending, const Deltas& others) {
  Deltas passed;
  passed.reserve(others.size());
  for (const Delta& other : others) {
    Expected<Delta> one = pending.TransformPast(other, Side::kLeft);
    COTEXT_CHECK(one);
    passed.push_back(*std::move(one));
  }
  return passed;
}

Deltas TransformStepwise(Delta& operation, const Deltas& others) {
  Deltas passed;
  passed.reserve(others.size());
  for (const Delta& other : others) {
    Expected<TransformedPair> pair = TransformPair(operation, other);
    COTEXT_CHECK(pair);
    operation = std::move(pair->left);
    passed.push_back(std::move(pair->right));
  }
  return passed;
}

std::string Applied(const Delta& delta, std::string_view text) {
  Expected<std::string> applied = Apply(delta, text);
  COTEXT_CHECK(applied);
  return *std::move(applied);
}

// Returns whether `passed` after `before` and `after` after `others` lead from a text of `length`
// characters to the same; and whether both are what stepwise transforming makes of it, if that is
// not too much.
bool IsTransformed(uint64_t length, const Delta& before, const Deltas& others, const Delta& after,
                   const Deltas& passed) {
  const std::string text = MakeText(length, Alphabet::kAscii);
  if (Applied(ComposedByHalves(passed), Applied(before, text)) !=
      Applied(after, Applied(ComposedByHalves(others), text))) {
    return false;
  }
  if (others.size() > kFlatMax) return true;
  Delta operation = before;
  return TransformStepwise(operation, others) == passed && operation == after;
}

Sample TimeStream(uint64_t length, const Delta& operation, const Deltas& others) {
  PendingOperation pending(operation);
  Deltas passed;
  Sample sample;
  sample.seconds = Seconds([&] { passed = TransformAllPast(pending, others); });
  sample.correct = IsTransformed(length, operation, others, pending.ToDelta(), passed);
  return sample;
}

}  // namespace

Sample TransformLargePair(uint64_t n, uint64_t seed) {
  Random random(seed);
  const uint64_t length = kTextPerEdit * n;
  const Delta left = ComposedByHalves(ScatteredEdits(length, n, random));
  const Delta right = ComposedByHalves(ScatteredEdits(length, n, random));
  TransformedPair pair;
  Sample sample;
  sample.seconds = Seconds([&] { pair = *TransformPair(left, right); });
  const std::string text = MakeText(length, Alphabet::kAscii);
  sample.correct =
      Applied(pair.right, Applied(left, text)) == Applied(pair.left, Applied(right, text));
  return sample;
}

Sample ComposeInTree(uint64_t n, uint64_t seed) {
  Random random(seed);
  const Deltas edits = ScatteredEdits(kTextPerEdit * n, n, random);
  PendingOperation pending;
  Delta composed;
  Sample sample;
  sample.seconds = Seconds([&] {
    ComposeInto(pending, edits);
    composed = pending.ToDelta();
  });
  sample.correct = composed == ComposedByHalves(edits);
  return sample;
}

Sample ComposeByHalves(uint64_t n, uint64_t seed) {
  Random random(seed);
  const Deltas edits = ScatteredEdits(kTextPerEdit * n, n, random);
  PendingOperation pending;
  ComposeInto(pending, edits);
  Delta composed;
  Sample sample;
  sample.seconds = Seconds([&] { composed = ComposedByHalves(edits); });
  sample.correct = composed == pending.ToDelta();
  return sample;
}

Sample ComposeByFolding(uint64_t n, uint64_t seed) {
  Random random(seed);
  const Deltas edits = ScatteredEdits(kTextPerEdit * n, n, random);
  Delta composed;
  Sample sample;
  sample.seconds = Seconds([&] {
    for (const Delta& edit : edits) composed = *Compose(composed, edit);
  });
  sample.correct = composed == ComposedByHalves(edits);
  return sample;
}

Sample ComposeTyping(uint64_t n, uint64_t /*seed*/) {
  const Deltas edits = Typing(n);
  PendingOperation pending;
  Delta composed;
  Sample sample;
  sample.seconds = Seconds([&] {
    ComposeInto(pending, edits);
    composed = pending.ToDelta();
  });
  sample.correct = composed == ComposedByHalves(edits);
  return sample;
}

Sample StreamPastTree(uint64_t n, uint64_t seed) {
  Random random(seed);
  const uint64_t length = kTextPerEdit * n;
  const Delta operation = ComposedByHalves(ScatteredEdits(length, n, random));
  return TimeStream(length, operation, ScatteredEdits(length, n, random));
}

Sample StreamStepwise(uint64_t n, uint64_t seed) {
  Random random(seed);
  const uint64_t length = kTextPerEdit * n;
  const Delta before = ComposedByHalves(ScatteredEdits(length, n, random));
  const Deltas others = ScatteredEdits(length, n, random);
  Delta operation = before;
  Deltas passed;
  Sample sample;
  sample.seconds = Seconds([&] { passed = TransformStepwise(operation, others); });
  PendingOperation pending(before);
  sample.correct = TransformAllPast(pending, others) == passed && pending.ToDelta() == operation;
  return sample;
}

Sample StreamAtOnePlace(uint64_t n, uint64_t seed) {
  Random random(seed);
  const uint64_t length = kTextPerEdit * n;
  const Delta operation = ComposedByHalves(ScatteredEdits(length, n, random));
  Deltas others(n);
  for (Delta& other : others) other.Retain(length / 2).Insert("x");
  return TimeStream(length, operation, others);
}

Sample StreamDeletingAround(uint64_t n, uint64_t /*seed*/) {
  // Between any two characters of the text the operation has inserted one. Those of the middle pile
  // up, and every delete takes a character on either side of the pile.
  Delta operation;
  for (uint64_t i = 0; i < 2 * n; ++i) operation.Insert("x").Retain(1);
  Deltas others(n);
  for (uint64_t i = 0; i < n; ++i) others[i].Retain(n - 1 - i).Delete(2);
  return TimeStream(2 * n, operation, others);
}

Sample Reconnect(uint64_t n, uint64_t seed) {
  Random random(seed);
  const uint64_t length = kTextPerEdit * n;
  const Deltas edits = ScatteredEdits(length, n, random);
  const Deltas revisions = ScatteredEdits(length, n, random);
  Delta after;
  Deltas passed;
  Sample sample;
  sample.seconds = Seconds([&] {
    PendingOperation pending;
    ComposeInto(pending, edits);
    passed = TransformAllPast(pending, revisions);
    after = pending.ToDelta();
  });
  sample.correct = IsTransformed(length, ComposedByHalves(edits), revisions, after, passed);
  return sample;
}

}  // namespace cotext
