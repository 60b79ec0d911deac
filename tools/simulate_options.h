// What `cotext simulate` was asked for.
#ifndef COTEXT_TOOLS_SIMULATE_OPTIONS_H_
#define COTEXT_TOOLS_SIMULATE_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "document/document.h"
#include "document/error.h"
#include "simulation/trace/trace.h"
#include "simulation/world/scenario.h"

namespace cotext {

struct SimulateOptions {
  // As on the command line.
  std::string engine = "rga";
  std::string topology = "star";
  std::string faults = "all";
  std::string seeds = "1..100";
  std::string store = "memory";
  std::string scenario;  // A file in place of all of these; empty: none.
  std::string trace;     // Empty: random users.
  std::string report;    // Empty: none.
  std::string failures = ".";
  uint32_t replicas = 5;
  uint32_t edits = 50;
  uint32_t servers = 3;  // In a cluster.
  std::optional<double> loss = {};
  std::optional<double> duplicate = {};
  bool reorder = false;
  std::optional<uint32_t> partitions = {};
  std::optional<uint32_t> crashes = {};
  uint32_t jobs = 0;  // 0: as many as there are cores.
  double settle_within_s = 240;
  uint64_t failures_max = 1;
  uint64_t shrink_tries = 4000;
  bool account = false;
  bool json = false;

  // Read by ReadSimulateOptions.
  uint64_t first_seed = 1;
  uint64_t last_seed = 100;
  std::vector<Engine> engines = {};
  std::optional<Trace> dealt = {};
  std::optional<Scenario> given = {};
};

// Adds the options, which must outlive the command.
void AddSimulateOptions(CLI::App& command, SimulateOptions& options);

// Reads what the words say, and the files that they name. Errors say which word is wrong.
Expected<void> ReadSimulateOptions(SimulateOptions& options);

// Returns the scenario of a seed. REQUIRES: the options were read.
Expected<Scenario> ScenarioOf(const SimulateOptions& options, Engine engine, uint64_t seed);

}  // namespace cotext

#endif  // COTEXT_TOOLS_SIMULATE_OPTIONS_H_
