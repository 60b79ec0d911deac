// PendingOperation against Delta's own Compose and TransformPair, one delta after the other.
#include "ot/pending_operation.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "document/delta.h"
#include "document/random.h"
#include "document/utf8.h"
#include "ot/transform.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

constexpr size_t kMaxBase = 14;
constexpr uint64_t kCases = 2000;
constexpr uint64_t kMaxSteps = 40;

// Representations: always a tree, of several fan-outs; and both, as in use.
std::vector<PendingOperation::Options> AllOptions() {
  return {{.fanout = 2, .small_components = 0},
          {.fanout = 3, .small_components = 0},
          {.fanout = 4, .small_components = 3},
          {}};
}

std::string Applied(const Delta& delta, std::string_view base) {
  const Expected<std::string> result = Apply(delta, base);
  EXPECT_TRUE(result) << testing::PrintToString(delta);
  return result.value_or("");
}

DeletedText RandomDeletedText(Random& random) {
  constexpr DeletedText kAll[] = {DeletedText::kNone, DeletedText::kAll, DeletedText::kSome};
  return kAll[random.Below(3)];
}

// A square of texts: X leads from `base` to `target`, whatever happened to either.
struct Square {
  std::string base;
  std::string target;
  Delta flat;
  PendingOperation pending;

  Square(Random& random, PendingOperation::Options options)
      : base(RandomText(random, kMaxBase)),
        flat(RandomDelta(random, base, RandomDeletedText(random))),
        pending(flat, options) {
    target = Applied(flat, base);
  }

  // An edit of the target.
  void Compose(const Delta& then) {
    flat = *cotext::Compose(flat, then);
    target = Applied(then, target);
    ASSERT_TRUE(pending.Compose(then));
  }

  // An edit of the base.
  void TransformPast(const Delta& other, Side side) {
    TransformedPair pair =
        *(side == Side::kLeft ? TransformPair(flat, other) : TransformPair(other, flat));
    if (side == Side::kRight) std::swap(pair.left, pair.right);
    flat = pair.left;
    base = Applied(other, base);
    target = Applied(pair.right, target);
    const Expected<Delta> passed = pending.TransformPast(other, side);
    ASSERT_TRUE(passed) << passed.error().message;
    EXPECT_EQ(*passed, pair.right);
  }

  void Check() {
    pending.CheckInvariants();
    EXPECT_EQ(pending.ToDelta(), flat);
    EXPECT_EQ(pending.base_length(), flat.base_length());
    EXPECT_EQ(pending.target_length(), flat.target_length());
    EXPECT_EQ(pending.empty(), flat.empty());
    EXPECT_EQ(Applied(flat, base), target);
  }
};

// Typing, backspace and typing elsewhere, by single characters.
Delta Keystroke(Random& random, std::string_view text, uint64_t& caret) {
  const uint64_t length = CountCodePoints(text);
  if (caret > length || random.Chance(10)) caret = random.Between(0, length);
  Delta delta;
  if (caret > 0 && random.Chance(30)) {
    delta.Retain(--caret);
    const size_t begin = ByteOfCodePoint(text, caret);
    const std::string_view erased = text.substr(begin, CharacterBytes(text[begin]));
    if (random.Chance(50)) return delta.Delete(1);
    return delta.DeleteText(erased);
  }
  const std::string typed = RandomText(random, 2);
  delta.Retain(caret).Insert(typed);
  caret += CountCodePoints(typed);
  return delta;
}

TEST(PendingOperationTest, ComposeIsTheLeftFold) {
  for (const PendingOperation::Options& options : AllOptions()) {
    ForEachSeed(kCases, [&options](Random& random) {
      Square square(random, options);
      square.Check();
      for (uint64_t steps = random.Below(kMaxSteps); steps > 0; --steps) {
        square.Compose(RandomDelta(random, square.target, RandomDeletedText(random)));
        square.Check();
        if (testing::Test::HasFailure()) return;
      }
    });
  }
}

TEST(PendingOperationTest, KeystrokesComposeAsTheLeftFold) {
  for (const PendingOperation::Options& options : AllOptions()) {
    ForEachSeed(kCases / 4, [&options](Random& random) {
      Square square(random, options);
      uint64_t caret = 0;
      for (uint64_t steps = 60; steps > 0; --steps) {
        square.Compose(Keystroke(random, square.target, caret));
        square.Check();
        if (testing::Test::HasFailure()) return;
      }
    });
  }
}

TEST(PendingOperationTest, StreamIsStepwiseTransformPair) {
  for (const PendingOperation::Options& options : AllOptions()) {
    ForEachSeed(kCases, [&options](Random& random) {
      Square square(random, options);
      const Side side = random.Chance(50) ? Side::kLeft : Side::kRight;
      for (uint64_t steps = random.Below(kMaxSteps); steps > 0; --steps) {
        square.TransformPast(RandomDelta(random, square.base, RandomDeletedText(random)), side);
        square.Check();
        if (testing::Test::HasFailure()) return;
      }
    });
  }
}

// As of a client that types on while others' edits arrive.
TEST(PendingOperationTest, ComposesAndTransformsInTurns) {
  for (const PendingOperation::Options& options : AllOptions()) {
    ForEachSeed(kCases, [&options](Random& random) {
      Square square(random, options);
      uint64_t caret = 0;
      for (uint64_t steps = random.Below(kMaxSteps); steps > 0; --steps) {
        const uint64_t kind = random.Below(3);
        if (kind == 0) {
          square.Compose(Keystroke(random, square.target, caret));
        } else if (kind == 1) {
          square.Compose(RandomDelta(random, square.target, RandomDeletedText(random)));
        } else {
          const Side side = random.Chance(50) ? Side::kLeft : Side::kRight;
          square.TransformPast(RandomDelta(random, square.base, RandomDeletedText(random)), side);
        }
        square.Check();
        if (testing::Test::HasFailure()) return;
      }
    });
  }
}

}  // namespace
}  // namespace cotext
