#include "simulation/campaign/ordered_jobs.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <new>
#include <string>
#include <vector>

namespace cotext {
namespace {

struct Delivered {
  uint64_t job = 0;
  std::string line;
  std::string failure;
  friend bool operator==(const Delivered&, const Delivered&) = default;
};

std::vector<Delivered> RunJobs(uint64_t count, uint32_t workers,
                               const std::function<std::string(uint64_t)>& work,
                               uint64_t enough = UINT64_MAX, uint64_t seconds_max = 300) {
  std::vector<Delivered> delivered;
  const auto ran = RunOrderedJobs({.count = count,
                                   .workers = workers,
                                   .seconds_max = seconds_max,
                                   .work = work,
                                   .deliver = [&](uint64_t job, const JobResult& result) {
                                     delivered.push_back({job, result.line, result.failure});
                                     return delivered.size() < enough;
                                   }});
  EXPECT_TRUE(ran);
  return delivered;
}

TEST(OrderedJobsTest, ResultsComeInOrderWhoeverIsFaster) {
  constexpr useconds_t kSlowUs = 3000;
  const auto work = [](uint64_t job) {
    if (job % 3 == 0) usleep(kSlowUs);
    return std::string(job * 100, 'x') + std::to_string(job);
  };
  const std::vector<Delivered> one = RunJobs(50, 1, work);
  ASSERT_EQ(one.size(), 50U);
  for (uint64_t job = 0; job < 50; ++job) {
    EXPECT_EQ(one[job].job, job);
    EXPECT_EQ(one[job].line, work(job));
    EXPECT_EQ(one[job].failure, "");
  }
  EXPECT_EQ(RunJobs(50, 2, work), one);
  EXPECT_EQ(RunJobs(50, 7, work), one);
}

TEST(OrderedJobsTest, MoreWorkersThanJobsAreNoTrouble) {
  EXPECT_EQ(RunJobs(2, 5, [](uint64_t) { return "done"; }).size(), 2U);
  EXPECT_TRUE(RunJobs(0, 5, [](uint64_t) { return "done"; }).empty());
}

TEST(OrderedJobsTest, WhoDiesIsTheResultAndTheOthersGoOn) {
  for (const uint32_t workers : {1U, 2U}) {
    const std::vector<Delivered> delivered = RunJobs(6, workers, [](uint64_t job) {
      if (job == 2) {
        std::fputs("what went wrong\n", stderr);
        std::abort();
      }
      if (job == 5) _exit(3);
      return std::to_string(job);
    });
    ASSERT_EQ(delivered.size(), 6U);
    EXPECT_EQ(delivered[1].line, "1");
    EXPECT_EQ(delivered[2].failure, "signal Aborted: what went wrong");
    EXPECT_EQ(delivered[3].line, "3");
    EXPECT_EQ(delivered[4].line, "4");
    EXPECT_EQ(delivered[5].failure, "exit code 3");
  }
}

TEST(OrderedJobsTest, WhoNeverEndsIsStopped) {
  const std::vector<Delivered> delivered = RunJobs(
      3, 1,
      [](uint64_t job) {
        while (job == 1) pause();
        return std::to_string(job);
      },
      UINT64_MAX, 1);
  ASSERT_EQ(delivered.size(), 3U);
  EXPECT_EQ(delivered[1].failure, "it took more than 1 seconds");
  EXPECT_EQ(delivered[2].line, "2");
}

TEST(OrderedJobsTest, WhoEndsWithoutAWordHasFailedToo) {
  const std::vector<Delivered> delivered = RunJobs(3, 1, [](uint64_t job) {
    if (job == 1) _exit(0);
    return std::to_string(job);
  });
  ASSERT_EQ(delivered.size(), 3U);
  EXPECT_EQ(delivered[1].failure, "it ended early");
  EXPECT_EQ(delivered[2].line, "2");
}

TEST(OrderedJobsTest, EachPieceHasTheTimeForItself) {
  constexpr useconds_t kPieceUs = 250'000;
  const std::vector<Delivered> delivered = RunJobs(
      12, 2,
      [](uint64_t job) {
        usleep(kPieceUs);
        return std::to_string(job);
      },
      UINT64_MAX, 1);
  ASSERT_EQ(delivered.size(), 12U);
  for (const Delivered& each : delivered) EXPECT_EQ(each.failure, "");
}

// What processes know of each other.
struct Shared {
  std::atomic<bool> is_first_done = false;
  std::atomic<uint64_t> furthest = 0;  // Job that was begun before that.
};

TEST(OrderedJobsTest, WhoeverIsFarAheadWaits) {
  constexpr uint64_t kJobs = 4000;
  constexpr useconds_t kLongUs = 700'000;
  void* const memory =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  auto* const shared = new (memory) Shared;
  const std::vector<Delivered> delivered = RunJobs(kJobs, 2, [&](uint64_t job) {
    if (job == 0) {
      usleep(kLongUs);
      shared->is_first_done = true;
    } else if (job % 2 == 1 && !shared->is_first_done) {
      shared->furthest = job;
    }
    return std::string(10'000, 'x');
  });
  EXPECT_EQ(delivered.size(), kJobs);
  EXPECT_GT(shared->furthest, 2U);
  EXPECT_LT(shared->furthest, 1000U);
  munmap(memory, sizeof(Shared));
}

TEST(OrderedJobsTest, EnoughIsEnough) {
  EXPECT_EQ(RunJobs(1'000'000, 2, [](uint64_t) { return "done"; }, 3).size(), 3U);
}

TEST(OrderedJobsTest, OneAloneIsIsolatedToo) {
  const auto well = RunIsolated([] { return "well"; });
  ASSERT_TRUE(well);
  EXPECT_EQ(well->line, "well");
  const auto ill = RunIsolated([]() -> std::string { std::abort(); });
  ASSERT_TRUE(ill);
  EXPECT_EQ(ill->failure, "signal Aborted");
}

}  // namespace
}  // namespace cotext
