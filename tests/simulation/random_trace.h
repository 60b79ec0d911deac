// Random concurrent traces of all shapes, for tests.
#ifndef COTEXT_TESTS_SIMULATION_RANDOM_TRACE_H_
#define COTEXT_TESTS_SIMULATION_RANDOM_TRACE_H_

#include <cstdint>
#include <utility>

#include "document/check.h"
#include "document/random.h"
#include "simulation/trace/naive_rga.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_generator.h"

namespace cotext {

// Returns a trace of up to 8 agents and 80 transactions, made in the given order.
inline Trace RandomTrace(Random& random, NaiveRga::Order order = NaiveRga::Order::kRga) {
  const auto below = [&random](uint64_t bound) {
    return static_cast<uint32_t>(random.Below(bound));
  };
  auto trace = Generate({.seed = random.Next(),
                         .agents = 1 + below(8),
                         .transactions = below(80),
                         .patches_max = 1 + below(4),
                         .insert_max = 1 + below(8),
                         .same_place_percent = below(101),
                         .delete_percent = below(60),
                         .unicode_percent = below(101),
                         .merge_percent = below(101),
                         .order = order});
  COTEXT_CHECK(trace.has_value());
  return *std::move(trace);
}

}  // namespace cotext

#endif  // COTEXT_TESTS_SIMULATION_RANDOM_TRACE_H_
