#include "crdt/bounded_stack.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

// The oracle: a deque with the newest entry in front.
template <size_t kMax>
class BoundedStackModel {
 public:
  bool empty() const { return expected_.empty(); }

  void Push() {
    stack_.Push(next_);
    expected_.push_front(next_++);
    if (expected_.size() > kMax) expected_.pop_back();
  }

  void Pop() {
    stack_.Pop();
    expected_.pop_front();
  }

  void Clear() {
    stack_.Clear();
    expected_.clear();
  }

  void Check() const {
    ASSERT_EQ(stack_.size(), expected_.size());
    ASSERT_EQ(stack_.empty(), expected_.empty());
    if (!expected_.empty()) ASSERT_EQ(stack_.Top(), expected_.front());
    std::deque<int> walked;
    stack_.ForEach([&walked](int entry) { walked.push_back(entry); });
    ASSERT_EQ(walked, expected_);
  }

 private:
  BoundedStack<int, kMax> stack_;
  std::deque<int> expected_;
  int next_ = 0;
};

template <size_t kMax>
void EqualsADeque() {
  ForEachSeed(50, [](Random& random) {
    BoundedStackModel<kMax> model;
    uint64_t push_percent = 50;
    for (int step = 0; step < 300; ++step) {
      // Fills and empties by turns, so that tops and bottoms come by everywhere in the ring.
      if (step % 20 == 0) push_percent = random.Between(20, 90);
      if (random.Chance(1)) {
        model.Clear();
      } else if (model.empty() || random.Chance(push_percent)) {
        model.Push();
      } else {
        model.Pop();
      }
      ASSERT_NO_FATAL_FAILURE(model.Check());
    }
  });
}

TEST(BoundedStackTest, EqualsADequeUnderRandomSteps) {
  EqualsADeque<1>();
  EqualsADeque<2>();
  EqualsADeque<3>();
  EqualsADeque<7>();
  EqualsADeque<64>();
}

// All sequences of pushes and pops.
TEST(BoundedStackTest, EveryFourteenStepsAreRight) {
  constexpr unsigned kSteps = 14;
  for (unsigned steps = 0; steps < 1U << kSteps; ++steps) {
    BoundedStackModel<3> model;
    for (unsigned step = 0; step < kSteps; ++step) {
      if ((steps >> step & 1U) != 0 || model.empty()) {
        model.Push();
      } else {
        model.Pop();
      }
      ASSERT_NO_FATAL_FAILURE(model.Check()) << steps;
    }
  }
}

TEST(BoundedStackTest, ForgetsTheOldestBeyondTheLimit) {
  BoundedStack<int, 3> stack;
  for (int entry = 1; entry <= 5; ++entry) stack.Push(entry);
  EXPECT_EQ(stack.size(), 3U);
  for (const int expected : {5, 4, 3}) {
    EXPECT_EQ(stack.Top(), expected);
    stack.Pop();
  }
  EXPECT_TRUE(stack.empty());
}

// Five rounds of the ring, with some popped at each place in it.
TEST(BoundedStackTest, WrapsAroundAgainAndAgainWithPopsBetween) {
  for (int pops = 0; pops <= 8; ++pops) {
    BoundedStackModel<8> model;
    for (int step = 0; step < 40; ++step) {
      for (int i = 0; i <= pops; ++i) model.Push();
      ASSERT_NO_FATAL_FAILURE(model.Check());
      for (int i = 0; i < pops && !model.empty(); ++i) {
        model.Pop();
        ASSERT_NO_FATAL_FAILURE(model.Check());
      }
    }
  }
}

TEST(BoundedStackTest, IsAsNewWhenClearedWhereverItsTopWas) {
  for (int pushes = 0; pushes < 12; ++pushes) {
    BoundedStackModel<4> model;
    for (int i = 0; i < pushes; ++i) model.Push();
    model.Clear();
    ASSERT_NO_FATAL_FAILURE(model.Check());
    for (int i = 0; i < 6; ++i) {
      model.Push();
      ASSERT_NO_FATAL_FAILURE(model.Check());
    }
  }
}

TEST(BoundedStackTest, TakesItsOwnTopAgain) {
  BoundedStack<std::vector<int>, 3> stack;
  stack.Push({1, 2});
  for (int i = 0; i < 10; ++i) {
    stack.Push(stack.Top());
    EXPECT_EQ(stack.Top(), (std::vector{1, 2}));
  }
}

TEST(BoundedStackTest, PushingAndPoppingByTurnsTakesRoomForOne) {
  const auto entry = std::make_shared<int>(1);
  BoundedStack<std::shared_ptr<int>, 8> stack;
  for (int i = 0; i < 20; ++i) {
    stack.Push(entry);
    stack.Pop();
    ASSERT_LE(entry.use_count(), 2);
  }
}

TEST(BoundedStackTest, ClearingFreesTheEntries) {
  const auto entry = std::make_shared<int>(1);
  BoundedStack<std::shared_ptr<int>, 8> stack;
  for (int i = 0; i < 20; ++i) stack.Push(entry);
  EXPECT_EQ(entry.use_count(), 9);
  stack.Clear();
  EXPECT_EQ(entry.use_count(), 1);
}

TEST(BoundedStackTest, ACopyGoesItsOwnWay) {
  BoundedStackModel<3> model;
  for (int i = 0; i < 5; ++i) model.Push();
  BoundedStackModel<3> copy = model;
  model.Pop();
  copy.Push();
  copy.Push();
  ASSERT_NO_FATAL_FAILURE(model.Check());
  ASSERT_NO_FATAL_FAILURE(copy.Check());
}

#ifndef NDEBUG
TEST(BoundedStackDeathTest, AnEmptyStackHasNoTop) {
  BoundedStack<int, 3> stack;
  EXPECT_DEATH(stack.Top(), "size_ > 0");
  EXPECT_DEATH(stack.Pop(), "size_ > 0");
}
#endif

}  // namespace
}  // namespace cotext
