#include "net/base/schedule.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace cotext::net {
namespace {

class ScheduleTest : public testing::Test {
 protected:
  void RunTo(uint64_t ms) {
    now_ms_ = ms;
    while (wake_ms_ && *wake_ms_ <= now_ms_) {
      wake_ms_.reset();
      schedule_.OnTime();
    }
  }
  Schedule::Task Note(int number) {
    return [this, number] { ran_.push_back(number); };
  }

  uint64_t now_ms_ = 0;
  std::optional<uint64_t> wake_ms_;
  std::vector<int> ran_;
  Schedule schedule_{{.now_ms = [this] { return now_ms_; },
                      .wake_at = [this](uint64_t at_ms) { wake_ms_ = at_ms; }}};
};

TEST_F(ScheduleTest, TasksRunWhenTheyAreDueInTheirOrder) {
  schedule_.At(20, Note(3));
  schedule_.At(10, Note(1));
  schedule_.At(10, Note(2));
  EXPECT_EQ(wake_ms_, 10U);
  RunTo(9);
  EXPECT_TRUE(ran_.empty());
  RunTo(15);
  EXPECT_EQ(ran_, (std::vector{1, 2}));
  EXPECT_EQ(wake_ms_, 20U);
  RunTo(20);
  EXPECT_EQ(ran_, (std::vector{1, 2, 3}));
  EXPECT_EQ(schedule_.task_count(), 0U);
}

TEST_F(ScheduleTest, ACancelledTaskNeverRuns) {
  Schedule::TaskId second = 0;
  schedule_.At(10, [&] { schedule_.Cancel(second); });
  second = schedule_.At(10, Note(2));
  Schedule::TaskId third = schedule_.At(10, Note(3));
  schedule_.Cancel(third);
  EXPECT_EQ(third, 0U);
  schedule_.Cancel(third);
  RunTo(30);
  EXPECT_TRUE(ran_.empty());
}

TEST_F(ScheduleTest, ATaskForNowThatATaskSetsWaitsForTheNextTurn) {
  schedule_.Soon([this] {
    ran_.push_back(1);
    schedule_.Soon(Note(2));
  });
  wake_ms_.reset();
  schedule_.OnTime();
  EXPECT_EQ(ran_, std::vector{1});
  EXPECT_EQ(wake_ms_, 0U);
  schedule_.OnTime();
  EXPECT_EQ(ran_, (std::vector{1, 2}));
}

TEST_F(ScheduleTest, ATaskMayDestroyWhatItBelongsTo) {
  struct Owner {
    explicit Owner(Schedule& schedule) : schedule(&schedule) {}
    ~Owner() { schedule->Cancel(task); }
    Schedule* schedule;
    Schedule::TaskId task = 0;
    std::vector<int> memory = std::vector<int>(100);
  };
  auto owner = std::make_unique<Owner>(schedule_);
  owner->task = schedule_.Soon([&] {
    owner.reset();
    ran_.push_back(1);
  });
  RunTo(0);
  EXPECT_EQ(ran_, std::vector{1});
}

}  // namespace
}  // namespace cotext::net
