#include "simulation/campaign/forked_worker.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace cotext {
namespace {

// Returns all that a worker says.
std::vector<std::string> AllOf(ForkedWorker& worker) {
  std::vector<std::string> lines;
  while (true) {
    const auto heard = worker.Listen();
    EXPECT_TRUE(heard);
    if (!heard) return lines;
    lines.insert(lines.end(), heard->lines.begin(), heard->lines.end());
    if (heard->has_ended) return lines;
  }
}

TEST(ForkedWorkerTest, LinesComeWholeHoweverLong) {
  const std::string longest(300'000, 'x');
  auto worker = ForkedWorker::Start([&](const ForkedWorker::Say& say) {
    say("one");
    say(longest);
    say("");
    say("last");
  });
  ASSERT_TRUE(worker);
  EXPECT_EQ(AllOf(*worker), (std::vector<std::string>{"one", longest, "", "last"}));
  EXPECT_EQ(worker->Wait(), "");
}

TEST(ForkedWorkerTest, WhatWasSaidBeforeItDiedIsHeard) {
  auto worker = ForkedWorker::Start([](const ForkedWorker::Say& say) {
    say("whole");
    std::abort();
  });
  ASSERT_TRUE(worker);
  EXPECT_EQ(AllOf(*worker), std::vector<std::string>{"whole"});
  EXPECT_EQ(worker->Wait(), "signal Aborted");
}

TEST(ForkedWorkerTest, WhatWaitsToBePrintedIsPrintedOnce) {
  testing::internal::CaptureStdout();
  std::fputs("half a li", stdout);
  auto worker = ForkedWorker::Start([](const ForkedWorker::Say& say) {
    std::fflush(stdout);
    say("said");
    _exit(3);
  });
  ASSERT_TRUE(worker);
  EXPECT_EQ(AllOf(*worker), std::vector<std::string>{"said"});
  // Nor does the copy print it, wherever that goes.
  EXPECT_EQ(worker->Wait(), "exit code 3");
  std::fputs("ne", stdout);
  std::fflush(stdout);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "half a line");
}

TEST(ForkedWorkerTest, WhatItPrintsIsSaidOnlyIfItEndsBadly) {
  for (const bool is_well : {true, false}) {
    testing::internal::CaptureStdout();
    auto worker = ForkedWorker::Start([&](const ForkedWorker::Say& /*say*/) {
      std::fputs("what it was at\n", stdout);
      std::fflush(stdout);
      if (!is_well) _exit(3);
    });
    ASSERT_TRUE(worker);
    EXPECT_TRUE(AllOf(*worker).empty());
    EXPECT_EQ(worker->Wait(), is_well ? "" : "exit code 3: what it was at");
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  }
}

TEST(ForkedWorkerTest, OfMuchThatItPrintsTheEndIsKept) {
  constexpr size_t kBytes = 2000;
  auto worker = ForkedWorker::Start([](const ForkedWorker::Say& /*say*/) {
    std::fputs((std::string(50'000, 'a') + std::string(kBytes - 3, 'b') + "end\n\n").c_str(),
               stderr);
    _exit(1);
  });
  ASSERT_TRUE(worker);
  EXPECT_EQ(worker->Wait(), "exit code 1: " + std::string(kBytes - 5, 'b') + "end");
}

TEST(ForkedWorkerTest, OneThatNeverEndsIsStopped) {
  auto worker = ForkedWorker::Start([](const ForkedWorker::Say& say) {
    say("here");
    while (true) pause();
  });
  ASSERT_TRUE(worker);
  const auto heard = worker->Listen();
  ASSERT_TRUE(heard);
  EXPECT_FALSE(heard->has_ended);
  worker->Stop();
  EXPECT_TRUE(AllOf(*worker).empty());
  EXPECT_EQ(worker->Wait(), "signal Killed");
}

}  // namespace
}  // namespace cotext
