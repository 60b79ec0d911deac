#include "tools/simulate_command.h"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "document/check.h"
#include "document/error.h"
#include "simulation/campaign/campaign_report.h"
#include "simulation/campaign/ordered_jobs.h"
#include "simulation/campaign/shrink_scenario.h"
#include "simulation/campaign/world_account.h"
#include "simulation/campaign/world_outcome.h"
#include "simulation/check/violation.h"
#include "simulation/report/report_html.h"
#include "simulation/report/report_json.h"
#include "simulation/report/report_text.h"
#include "simulation/world/scenario.h"
#include "simulation/world/store_kind.h"
#include "simulation/world/world.h"
#include "storage/file.h"
#include "tools/progress_bar.h"
#include "tools/simulate_options.h"

namespace cotext {
namespace {

using Json = nlohmann::ordered_json;

// A world of which seed, on which engine.
struct WorldName {
  Engine engine{};
  uint64_t seed = 0;
};

WorldName NameOf(const SimulateOptions& options, uint64_t job) {
  const uint64_t engines = options.engines.size();
  return {.engine = options.engines[job % engines], .seed = options.first_seed + job / engines};
}

uint64_t CountWorlds(const SimulateOptions& options) {
  return (options.last_seed - options.first_seed + 1) * options.engines.size();
}

std::vector<std::string> ConditionsOf(const SimulateOptions& options) {
  if (options.given) {
    return {"The scenario " + options.scenario +
            "; store: " + std::string(StoreName(options.given->store)) + "."};
  }
  std::string people = std::to_string(options.replicas) + " people with " +
                       std::to_string(options.edits) + " edits each; seeds " + options.seeds +
                       "; faults: " + options.faults + "; store: " + options.store;
  const auto add = [&](const char* name, const auto& value) {
    if (value) people += "; " + std::string(name) + " " + Json(*value).dump();
  };
  add("loss", options.loss);
  add("duplicate", options.duplicate);
  add("partitions", options.partitions);
  add("crashes", options.crashes);
  if (options.dealt) people += "; the trace " + std::string(options.dealt->name()) + " dealt out";
  return {people + "."};
}

// One row for each world; the tables of the report follow.
void WriteWorldLine(WorldName name, const WorldOutcome& outcome) {
  Json line = {
      {"table", "seeds"},
      {"engine", EngineName(name.engine)},
      {"seed", name.seed},
      {"ok", outcome.violations.empty()},
      {"operations", outcome.operations},
      {"lost", outcome.lost_operations},
      {"final_chars", outcome.final_chars},
      {"virtual_us", outcome.virtual_us},
      {"settled_after_us", outcome.settled_after_us ? Json(*outcome.settled_after_us) : Json()},
      {"packets", outcome.network.sent},
      {"bytes", outcome.network.sent_bytes},
      {"fingerprint", outcome.fingerprint}};
  WriteReport(std::cout, line, /*as_json=*/true);
}

class Simulation {
 public:
  explicit Simulation(const SimulateOptions& options) : options_(options) {
    constexpr double kSecondUs = 1e6;
    worlds_.patience_us = static_cast<uint64_t>(options.settle_within_s * kSecondUs);
  }

  Expected<ExitCode> Run() {
    campaign_.topology = options_.given ? options_.given->topology : TopologyOf();
    campaign_.conditions = ConditionsOf(options_);
    COTEXT_RETURN_IF_ERROR(CheckFirst());
    if (options_.account) COTEXT_RETURN_IF_ERROR(TellFirst());
    COTEXT_RETURN_IF_ERROR(RunAll());
    COTEXT_RETURN_IF_ERROR(Report());
    if (campaign_.failures.empty()) return ExitCode::kDone;
    COTEXT_RETURN_IF_ERROR(TellFailures());
    return ExitCode::kCheckFailed;
  }

 private:
  Topology TopologyOf() const {
    const auto first = ScenarioOf(options_, options_.engines[0], options_.first_seed);
    return first ? first->topology : Topology::kStar;
  }

  // Whether there are such worlds at all.
  Expected<void> CheckFirst() const {
    for (const Engine engine : options_.engines) {
      const auto scenario = ScenarioOf(options_, engine, options_.first_seed);
      COTEXT_RETURN_IF_ERROR(scenario);
      COTEXT_RETURN_IF_ERROR(World::Make(*scenario));
    }
    return {};
  }

  Expected<void> TellFirst() const {
    const auto scenario = ScenarioOf(options_, options_.engines[0], options_.first_seed);
    COTEXT_RETURN_IF_ERROR(scenario);
    const auto account = MakeAccount(*scenario, worlds_);
    COTEXT_RETURN_IF_ERROR(account);
    if (options_.json) {
      WriteReport(std::cout, {{"table", "account"}, {"lines", *account}}, /*as_json=*/true);
      return {};
    }
    for (const std::string& line : *account) std::cout << line << '\n';
    std::cout << '\n';
    return {};
  }

  Expected<void> RunAll() {
    using Clock = std::chrono::steady_clock;
    const Clock::time_point begun = Clock::now();
    ProgressBar bar("simulate", "worlds");
    const Progress progress = bar.Callback();
    const uint64_t count = CountWorlds(options_);
    uint64_t done = 0;
    const auto ran = RunOrderedJobs({.count = count,
                                     .workers = options_.jobs,
                                     .work =
                                         [&](uint64_t job) {
                                           const WorldName name = NameOf(options_, job);
                                           return Simulate(name);
                                         },
                                     .deliver =
                                         [&](uint64_t job, const JobResult& result) {
                                           if (progress)
                                             progress(++done, count);
                                           else
                                             ++done;
                                           return Take(NameOf(options_, job), result);
                                         }});
    COTEXT_RETURN_IF_ERROR(ran);
    const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
    std::fprintf(stderr, "cotext: %llu worlds in %.1f s, %.0f a second, with %u at a time\n",
                 static_cast<unsigned long long>(done), seconds,
                 static_cast<double>(done) / seconds, options_.jobs);
    return {};
  }

  std::string Simulate(WorldName name) const {
    const auto scenario = ScenarioOf(options_, name.engine, name.seed);
    COTEXT_CHECK(scenario.has_value());
    const auto outcome = SimulateScenario(*scenario, worlds_);
    COTEXT_CHECK(outcome.has_value());
    return EncodeOutcome(*outcome);
  }

  bool Take(WorldName name, const JobResult& result) {
    const WorldOutcome outcome =
        result.failure.empty() ? DecodeOutcome(result.line) : OutcomeOfFailure(result.failure);
    const uint32_t replicas = options_.given ? options_.given->replicas : options_.replicas;
    campaign_.totals[name.engine].Add(outcome, replicas);
    if (options_.json) WriteWorldLine(name, outcome);
    if (outcome.violations.empty()) return true;
    campaign_.failures.push_back(
        {.engine = name.engine, .seed = name.seed, .violations = outcome.violations});
    return campaign_.failures.size() != options_.failures_max;
  }

  Expected<void> Report() const {
    const cotext::Report report = MakeCampaignReport(campaign_);
    if (!options_.report.empty()) {
      COTEXT_RETURN_IF_ERROR(WriteFileAtomically(options_.report, ReportToHtml(report)));
    }
    if (options_.json) {
      WriteJsonLines(report, std::cout);
    } else {
      std::cout << ReportToText(report);
    }
    return {};
  }

  Expected<void> TellFailures() const {
    for (size_t i = 0; i < campaign_.failures.size(); ++i) {
      const CampaignFailure& failure = campaign_.failures[i];
      auto scenario = ScenarioOf(options_, failure.engine, failure.seed);
      COTEXT_RETURN_IF_ERROR(scenario);
      // One that was made smaller says more than many that were not.
      if (i == 0) COTEXT_RETURN_IF_ERROR(Shrink(*scenario, failure));
      COTEXT_RETURN_IF_ERROR(TellFailure(*scenario, failure, i == 0));
    }
    return {};
  }

  // Returns whether a scenario breaks a promise; in a process of its own, as it may be by stopping.
  Expected<bool> Breaks(const Scenario& scenario, const std::string& promise) const {
    const auto result = RunIsolated([&] {
      const auto outcome = SimulateScenario(scenario, worlds_);
      return EncodeOutcome(outcome.value_or(WorldOutcome{}));
    });
    COTEXT_RETURN_IF_ERROR(result);
    const WorldOutcome outcome =
        result->failure.empty() ? DecodeOutcome(result->line) : OutcomeOfFailure(result->failure);
    for (const Violation& violation : outcome.violations) {
      if (violation.promise == promise) return true;
    }
    return false;
  }

  Expected<void> Shrink(Scenario& scenario, const CampaignFailure& failure) const {
    ProgressBar bar("shrink", "tries");
    std::optional<Error> error;
    scenario = ShrinkScenario(scenario, {.fails =
                                             [&](const Scenario& candidate) {
                                               const auto breaks =
                                                   Breaks(candidate, failure.violations[0].promise);
                                               if (!breaks) error = breaks.error();
                                               return breaks.value_or(false);
                                             },
                                         .tries_max = options_.shrink_tries,
                                         .progress = bar.Callback()});
    if (error) return std::unexpected(*std::move(error));
    return {};
  }

  // Writes a failure's scenario to a file, and tells what happens in it.
  Expected<void> TellFailure(const Scenario& scenario, const CampaignFailure& failure,
                             bool tells_all) const {
    const std::string name = "simulate-" + std::string(TopologyName(scenario.topology)) + "-" +
                             std::string(EngineName(failure.engine)) + "-" +
                             std::to_string(failure.seed) + ".json";
    const std::string path = (std::filesystem::path(options_.failures) / name).lexically_normal();
    COTEXT_RETURN_IF_ERROR(WriteFileAtomically(path, WriteScenario(scenario)));
    std::vector<std::string> account;
    if (tells_all) account = AccountOf(scenario);
    if (options_.json) {
      Json line = {{"table", "failure"},
                   {"engine", EngineName(failure.engine)},
                   {"seed", failure.seed},
                   {"promise", failure.violations[0].promise},
                   {"what", failure.violations[0].what},
                   {"scenario", path},
                   {"replicas", scenario.replicas},
                   {"events", EventsOf(scenario)},
                   {"account", account}};
      WriteReport(std::cout, line, /*as_json=*/true);
      return {};
    }
    std::cout << "\nFAILED: seed " << failure.seed << " on " << EngineName(failure.engine)
              << " breaks " << failure.violations[0].promise << ": " << failure.violations[0].what
              << "\n  replay it with: cotext simulate --scenario " << path << HowPatient()
              << " --account\n";
    if (account.empty()) return {};
    std::cout << "  what matters of it, " << EventsOf(scenario) << " events of "
              << scenario.replicas << " people:\n\n";
    for (const std::string& line : account) std::cout << line << '\n';
    return {};
  }

  std::string HowPatient() const {
    if (options_.settle_within_s == SimulateOptions().settle_within_s) return "";
    return " --settle-within " + Json(options_.settle_within_s).dump();
  }

  // A world that stops its process has no account but its scenario.
  std::vector<std::string> AccountOf(const Scenario& scenario) const {
    const auto result = RunIsolated([&] {
      const auto account = MakeAccount(scenario, worlds_);
      return account ? Json(*account).dump(-1, ' ', false, Json::error_handler_t::replace) : "[]";
    });
    if (result && result->failure.empty()) {
      return Json::parse(result->line).get<std::vector<std::string>>();
    }
    std::vector<std::string> account = DescribeScenario(scenario);
    if (result) account.push_back("broken: no crash: " + result->failure);
    return account;
  }

  const SimulateOptions& options_;
  WorldOptions worlds_;
  Campaign campaign_;
};

ExitCode Run(SimulateOptions& options) {
  if (const auto read = ReadSimulateOptions(options); !read) return ReportError(read.error());
  const auto done = Simulation(options).Run();
  return done ? *done : ReportError(done.error());
}

}  // namespace

void AddSimulateCommand(CLI::App& root, ExitCode& exit_code) {
  CLI::App& command = AddCommand(
      root, "simulate", "Simulate people, servers, networks and disks, and everything that fails");
  const auto options = std::make_shared<SimulateOptions>();
  AddSimulateOptions(command, *options);
  command.footer(
      "Every seed is a world in virtual time: people edit, connections, processes and disks fail, "
      "and once all of it\nis over everybody must have the same text, nothing that was "
      "acknowledged "
      "as durable may be lost, nothing be\nthere twice or in the wrong order or place, and nobody "
      "be seen who is gone.\n"
      "Faults: latency, loss, duplicate, reorder, corrupt, slow-store, partition, one-way, reset, "
      "crash, server-crash,\nleave, server-restart, offline, late, disk, slow-reader, clock-skew, "
      "read-only, cut-off, hostile, full-disk (with --store sqlite).\n"
      "The first seed that fails is made as small as it can, told, and written to a file for "
      "--scenario.\n"
      "Output depends on the options alone, not on the machine or --jobs; times go to standard "
      "error.\n"
      "Exit code: 0 if no promise was broken, 1 if one was, 2 for wrong usage or a file that "
      "cannot "
      "be read or written.");
  command.callback([options, &exit_code] { exit_code = Run(*options); });
}

}  // namespace cotext
