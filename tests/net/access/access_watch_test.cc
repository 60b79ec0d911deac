#include "net/access/access_watch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "document/error.h"
#include "document/random.h"
#include "net/access/access.h"
#include "net/base/schedule.h"
#include "sync/grants.h"
#include "sync/messages.h"
#include "tests/support/for_each_seed.h"

namespace cotext::net {
namespace {

using sync::kMayRead;
using sync::kMayWrite;

constexpr sync::Rights kAll = kMayRead | kMayWrite;
constexpr uint64_t kWallMs = 1'700'000'000'000;
constexpr uint64_t kSecond = 1'000;
constexpr uint64_t kHour = 3'600 * kSecond;

Admission Of(const std::string& user, std::optional<uint64_t> expires_at_ms = std::nullopt) {
  const std::vector<sync::Grant> grants = {{.documents = "*", .rights = kAll}};
  return {.identity = {.user = user, .grants = grants},
          .granted = grants,
          .expires_at_ms = expires_at_ms};
}

// Turns both clocks: that of the loop, and that of tokens, which can be set.
class AccessWatchTest : public testing::Test {
 protected:
  AccessWatchTest()
      : schedule_({.now_ms = [this] { return now_ms_; },
                   .wake_at = [this](uint64_t at_ms) { wake_ms_ = at_ms; }}),
        access_({}, std::nullopt, [] { return uint64_t{1}; }),
        watch_(std::in_place, access_, schedule_, [this] { return wall_ms_; }) {}

  void Pass(uint64_t ms) {
    const uint64_t until_ms = now_ms_ + ms;
    while (wake_ms_ && *wake_ms_ <= until_ms) {
      const uint64_t at_ms = std::max(now_ms_, *std::exchange(wake_ms_, std::nullopt));
      wall_ms_ += at_ms - now_ms_;
      now_ms_ = at_ms;
      schedule_.OnTime();
    }
    wall_ms_ += until_ms - now_ms_;
    now_ms_ = until_ms;
  }

  AccessWatch::Id Watch(const Admission& admission, const std::string& name) {
    return watch_->Add(admission, [this, name](const Expected<std::vector<sync::Grant>>& grants) {
      told_.push_back(name + (grants
                                  ? " " + std::to_string(grants->at(0).rights)
                                  : ": " + std::to_string(static_cast<int>(grants.error().code))));
    });
  }
  static std::string Ended(const std::string& name, ErrorCode code) {
    return name + ": " + std::to_string(static_cast<int>(code));
  }
  static std::string May(const std::string& name, sync::Rights rights) {
    return name + " " + std::to_string(rights);
  }
  std::vector<std::string> TakeTold() { return std::exchange(told_, {}); }

  using Told = std::vector<std::string>;

  uint64_t now_ms_ = 5'000;
  uint64_t wall_ms_ = kWallMs;
  std::optional<uint64_t> wake_ms_;
  Schedule schedule_;
  Access access_;
  std::optional<AccessWatch> watch_;
  Told told_;
};

TEST_F(AccessWatchTest, WhoseTokenEndsIsToldThenAndOnce) {
  Watch(Of("ada", kWallMs + 30 * kSecond), "ada");
  Watch(Of("bob"), "bob");
  Pass(30 * kSecond - 1);
  EXPECT_EQ(TakeTold(), Told{});
  Pass(1);
  EXPECT_EQ(TakeTold(), Told{Ended("ada", ErrorCode::kUnauthenticated)});
  EXPECT_EQ(access_.connection_count(), 1U);
  Pass(kHour);
  EXPECT_EQ(TakeTold(), Told{});
  EXPECT_EQ(schedule_.task_count(), 0U) << "nothing more can happen by itself";
}

TEST_F(AccessWatchTest, AnEarlierEndIsNotKeptWaitingByALaterOne) {
  Watch(Of("late", kWallMs + kHour), "late");
  Watch(Of("soon", kWallMs + kSecond), "soon");
  Pass(kSecond);
  EXPECT_EQ(TakeTold(), Told{Ended("soon", ErrorCode::kUnauthenticated)});
  EXPECT_EQ(schedule_.task_count(), 1U);
  Pass(kHour - kSecond);
  EXPECT_EQ(TakeTold(), Told{Ended("late", ErrorCode::kUnauthenticated)});
}

TEST_F(AccessWatchTest, ATokenThatHasEndedIsToldOfSoonAndNotInsideAdd) {
  Watch(Of("ada", kWallMs - kSecond), "ada");
  EXPECT_EQ(TakeTold(), Told{});
  Pass(0);
  EXPECT_EQ(TakeTold(), Told{Ended("ada", ErrorCode::kUnauthenticated)});
}

TEST_F(AccessWatchTest, AClockThatIsSetIsNoticedWithinAMinute) {
  Watch(Of("ada", kWallMs + 10 * kHour), "ada");
  Pass(kSecond);
  wall_ms_ += 10 * kHour;
  Pass(59 * kSecond);
  EXPECT_EQ(TakeTold(), Told{Ended("ada", ErrorCode::kUnauthenticated)});

  Watch(Of("bob", wall_ms_ + 30 * kSecond), "bob");
  wall_ms_ -= kHour;
  Pass(30 * kSecond);
  EXPECT_EQ(TakeTold(), Told{}) << "it was set back";
  Pass(kHour);
  EXPECT_EQ(TakeTold(), Told{Ended("bob", ErrorCode::kUnauthenticated)});
}

TEST_F(AccessWatchTest, WhoIsRestrictedIsToldWhatIsLeft) {
  Watch(Of("ada"), "one");
  Watch(Of("ada"), "two");
  Watch(Of("bob"), "bob");
  ASSERT_TRUE(access_.Restrict("ada", kMayRead));
  watch_->Check();
  EXPECT_EQ(TakeTold(), (Told{May("one", kMayRead), May("two", kMayRead)}));
  access_.Lift("ada");
  watch_->Check();
  EXPECT_EQ(TakeTold(), (Told{May("one", kAll), May("two", kAll)}));
  watch_->Check();
  EXPECT_EQ(TakeTold(), Told{});
  ASSERT_TRUE(access_.Restrict("ada", 0));
  watch_->Check();
  EXPECT_EQ(TakeTold(),
            (Told{Ended("one", ErrorCode::kForbidden), Ended("two", ErrorCode::kForbidden)}));
  EXPECT_EQ(access_.connection_count(), 1U);
  access_.Lift("ada");
  watch_->Check();
  EXPECT_EQ(TakeTold(), Told{}) << "they are not watched any more";
}

TEST_F(AccessWatchTest, OfWhomWasEndedOrRemovedNothingIsKept) {
  const auto kept = std::make_shared<int>(0);
  const auto tell = [kept](const auto& /*grants*/) {};
  watch_->Add(Of("ada", kWallMs + kSecond), tell);
  const AccessWatch::Id bob = watch_->Add(Of("bob"), tell);
  EXPECT_GT(kept.use_count(), 3);
  Pass(kSecond);
  watch_->Remove(bob);
  EXPECT_EQ(kept.use_count(), 2) << "the test's own";
}

TEST_F(AccessWatchTest, WhoIsRemovedIsNotTold) {
  const AccessWatch::Id ada = Watch(Of("ada", kWallMs + kSecond), "ada");
  watch_->Remove(ada);
  watch_->Remove(ada);
  EXPECT_EQ(access_.connection_count(), 0U);
  ASSERT_TRUE(access_.Restrict("ada", 0));
  watch_->Check();
  Pass(kHour);
  EXPECT_EQ(TakeTold(), Told{});
}

TEST_F(AccessWatchTest, WhoIsToldMayRemoveOthersAndAdd) {
  std::vector<AccessWatch::Id> ids;
  for (int i = 0; i < 2; ++i) {
    ids.push_back(watch_->Add(Of("ada"), [&](const auto& grants) {
      EXPECT_FALSE(grants);
      for (const AccessWatch::Id id : ids) watch_->Remove(id);
      Watch(Of("ada"), "new");
      told_.emplace_back("ended");
    }));
  }
  ASSERT_TRUE(access_.Restrict("ada", 0));
  watch_->Check();
  EXPECT_EQ(TakeTold(), Told{"ended"}) << "the other one was removed by it";
  EXPECT_EQ(access_.connection_count(), 1U);
}

TEST_F(AccessWatchTest, NothingIsDueForOneThatIsGone) {
  Watch(Of("ada", kWallMs + kSecond), "ada");
  EXPECT_EQ(schedule_.task_count(), 1U);
  watch_.reset();
  EXPECT_EQ(schedule_.task_count(), 0U);
  Pass(kHour);
  EXPECT_EQ(TakeTold(), Told{});
}

// Against a list of who is watched until when: each is told once, no earlier than his token ends.
TEST_F(AccessWatchTest, RandomConnectionsEndWhenTheirTokensDo) {
  ForEachSeed(50, [this](Random& random) {
    std::map<std::string, std::pair<AccessWatch::Id, uint64_t>> watched;
    for (int step = 0; step < 200; ++step) {
      if (random.Chance(40)) {
        const std::string name = "connection " + std::to_string(step);
        const uint64_t ends_ms = wall_ms_ + random.Below(200 * kSecond);
        watched[name] = {Watch(Of("user", ends_ms), name), ends_ms};
      } else if (random.Chance(20) && !watched.empty()) {
        watch_->Remove(watched.begin()->second.first);
        watched.erase(watched.begin());
      }
      Pass(random.Below(5 * kSecond));
      for (const std::string& told : TakeTold()) {
        const auto found = watched.find(told.substr(0, told.find(':')));
        ASSERT_NE(found, watched.end()) << told;
        EXPECT_LE(found->second.second, wall_ms_);
        watched.erase(found);
      }
      for (const auto& [name, watch] : watched) {
        EXPECT_GT(watch.second, wall_ms_) << name;
      }
      ASSERT_EQ(access_.connection_count(), watched.size());
    }
    Pass(kHour);
    EXPECT_EQ(TakeTold().size(), watched.size());
  });
}

}  // namespace
}  // namespace cotext::net
