// Traces for tests, from JSON that is right.
#ifndef COTEXT_TESTS_SIMULATION_PARSE_TRACE_H_
#define COTEXT_TESTS_SIMULATION_PARSE_TRACE_H_

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "simulation/trace/trace.h"
#include "simulation/trace/trace_reader.h"

namespace cotext {

// Returns the trace in `json`. A wrong one fails the test and gives an empty trace.
inline Trace ParseRightTrace(std::string json) {
  auto trace = ParseTrace(std::move(json), "test.json");
  if (trace) return std::move(*trace);
  ADD_FAILURE() << trace.error().message;
  return Trace("test.json", Trace::Kind::kSequential, 1);
}

// Returns a concurrent trace of `agents` agents with these transactions, in JSON and separated by
// commas, and this end text, in JSON without its quotes.
inline Trace ParseConcurrentTrace(int agents, const std::string& transactions,
                                  const std::string& end_content = "") {
  return ParseRightTrace(R"({"kind":"concurrent","numAgents":)" + std::to_string(agents) +
                         R"(,"endContent":")" + end_content + R"(","txns":[)" + transactions +
                         "]}");
}

}  // namespace cotext

#endif  // COTEXT_TESTS_SIMULATION_PARSE_TRACE_H_
