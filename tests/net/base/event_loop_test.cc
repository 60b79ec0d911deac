#include "net/base/event_loop.h"

#include <gtest/gtest.h>
#include <libwebsockets.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace cotext::net {
namespace {

std::unique_ptr<EventLoop> MakeLoop() {
  auto loop = EventLoop::Create();
  if (!loop) ADD_FAILURE() << loop.error().message;
  return loop ? *std::move(loop) : nullptr;
}

TEST(EventLoopTest, RunsWhatOtherThreadsPostInTheirOrder) {
  const auto loop = MakeLoop();
  constexpr int kThreads = 4;
  constexpr int kTasks = 500;
  std::vector<std::pair<int, int>> ran;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int task = 0; task < kTasks; ++task) {
        loop->Post([&, thread, task] {
          ran.emplace_back(thread, task);
          if (ran.size() == kThreads * kTasks) loop->Stop();
        });
      }
    });
  }
  loop->Run();
  for (std::thread& thread : threads) thread.join();
  std::vector<int> next(kThreads, 0);
  for (const auto& [thread, task] : ran) EXPECT_EQ(task, next[static_cast<size_t>(thread)]++);
}

TEST(EventLoopTest, AnEarlierTimerIsNotKeptWaitingByALaterOne) {
  const auto loop = MakeLoop();
  const uint64_t begin_ms = loop->NowMs();
  Timer late(*loop, [&] { loop->Stop(); });
  late.Set(begin_ms + 60'000);
  uint64_t ran_ms = 0;
  Timer early(*loop, [&] {
    ran_ms = loop->NowMs();
    loop->Stop();
  });
  Timer middle(*loop, [&] { early.Set(loop->NowMs() + 20); });
  middle.Set(begin_ms + 20);
  loop->Run();
  EXPECT_GE(ran_ms, begin_ms + 39);
  EXPECT_LT(ran_ms, begin_ms + 30'000);
}

TEST(EventLoopTest, ATimerRunsOnceAtTheTimeThatItWasSetToLast) {
  const auto loop = MakeLoop();
  int ran = 0;
  Timer timer(*loop, [&] { ++ran; });
  timer.Set(loop->NowMs() + 10'000);
  timer.Set(loop->NowMs());
  Timer cleared(*loop, [&] { ran += 100; });
  cleared.Set(loop->NowMs());
  cleared.Clear();
  EXPECT_EQ(ran, 0) << "not inside Set";
  Timer end(*loop, [&] { loop->Stop(); });
  end.Set(loop->NowMs() + 50);
  loop->Run();
  EXPECT_EQ(ran, 1);
}

TEST(EventLoopTest, ATimerCountsFromWhenItIsSet) {
  const auto loop = MakeLoop();
  uint64_t set_ms = 0;
  uint64_t ran_ms = 0;
  Timer timer(*loop, [&] {
    ran_ms = loop->NowMs();
    loop->Stop();
  });
  loop->Post([&] {
    // A long turn: the loop's own clock is as of its beginning.
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    set_ms = loop->NowMs();
    timer.Set(set_ms + 300);
  });
  loop->Run();
  EXPECT_GE(ran_ms, set_ms + 299);
}

TEST(EventLoopTest, ATimerOfATimeThatHasPassedRunsNow) {
  const auto loop = MakeLoop();
  bool is_in_time = false;
  Timer passed(*loop, [&] {
    is_in_time = true;
    loop->Stop();
  });
  passed.Set(loop->NowMs() - 1'000);
  Timer late(*loop, [&] { loop->Stop(); });
  late.Set(loop->NowMs() + 20'000);
  loop->Run();
  EXPECT_TRUE(is_in_time);
}

TEST(EventLoopTest, ATimerThatIsSetAgainInItsTaskRunsAgain) {
  const auto loop = MakeLoop();
  int ran = 0;
  Timer* self = nullptr;
  Timer timer(*loop, [&] {
    if (++ran == 3) return loop->Stop();
    self->Set(loop->NowMs() + 1);
  });
  self = &timer;
  timer.Set(loop->NowMs());
  loop->Run();
  EXPECT_EQ(ran, 3);
}

TEST(EventLoopTest, ATimerThatIsGoneDoesNotRun) {
  const auto loop = MakeLoop();
  int ran = 0;
  {
    Timer gone(*loop, [&] { ++ran; });
    gone.Set(loop->NowMs());
  }
  Timer end(*loop, [&] { loop->Stop(); });
  end.Set(loop->NowMs() + 50);
  loop->Run();
  EXPECT_EQ(ran, 0);
}

TEST(EventLoopTest, StoppingRunsWhatWasPostedBefore) {
  const auto loop = MakeLoop();
  int ran = 0;
  loop->Post([&] { ++ran; });
  loop->Stop();
  loop->Run();
  EXPECT_EQ(ran, 1);
  loop->Post([&] {
    ++ran;
    loop->Stop();
  });
  loop->Run();
  EXPECT_EQ(ran, 2) << "and it can run again";
}

TEST(EventLoopTest, ASignalRunsItsTask) {
  const auto loop = MakeLoop();
  int ran = 0;
  loop->OnSignal(SIGUSR1, [&] {
    ++ran;
    loop->Stop();
  });
  std::raise(SIGUSR1);
  loop->Run();
  EXPECT_EQ(ran, 1);
}

TEST(EventLoopTest, WhatIsPostedAfterItClosedIsDropped) {
  const auto loop = MakeLoop();
  const auto counted = std::make_shared<int>(0);
  loop->Post([counted] { ++*counted; });
  loop->Close();
  loop->Post([counted] { ++*counted; });
  EXPECT_EQ(*counted, 0);
  EXPECT_EQ(counted.use_count(), 1);
  loop->Close();
}

// It puts its words together in one place for the whole process: ThreadSanitizer sees it if it
// does.
TEST(EventLoopTest, LibwebsocketsIsNotLetSpeakWhereNothingIsLogged) {
  const auto loop = MakeLoop();
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 2; ++thread) {
    threads.emplace_back([] {
      for (int i = 0; i < 100; ++i) _lws_log(LLL_ERR, "%d\n", i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(lwsl_visible(LLL_ERR), 0);
}

TEST(EventLoopTest, LoopsBeginAndEndInAnyThreadsAtOnce) {
  constexpr int kThreads = 4;
  constexpr int kLoops = 10;
  std::atomic<int> ran = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < kLoops; ++i) {
        const auto loop = MakeLoop();
        loop->Post([&] { ++ran; });
        loop->Stop();
        loop->Run();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ran, kThreads * kLoops);
}

}  // namespace
}  // namespace cotext::net
