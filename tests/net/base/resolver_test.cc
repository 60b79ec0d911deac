#include "net/base/resolver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "document/error.h"
#include "net/base/event_loop.h"
#include "tests/net/held_names.h"

namespace cotext::net {
namespace {

class ResolverTest : public testing::Test {
 protected:
  ResolverTest() : loop_(*EventLoop::Create()) {}

  void Make(LookUp look_up, const std::string& host = "notes.example.org") {
    resolver_ = std::make_unique<Resolver>(*loop_, host, std::move(look_up));
  }

  // Asks, and stops the loop once `count` were told.
  Resolver::Id Ask(size_t count = 1) {
    return resolver_->Resolve([this, count](const Expected<Addresses>& addresses) {
      told_.push_back(addresses);
      if (told_.size() == count) loop_->Stop();
    });
  }

  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<Resolver> resolver_;
  std::vector<Expected<Addresses>> told_;
};

TEST_F(ResolverTest, AddressesComeFromAnotherThreadAndAreToldInTheLoops) {
  std::optional<std::thread::id> thread;
  std::string asked;
  Make([&](const std::string& host) -> Expected<Addresses> {
    thread = std::this_thread::get_id();
    asked = host;
    return Addresses{"192.0.2.1"};
  });
  Ask();
  EXPECT_TRUE(told_.empty()) << "not inside Resolve";
  loop_->Run();
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_EQ(told_[0], Addresses{"192.0.2.1"});
  EXPECT_EQ(asked, "notes.example.org");
  EXPECT_NE(thread, std::this_thread::get_id());
}

TEST_F(ResolverTest, AnAddressIsNotLookedUp) {
  for (const char* const host : {"192.0.2.1", "::1", "2001:db8::1"}) {
    std::atomic<bool> is_looked_up = false;
    Make(
        [&](const std::string& /*host*/) -> Expected<Addresses> {
          is_looked_up = true;
          return Addresses{};
        },
        host);
    Ask();
    EXPECT_TRUE(told_.empty());
    loop_->Run();
    EXPECT_EQ(std::exchange(told_, {}).at(0), Addresses{host});
    EXPECT_FALSE(is_looked_up);
  }
}

TEST_F(ResolverTest, WhatIsNotFoundIsToldAsAnError) {
  Make([](const std::string& /*host*/) -> Expected<Addresses> {
    return MakeError(ErrorCode::kIo, "no such name");
  });
  Ask();
  loop_->Run();
  ASSERT_FALSE(told_.at(0));
  EXPECT_EQ(told_[0].error().message, "no such name");
  Make([](const std::string& /*host*/) -> Expected<Addresses> { return Addresses{}; });
  told_.clear();
  Ask();
  loop_->Run();
  ASSERT_FALSE(told_.at(0));
  EXPECT_EQ(told_[0].error().code, ErrorCode::kIo);
}

TEST_F(ResolverTest, WhoAsksMeanwhileSharesTheAnswerAndWhoAsksLaterHasAnother) {
  HeldNames names;
  Make(names.look_up());
  Ask(3);
  Ask(3);
  names.WaitUntilBegun();
  Ask(3);
  names.Release();
  loop_->Run();
  EXPECT_EQ(told_.size(), 3U);
  EXPECT_EQ(names.begun(), 1U);
  Ask(4);
  loop_->Run();
  EXPECT_EQ(names.begun(), 2U);
}

TEST_F(ResolverTest, WhoHasGivenUpIsNotTold) {
  HeldNames names;
  Make(names.look_up());
  const Resolver::Id first = Ask();
  resolver_->Cancel(first);
  Ask();
  names.Release();
  loop_->Run();
  EXPECT_EQ(told_.size(), 1U);
  EXPECT_EQ(names.begun(), 1U) << "however often it is tried";
}

TEST_F(ResolverTest, WhoIsToldMayCancelOthersAndAskAnew) {
  Make([](const std::string& /*host*/) -> Expected<Addresses> { return Addresses{"192.0.2.1"}; });
  Resolver::Id second = 0;
  int told = 0;
  resolver_->Resolve([&](const Expected<Addresses>& /*addresses*/) {
    ++told;
    resolver_->Cancel(second);
    Ask();
  });
  second = resolver_->Resolve([&](const Expected<Addresses>& /*addresses*/) { told += 100; });
  loop_->Run();
  EXPECT_EQ(told, 1);
  EXPECT_EQ(told_.size(), 1U);
}

TEST_F(ResolverTest, OneThatIsGoneIsNotWaitedForAndNotTold) {
  HeldNames names;
  Make(names.look_up());
  Ask();
  names.WaitUntilBegun();
  resolver_.reset();
  names.Release();
  Timer end(*loop_, [this] { loop_->Stop(); });
  end.Set(loop_->NowMs() + 20);
  loop_->Run();
  EXPECT_TRUE(told_.empty());
}

TEST_F(ResolverTest, OneThatGoesBetweenItsAnswerAndTheLoopsTurnTellsNothing) {
  Make(LookUpBySystem, "192.0.2.1");
  Ask();
  resolver_.reset();
  loop_->Stop();
  loop_->Run();
  EXPECT_TRUE(told_.empty());
}

TEST_F(ResolverTest, TheLoopMayBeGoneWhenALookUpEnds) {
  HeldNames names;
  Make(names.look_up());
  Ask();
  names.WaitUntilBegun();
  resolver_.reset();
  loop_.reset();
}

TEST(InTurnTest, FamiliesTakeTurnsBeginningWithTheFirst) {
  EXPECT_EQ(InTurn({}), Addresses{});
  EXPECT_EQ(InTurn({"1.1.1.1"}), Addresses{"1.1.1.1"});
  EXPECT_EQ(InTurn({"::1", "::2", "::3", "1.1.1.1", "1.1.1.2"}),
            (Addresses{"::1", "1.1.1.1", "::2", "1.1.1.2", "::3"}));
  EXPECT_EQ(InTurn({"1.1.1.1", "::1", "1.1.1.2", "1.1.1.3"}),
            (Addresses{"1.1.1.1", "::1", "1.1.1.2", "1.1.1.3"}));
}

TEST(InTurnTest, NoMoreAreTriedThanAreOfUse) {
  Addresses many;
  for (int i = 0; i < 100; ++i) many.push_back("::" + std::to_string(i));
  many.emplace_back("192.0.2.1");
  const Addresses turns = InTurn(many);
  EXPECT_EQ(turns.size(), kAddressesMax);
  EXPECT_EQ(turns[1], "192.0.2.1");
}

TEST(LookUpBySystemTest, KnowsThisMachineAndSaysWhatItDoesNotKnow) {
  const auto local = LookUpBySystem("localhost");
  ASSERT_TRUE(local) << local.error().message;
  EXPECT_TRUE(std::ranges::find(*local, "127.0.0.1") != local->end() ||
              std::ranges::find(*local, "::1") != local->end());
  const auto nowhere = LookUpBySystem("a host with spaces");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, ErrorCode::kIo);
  EXPECT_NE(nowhere.error().message, "");
}

}  // namespace
}  // namespace cotext::net
