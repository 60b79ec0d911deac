#include "crdt/op_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "crdt/local_index.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {

// Breaks a log behind its back, to prove that CheckInvariants looks.
struct OpLogPeer {
  static auto& Entries(OpLog& log) { return log.entries_; }
  static auto& End(OpLog& log) { return log.end_; }
  static auto& ElementEnd(OpLog& log) { return log.element_end_; }
};

namespace {

// The oracle: what each operation did, and where an entry begins.
class OpLogModel {
 public:
  const OpLog& log() const { return log_; }
  uint32_t elements() const { return static_cast<uint32_t>(inserts_.size()); }

  void Insert(uint32_t length, Lv origin) {
    log_.AppendInsert(length, origin);
    appended_.Append(length, origin, /*is_insert=*/true, /*backward=*/false);
    const bool continues = !operations_.empty() && operations_.back().is_insert &&
                           operations_.back().element == origin;
    if (!continues) entries_.push_back(operations_.size());
    for (uint32_t i = 0; i < length; ++i) {
      const Lv element{elements()};
      inserts_.push_back(operations_.size());
      operations_.push_back({.is_insert = true, .element = element, .origin = origin});
      origin = element;
    }
  }

  void Delete(uint32_t length, Lv first, bool backward) {
    log_.AppendDelete(length, first, backward);
    appended_.Append(length, first, /*is_insert=*/false, backward);
    std::vector<Lv> targets;
    targets.reserve(length);
    for (uint32_t i = 0; i < length; ++i) targets.push_back(backward ? first - i : first + i);
    if (!ContinueEntry(targets)) entries_.push_back(operations_.size());
    for (const Lv target : targets) {
      operations_.push_back({.is_insert = false, .element = target, .origin = kNoLv});
    }
  }

  void Step(Random& random) {
    const uint32_t length = static_cast<uint32_t>(random.Chance(60) ? 1 : random.Between(1, 4));
    if (elements() < length || random.Chance(50)) {
      const uint64_t choice = random.Below(100);
      Insert(length, choice < 20 || elements() == 0 ? kNoLv
                     : choice < 70                  ? Lv{elements() - 1}
                                                    : Any(random, elements()));
      return;
    }
    const bool backward = random.Chance(50);
    Lv first = Any(random, elements() - length + 1);
    if (backward) first = first + (length - 1);
    // Mostly close to the delete before.
    if (!operations_.empty() && !operations_.back().is_insert && random.Chance(70)) {
      const int64_t last = operations_.back().element.value;
      const int64_t near = last + static_cast<int64_t>(random.Below(4)) - 2;
      const int64_t low = backward ? near - length + 1 : near;
      if (low >= 0 && low + length <= elements()) first = Lv{static_cast<uint32_t>(near)};
    }
    Delete(length, first, backward);
  }

  void Check() const {
    log_.CheckInvariants();
    ASSERT_EQ(log_.end().value, operations_.size());
    ASSERT_EQ(log_.element_end().value, inserts_.size());
    ASSERT_EQ(log_.entry_count(), entries_.size());
    for (size_t at = 0; at < operations_.size(); ++at) CheckRun(at);
    for (uint32_t element = 0; element < elements(); ++element) {
      const size_t at = inserts_[element];
      ASSERT_EQ(log_.InsertOf(Lv{element}).value, at);
      ASSERT_EQ(log_.ConsecutiveFrom(Lv{element}), EndOfEntry(at) - at);
    }
    appended_.CheckInvariants();
    ASSERT_EQ(RunsOf(appended_), RunsOf(log_));
  }

 private:
  struct Operation {
    bool is_insert;
    Lv element;  // The one inserted or deleted.
    Lv origin;
  };

  using Fields = std::array<uint32_t, 6>;

  // Returns all runs. Those that insert and those that delete are also visited apart.
  static std::vector<Fields> RunsOf(const OpLog& log) {
    std::vector<Fields> runs;
    std::vector<Fields> apart;
    const auto add_to = [](std::vector<Fields>& list) {
      return [&list](const OpLog::Run& run) {
        list.push_back({run.is_insert ? 0U : 1U, run.first.value, run.length,
                        run.backward ? 1U : 0U, run.element.value, run.reference.value});
      };
    };
    log.ForEach(add_to(runs));
    log.ForEachInsert(add_to(apart));
    log.ForEachDelete(add_to(apart));
    std::ranges::sort(runs);
    EXPECT_EQ(apart, runs);
    return runs;
  }

  static Lv Any(Random& random, uint64_t count) {
    return Lv{static_cast<uint32_t>(random.Below(count))};
  }

  // Whether the last entry's targets with these behind them are consecutive, up or down.
  bool ContinueEntry(const std::vector<Lv>& targets) const {
    if (operations_.empty() || operations_.back().is_insert) return false;
    std::vector<int64_t> all;
    for (size_t at = entries_.back(); at < operations_.size(); ++at) {
      all.push_back(operations_[at].element.value);
    }
    for (const Lv target : targets) all.push_back(target.value);
    const auto steps_by = [&all](int64_t step) {
      for (size_t i = 1; i < all.size(); ++i) {
        if (all[i] != all[i - 1] + step) return false;
      }
      return true;
    };
    return steps_by(1) || steps_by(-1);
  }

  size_t EndOfEntry(size_t at) const {
    const auto after = std::ranges::upper_bound(entries_, at);
    return after == entries_.end() ? operations_.size() : *after;
  }

  void CheckRun(size_t at) const {
    const OpLog::Run run = log_.At(OpIndex{static_cast<uint32_t>(at)});
    const bool is_whole = std::ranges::binary_search(entries_, at);
    // One delete alone has one form, whatever its direction was.
    if (is_whole && run.length == 1) ASSERT_FALSE(run.backward);
    ASSERT_EQ(run.first.value, at);
    ASSERT_EQ(run.first.value + run.length, EndOfEntry(at));
    for (uint32_t i = 0; i < run.length; ++i) {
      const Operation& operation = operations_[at + i];
      ASSERT_EQ(run.is_insert, operation.is_insert);
      if (run.is_insert) {
        ASSERT_EQ(run.element + i, operation.element);
        ASSERT_EQ(i == 0 ? run.reference : run.element + i - 1, operation.origin);
      } else {
        ASSERT_EQ(run.backward ? run.reference - i : run.reference + i, operation.element);
      }
      ASSERT_EQ(log_.ElementOf(run.first + i),
                operation.is_insert ? std::optional(operation.element) : std::nullopt);
    }
  }

  OpLog log_;
  OpLog appended_;  // The same by Append.
  std::vector<Operation> operations_;
  std::vector<size_t> inserts_;  // By element.
  std::vector<size_t> entries_;  // Their first operations.
};

TEST(OpLogTest, EqualsAListOfOperations) {
  ForEachSeed(200, [](Random& random) {
    OpLogModel model;
    for (int step = 0; step < 100; ++step) {
      model.Step(random);
      if (step % 10 == 9) ASSERT_NO_FATAL_FAILURE(model.Check());
    }
  });
}

// The last entries are found in another way than those before them.
TEST(OpLogTest, IsAskedAtAnyLength) {
  ForEachSeed(60, [](Random& random) {
    OpLogModel model;
    for (int batch = 0; batch < 12; ++batch) {
      for (uint64_t steps = random.Below(70); steps > 0; --steps) model.Step(random);
      ASSERT_NO_FATAL_FAILURE(model.Check());
    }
  });
}

// Each pair of short deletes in a text of five, and each third that follows.
TEST(OpLogTest, EveryThreeShortDeletesAreMergedAsFarAsTheyContinueEachOther) {
  struct Delete {
    uint32_t length;
    uint32_t first;
    bool backward;
  };
  std::vector<Delete> deletes;
  for (uint32_t first = 0; first < 5; ++first) {
    for (uint32_t length = 1; length <= 3; ++length) {
      if (first + length <= 5) deletes.push_back({length, first, false});
      if (first + 1 >= length) deletes.push_back({length, first, true});
    }
  }
  for (const Delete& one : deletes) {
    for (const Delete& two : deletes) {
      for (const Delete& three : deletes) {
        OpLogModel model;
        model.Insert(5, kNoLv);
        for (const Delete& each : {one, two, three}) {
          model.Delete(each.length, Lv{each.first}, each.backward);
        }
        ASSERT_NO_FATAL_FAILURE(model.Check())
            << one.first << " " << two.first << " " << three.first;
      }
    }
  }
}

// Entries.

TEST(OpLogTest, TypingIsOneEntry) {
  OpLog log;
  for (uint32_t i = 0; i < 1000; ++i) log.AppendInsert(1, i == 0 ? kNoLv : Lv{i - 1});
  EXPECT_EQ(log.entry_count(), 1U);
  EXPECT_EQ(log.At(OpIndex{10}).length, 990U);
  EXPECT_EQ(log.At(OpIndex{10}).reference, Lv{9});
  EXPECT_EQ(log.At(OpIndex{0}).reference, kNoLv);
}

TEST(OpLogTest, InsertsAtTheBeginningAreEntriesEach) {
  OpLog log;
  for (uint32_t i = 0; i < 10; ++i) log.AppendInsert(1, kNoLv);
  EXPECT_EQ(log.entry_count(), 10U);
  EXPECT_EQ(log.At(OpIndex{5}).reference, kNoLv);
}

TEST(OpLogTest, BackspacingIsOneEntry) {
  OpLog log;
  log.AppendInsert(10, kNoLv);
  for (uint32_t i = 10; i > 0; --i) log.AppendDelete(1, Lv{i - 1}, /*backward=*/false);
  EXPECT_EQ(log.entry_count(), 2U);
  EXPECT_TRUE(log.At(OpIndex{12}).backward);
  EXPECT_EQ(log.At(OpIndex{12}).reference, Lv{7});
  EXPECT_EQ(log.At(OpIndex{12}).length, 8U);
}

TEST(OpLogTest, DeletingForwardsIsOneEntry) {
  OpLog log;
  log.AppendInsert(10, kNoLv);
  for (uint32_t i = 0; i < 10; ++i) log.AppendDelete(1, Lv{i}, /*backward=*/true);
  EXPECT_EQ(log.entry_count(), 2U);
  EXPECT_FALSE(log.At(OpIndex{12}).backward);
  EXPECT_EQ(log.At(OpIndex{12}).reference, Lv{2});
}

TEST(OpLogTest, ADeleteInBetweenEndsATypedRun) {
  OpLog log;
  log.AppendInsert(2, kNoLv);
  log.AppendDelete(1, Lv{0}, /*backward=*/false);
  log.AppendInsert(2, Lv{1});
  EXPECT_EQ(log.entry_count(), 3U);
  EXPECT_EQ(log.At(OpIndex{3}).reference, Lv{1});
  EXPECT_EQ(log.InsertOf(Lv{1}), OpIndex{1});
  EXPECT_EQ(log.InsertOf(Lv{2}), OpIndex{3});
  EXPECT_EQ(log.ConsecutiveFrom(Lv{0}), 2U);
  EXPECT_EQ(log.ElementOf(OpIndex{2}), std::nullopt);
}

// Corruption.
class OpLogDeathTest : public testing::Test {
 protected:
  OpLogDeathTest() {
    log_.AppendInsert(4, kNoLv);
    log_.AppendDelete(2, Lv{2}, /*backward=*/true);
    log_.AppendInsert(2, Lv{1});
    log_.AppendDelete(3, Lv{3}, /*backward=*/false);
    log_.CheckInvariants();
  }

  OpLog log_;
};

TEST_F(OpLogDeathTest, CheckerSeesAnEmptyEntry) {
  OpLogPeer::Entries(log_)[1].first = OpIndex{6};
  EXPECT_DEATH(log_.CheckInvariants(), "entry.first < ");
}

TEST_F(OpLogDeathTest, CheckerSeesOperationsBeforeTheFirstEntry) {
  OpLogPeer::Entries(log_)[0].first = OpIndex{1};
  EXPECT_DEATH(log_.CheckInvariants(), "");
}

TEST_F(OpLogDeathTest, CheckerSeesAWrongElement) {
  OpLogPeer::Entries(log_)[2].element = Lv{3};
  EXPECT_DEATH(log_.CheckInvariants(), "entry.element == elements");
}

TEST_F(OpLogDeathTest, CheckerSeesAnOriginThatComesLater) {
  OpLogPeer::Entries(log_)[2].reference = Lv{4};
  EXPECT_DEATH(log_.CheckInvariants(), "entry.reference < entry.element");
}

TEST_F(OpLogDeathTest, CheckerSeesTargetsThatComeLater) {
  OpLogPeer::Entries(log_)[3].reference = Lv{4};
  EXPECT_DEATH(log_.CheckInvariants(), "entry.reference . length <= elements");
}

TEST_F(OpLogDeathTest, CheckerSeesBackwardTargetsThatComeLater) {
  OpLogPeer::Entries(log_)[1].reference = Lv{4};
  EXPECT_DEATH(log_.CheckInvariants(), "entry.reference < elements");
}

TEST_F(OpLogDeathTest, CheckerSeesBackwardTargetsBeforeTheFirst) {
  OpLogPeer::Entries(log_)[1].reference = Lv{0};
  EXPECT_DEATH(log_.CheckInvariants(), "length");
}

TEST_F(OpLogDeathTest, CheckerSeesAWrongNumberOfElements) {
  OpLogPeer::ElementEnd(log_) = Lv{7};
  EXPECT_DEATH(log_.CheckInvariants(), "elements == element_end_");
}

TEST_F(OpLogDeathTest, CheckerSeesAWrongNumberOfOperations) {
  OpLogPeer::End(log_) = OpIndex{12};
  EXPECT_DEATH(log_.CheckInvariants(), "entry.reference . length <= elements");
}

}  // namespace
}  // namespace cotext
