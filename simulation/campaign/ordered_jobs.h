// Independent pieces of work, numbered, on several cores at once, whose results come in the order
// of their numbers: how many work at a time changes no byte of what is made of them.
//
// Each worker is a process of its own (forked_worker.h). One that ends while it works at a piece is
// that piece's result; another takes over from the next one.
#ifndef COTEXT_SIMULATION_CAMPAIGN_ORDERED_JOBS_H_
#define COTEXT_SIMULATION_CAMPAIGN_ORDERED_JOBS_H_

#include <cstdint>
#include <functional>
#include <string>

#include "document/error.h"

namespace cotext {

struct JobResult {
  std::string line;     // What the work returned, or
  std::string failure;  // what ended its process, if that is not empty.
};

struct OrderedJobs {
  uint64_t count = 0;
  uint32_t workers = 1;        // At least 1.
  uint64_t seconds_max = 300;  // A piece that takes longer is stopped; so is its process.
  // Returns one line, without a line break. Runs in a process of its own.
  std::function<std::string(uint64_t job)> work;
  // Takes the results in order; false: that is enough.
  std::function<bool(uint64_t job, const JobResult& result)> deliver;
};

// Errors: kIo if processes cannot be had.
Expected<void> RunOrderedJobs(const OrderedJobs& jobs);

// One piece of work, as above.
Expected<JobResult> RunIsolated(const std::function<std::string()>& work,
                                uint64_t seconds_max = 300);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_CAMPAIGN_ORDERED_JOBS_H_
