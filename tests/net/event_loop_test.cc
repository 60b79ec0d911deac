#include "net/event_loop.h"

#include <gtest/gtest.h>

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
  late.Set(begin_ms + 5'000);
  uint64_t ran_ms = 0;
  Timer early(*loop, [&] {
    ran_ms = loop->NowMs();
    loop->Stop();
  });
  Timer middle(*loop, [&] { early.Set(loop->NowMs() + 20); });
  middle.Set(begin_ms + 20);
  loop->Run();
  EXPECT_GE(ran_ms, begin_ms + 39);
  EXPECT_LT(ran_ms, begin_ms + 2'000);
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

}  // namespace
}  // namespace cotext::net
