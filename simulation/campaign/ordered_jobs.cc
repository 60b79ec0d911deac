#include "simulation/campaign/ordered_jobs.h"

#include <poll.h>

#include <chrono>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "document/check.h"
#include "simulation/campaign/forked_worker.h"

namespace cotext {
namespace {

using Clock = std::chrono::steady_clock;

// How many results may wait for one before them, times the workers.
constexpr uint64_t kAheadMax = 256;

class Runner {
 public:
  explicit Runner(const OrderedJobs& jobs) : jobs_(jobs) {
    COTEXT_CHECK(jobs.workers > 0);
    for (uint32_t i = 0; i < jobs.workers; ++i) crews_.push_back({.next = i, .worker = nullptr});
  }

  Expected<void> Run() {
    while (delivered_ < jobs_.count && !is_enough_) {
      for (Crew& crew : crews_) {
        if (crew.worker != nullptr || crew.next >= jobs_.count) continue;
        COTEXT_RETURN_IF_ERROR(Start(crew));
      }
      COTEXT_RETURN_IF_ERROR(Hear());
      Deliver();
    }
    return {};
  }

 private:
  struct Crew {
    uint64_t next = 0;  // The job that it works at.
    std::unique_ptr<ForkedWorker> worker;
    Clock::time_point since = {};  // When it began with that.
  };

  Expected<void> Start(Crew& crew) {
    auto worker = ForkedWorker::Start([&](const ForkedWorker::Say& say) {
      for (uint64_t job = crew.next; job < jobs_.count; job += jobs_.workers) say(jobs_.work(job));
    });
    COTEXT_RETURN_IF_ERROR(worker);
    crew.worker = std::make_unique<ForkedWorker>(*std::move(worker));
    crew.since = Clock::now();
    return {};
  }

  // Whoever is far ahead of the others is not heard, and waits once its pipe is full.
  bool IsHeard(const Crew& crew) const {
    return crew.worker != nullptr && crew.next < delivered_ + kAheadMax * jobs_.workers;
  }

  Expected<void> Hear() {
    constexpr int kLookMs = 1000;  // Between two looks at the clock.
    std::vector<pollfd> polled;
    for (const Crew& crew : crews_) {
      polled.push_back(
          {.fd = IsHeard(crew) ? crew.worker->descriptor() : -1, .events = POLLIN, .revents = 0});
    }
    poll(polled.data(), polled.size(), kLookMs);
    for (size_t i = 0; i < crews_.size(); ++i) {
      if (polled[i].revents != 0) {
        COTEXT_RETURN_IF_ERROR(Listen(crews_[i]));
      } else if (IsHeard(crews_[i]) && IsLate(crews_[i])) {
        crews_[i].worker->Stop();
        static_cast<void>(crews_[i].worker->Wait());
        End(crews_[i], "it took more than " + std::to_string(jobs_.seconds_max) + " seconds");
      }
    }
    return {};
  }

  bool IsLate(const Crew& crew) const {
    return Clock::now() - crew.since > std::chrono::seconds(jobs_.seconds_max);
  }

  Expected<void> Listen(Crew& crew) {
    auto heard = crew.worker->Listen();
    COTEXT_RETURN_IF_ERROR(heard);
    for (std::string& line : heard->lines) {
      results_[crew.next] = {.line = std::move(line), .failure = {}};
      crew.next += jobs_.workers;
      crew.since = Clock::now();
    }
    if (!heard->has_ended) return {};
    std::string failure = crew.worker->Wait();
    if (crew.next >= jobs_.count) {
      crew.worker.reset();
    } else {
      if (failure.empty()) failure = "it ended early";
      End(crew, std::move(failure));
    }
    return {};
  }

  // Its process has ended with the job that it was at.
  void End(Crew& crew, std::string failure) {
    results_[crew.next] = {.line = {}, .failure = std::move(failure)};
    crew.next += jobs_.workers;
    crew.worker.reset();
  }

  void Deliver() {
    for (auto found = results_.begin(); found != results_.end() && found->first == delivered_;
         found = results_.erase(found)) {
      if (is_enough_) return;
      is_enough_ = !jobs_.deliver(found->first, found->second);
      ++delivered_;
    }
  }

  const OrderedJobs& jobs_;
  std::vector<Crew> crews_;
  std::map<uint64_t, JobResult> results_;  // That wait for those before them.
  uint64_t delivered_ = 0;
  bool is_enough_ = false;
};

}  // namespace

Expected<void> RunOrderedJobs(const OrderedJobs& jobs) { return Runner(jobs).Run(); }

Expected<JobResult> RunIsolated(const std::function<std::string()>& work, uint64_t seconds_max) {
  JobResult only;
  const auto done = RunOrderedJobs({.count = 1,
                                    .workers = 1,
                                    .seconds_max = seconds_max,
                                    .work = [&](uint64_t) { return work(); },
                                    .deliver =
                                        [&](uint64_t, const JobResult& result) {
                                          only = result;
                                          return true;
                                        }});
  COTEXT_RETURN_IF_ERROR(done);
  return only;
}

}  // namespace cotext
