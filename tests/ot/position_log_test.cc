// The log of positions, against going through all edits one by one.
#include "ot/position_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {

// Corrupts logs.
struct PositionLogPeer {
  static void SkipNumber(PositionLog& log) { ++log.number_; }
  static void GrowRun(PositionLog& log) { ++log.runs_.back().count; }
  static void DropMap(PositionLog& log) { log.maps_[0].DropFront(); }
  static size_t Runs(const PositionLog& log) { return log.runs_.size(); }
};

namespace {

// Every edit, and the state before it.
struct Edit {
  uint64_t number;
  bool inserts;
  uint64_t position;
  uint64_t count;
};

class LogModel {
 public:
  LogModel(Random& random, size_t max_runs) : random_(random), log_(max_runs) {}

  // Some edit: often one that goes on where the last one was.
  void Step() {
    const bool inserts = length_ == 0 || random_.Chance(55);
    if (random_.Chance(40)) cursor_ = random_.Below(length_ + 1);
    const uint64_t count = random_.Between(1, random_.Chance(70) ? 1 : 4);
    if (inserts) {
      Add(true, cursor_, count);
      cursor_ = random_.Chance(90) ? cursor_ + count : cursor_;
      return;
    }
    const bool backward = random_.Chance(50) && cursor_ > 0;
    const uint64_t end = backward ? cursor_ : std::min(cursor_ + count, length_);
    const uint64_t begin = backward ? cursor_ - std::min(count, cursor_) : cursor_;
    if (begin == end) return;
    Add(false, begin, end - begin);
    cursor_ = begin;
  }

  // From a random state to a random one, or to the last.
  void CheckSomePosition() const {
    size_t first = 0;
    while (first < edits_.size() && edits_[first].number < log_.oldest()) ++first;
    const size_t from = random_.Between(first, edits_.size());
    const size_t to = random_.Chance(50) ? edits_.size() : random_.Between(from, edits_.size());
    const uint64_t start = random_.Below(2 * 40);
    uint64_t lean = start;
    for (size_t i = from; i < to; ++i) {
      const Edit& edit = edits_[i];
      lean = edit.inserts ? LeanAfterInsert(lean, edit.position, edit.count)
                          : LeanAfterDelete(lean, edit.position, edit.count);
    }
    ASSERT_EQ(log_.Map(start, NumberAt(from), NumberAt(to)), lean);
  }

  const PositionLog& log() const { return log_; }

 private:
  uint64_t NumberAt(size_t edit) const {
    return edit < edits_.size() ? edits_[edit].number : log_.number();
  }

  void Add(bool inserts, uint64_t position, uint64_t count) {
    edits_.push_back(
        {.number = log_.number(), .inserts = inserts, .position = position, .count = count});
    inserts ? log_.Insert(position, count) : log_.Erase(position, count);
    length_ = inserts ? length_ + count : length_ - count;
  }

  Random& random_;
  PositionLog log_;
  std::vector<Edit> edits_;
  uint64_t length_ = 0;
  uint64_t cursor_ = 0;
};

TEST(PositionLogTest, MapsAsAllEditsOneByOne) {
  ForEachSeed(300, [](Random& random) {
    LogModel model(random, 1000);
    for (int step = 0; step < 300; ++step) {
      model.Step();
      model.CheckSomePosition();
    }
    model.log().CheckInvariants();
  });
}

TEST(PositionLogTest, MapsThroughBlocksAndForgetsTheOldest) {
  ForEachSeed(2, [](Random& random) {
    LogModel model(random, PositionLog::kBlock);
    bool forgot = false;
    for (int step = 0; step < 40'000; ++step) {
      model.Step();
      if (step % 97 == 0) model.CheckSomePosition();
      forgot = forgot || !model.log().Knows(0);
      if (forgot) ASSERT_GE(PositionLogPeer::Runs(model.log()), PositionLog::kBlock);
    }
    EXPECT_TRUE(forgot);
    model.log().CheckInvariants();
  });
}

TEST(PositionLogTest, WhatGoesOnIsOneRun) {
  PositionLog log(100);
  for (uint64_t at = 3; at < 50; ++at) log.Insert(at, 1);
  EXPECT_EQ(PositionLogPeer::Runs(log), 1U);
  for (uint64_t at = 40; at > 30; --at) log.Erase(at, 1);
  EXPECT_EQ(PositionLogPeer::Runs(log), 2U);
  for (int i = 0; i < 5; ++i) log.Erase(20, 2);
  EXPECT_EQ(PositionLogPeer::Runs(log), 3U);
  log.Insert(20, 5);
  EXPECT_EQ(PositionLogPeer::Runs(log), 4U);
  EXPECT_EQ(log.number(), 47U + 10 + 10 + 5);
  log.CheckInvariants();
}

TEST(PositionLogTest, AnEmptyLogKnowsItsOnlyState) {
  const PositionLog log(100);
  EXPECT_TRUE(log.Knows(0));
  EXPECT_FALSE(log.Knows(1));
  EXPECT_EQ(log.Map(7, 0, 0), 7U);
}

TEST(PositionLogDeathTest, TheCheckerSeesBrokenRuns) {
  PositionLog good(100);
  for (uint64_t at = 0; at < 40; ++at) good.Insert(0, 2);
  good.CheckInvariants();
  for (const auto corrupt :
       {PositionLogPeer::SkipNumber, PositionLogPeer::GrowRun, PositionLogPeer::DropMap}) {
    PositionLog bad = good;
    corrupt(bad);
    EXPECT_DEATH(bad.CheckInvariants(), "");
  }
  EXPECT_DEATH(good.Map(0, good.number() + 1, good.number() + 1), "Knows");
}

}  // namespace
}  // namespace cotext
