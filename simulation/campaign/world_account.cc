#include "simulation/campaign/world_account.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "simulation/check/violation.h"
#include "simulation/world/fault_plan.h"
#include "simulation/world/user_action.h"
#include "simulation/world/world_log.h"

namespace cotext {
namespace {

// By time; those of one time in the order in which they came.
using TimedLines = std::multimap<uint64_t, std::string>;

std::string Seconds(uint64_t us) {
  constexpr uint64_t kMillisecondUs = 1000;
  std::string thousandths = std::to_string(us / kMillisecondUs % 1000);
  thousandths.insert(0, 3 - thousandths.size(), '0');
  return std::to_string(us / 1'000'000) + "." + thousandths + " s";
}

std::string NodeNames(const std::vector<NodeNumber>& nodes) {
  std::string names;
  for (const NodeNumber node : nodes) {
    if (!names.empty()) names += ", ";
    names += NodeName(node);
  }
  return names;
}

// Whatever the text has, as one line.
std::string Quoted(const std::string& text) { return nlohmann::json(text).dump(); }

std::string DescribePlaces(const std::vector<uint64_t>& places) {
  std::string described;
  for (const uint64_t place : places) {
    if (!described.empty()) described += ", ";
    described += std::to_string(place / (kWholeText / 100)) + " %";
  }
  return described;
}

std::string DescribeAction(const UserAction& action) {
  switch (action.kind) {
    case UserAction::Kind::kMove: return "moves the caret to " + DescribePlaces(action.places);
    case UserAction::Kind::kType: return "types " + Quoted(action.text);
    case UserAction::Kind::kBackspace:
      return "deletes " + std::to_string(action.count) + " in front of the caret";
    case UserAction::Kind::kReplace:
      return "replaces " + std::to_string(action.count) + " behind the caret by " +
             Quoted(action.text);
    case UserAction::Kind::kInsertAt:
      return "inserts " + Quoted(action.text) + " at " + DescribePlaces(action.places);
    case UserAction::Kind::kUndo: return "undoes";
    case UserAction::Kind::kRedo: return "redoes";
  }
  return "";
}

TimedLines LinesOf(const Scenario& scenario) {
  TimedLines lines;
  for (const Fault& fault : scenario.plan.faults) {
    const std::string name(FaultName(fault.kind));
    const std::string whom = " of " + NodeNames(fault.nodes);
    const std::string amount = fault.amount == 0 ? "" : " (" + std::to_string(fault.amount) + ")";
    lines.emplace(fault.at_us, "fault: " + name + whom + amount + " for " + Seconds(fault.for_us));
    if (fault.for_us > 0) lines.emplace(fault.at_us + fault.for_us, "over: " + name + whom);
  }
  for (const UserAction& action : scenario.actions) {
    lines.emplace(action.at_us, "user: " + NodeName(scenario.servers + action.replica) + " " +
                                    DescribeAction(action));
  }
  return lines;
}

std::vector<std::string> Format(const TimedLines& lines) {
  constexpr size_t kTimeWidth = 12;
  std::vector<std::string> formatted;
  for (const auto& [at_us, text] : lines) {
    std::string time = Seconds(at_us);
    time.insert(0, kTimeWidth - std::min(kTimeWidth, time.size()), ' ');
    formatted.push_back(time + "  " + text);
  }
  return formatted;
}

// Leaves the middle out.
void Shorten(std::vector<std::string>& lines) {
  if (lines.size() <= kAccountLinesMax) return;
  const size_t left_out = lines.size() - kAccountLinesMax + 1;
  const auto begin = lines.begin() + static_cast<ptrdiff_t>(kAccountLinesMax / 2);
  *begin = "              ... " + std::to_string(left_out) + " lines more ...";
  lines.erase(begin + 1, begin + static_cast<ptrdiff_t>(left_out));
}

}  // namespace

std::vector<std::string> DescribeScenario(const Scenario& scenario) {
  return Format(LinesOf(scenario));
}

Expected<std::vector<std::string>> MakeAccount(const Scenario& scenario, WorldOptions options) {
  options.keeps_log = true;
  const auto world = World::Make(scenario, options);
  COTEXT_RETURN_IF_ERROR(world);
  const WorldResult result = (*world)->Run();
  const bool is_about_presence = std::ranges::any_of(
      result.violations,
      [](const Violation& violation) { return violation.promise == "presence"; });
  TimedLines lines = LinesOf(scenario);
  for (const LogLine& line : result.log) {
    const bool is_told = line.topic <= LogTopic::kSessions ||
                         (is_about_presence && line.topic == LogTopic::kPresence);
    if (is_told) lines.emplace(line.at_us, line.text);
  }
  std::vector<std::string> account = Format(lines);
  Shorten(account);
  for (const Violation& violation : result.violations) {
    account.push_back("broken: " + violation.promise + ": " + violation.what);
  }
  return account;
}

}  // namespace cotext
