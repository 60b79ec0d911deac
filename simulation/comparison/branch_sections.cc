#include "simulation/comparison/branch_sections.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "simulation/comparison/crossover.h"
#include "simulation/comparison/report_values.h"

namespace cotext {
namespace {

const char* NameOf(BranchStyle style) {
  return style == BranchStyle::kTyped ? "typed" : "scattered";
}

// What a ReturnCost is an instance of.
std::string CaseOf(const ReturnCost& cost) {
  if (cost.branch == 1) return "one edit behind";
  if (cost.live == cost.branch) return "equal branches";
  return ForPeople(cost.live / cost.branch) + " beside one";
}

// Says which measurements were left out.
std::string NoteOf(std::initializer_list<std::pair<const char*, bool>> measured, double seconds) {
  std::string missing;
  for (const auto& [name, was_measured] : measured) {
    if (!was_measured) missing += (missing.empty() ? "" : ", ") + std::string(name);
  }
  return missing.empty() ? "" : missing + ": over " + ForPeople(seconds) + " s";
}

std::string NoteOf(const MergeCost& cost, double seconds) {
  if (cost.branches * cost.length > BranchOptions::kEditsMax) {
    return "over " + ForPeople(BranchOptions::kEditsMax) + " edits";
  }
  return NoteOf({{"rga", cost.rga_ms.has_value()},
                 {"ot", cost.ot_ms.has_value()},
                 {"ttf", cost.ttf_ms.has_value()}},
                seconds);
}

ReportTable MergeTable(const std::vector<MergeCost>& merges, double seconds) {
  ReportTable table{.name = "branches",
                    .title = "Branches merged in one document",
                    .columns = {{.key = "edits", .title = "Edits"},
                                {.key = "branches", .title = "Branches"},
                                {.key = "length", .title = "Edits on each"},
                                {.key = "rga_ms", .title = "RGA, ms"},
                                {.key = "ot_ms", .title = "OT server, ms"},
                                {.key = "ot_compose_ms", .title = "OT clients composing, ms"},
                                {.key = "ttf_ms", .title = "OT with tombstones, ms"},
                                {.key = "ok", .title = "Texts agree"},
                                {.key = "note", .title = "Left out"}}};
  for (const MergeCost& cost : merges) {
    table.rows.push_back({NameOf(cost.style), cost.branches, cost.length, ValueOf(cost.rga_ms),
                          ValueOf(cost.ot_ms), ValueOf(cost.compose_ms), ValueOf(cost.ttf_ms),
                          cost.ok, NoteOf(cost, seconds)});
  }
  return table;
}

ReportChart Logarithmic(ReportChart chart) {
  chart.x_scale = ChartScale::kLogarithmic;
  chart.y_scale = ChartScale::kLogarithmic;
  return chart;
}

// How a measured way is called, and what it cost at one size.
template <typename Cost>
struct Way {
  const char* name;
  std::optional<double> Cost::* ms;
};

// Two ways to be compared, along one dimension.
template <typename Cost>
struct Question {
  Way<Cost> first;
  Way<Cost> second;
  const char* along;                             // The dimension.
  std::function<uint64_t(const Cost&)> x;        // The size along it.
  std::function<std::string(const Cost&)> rest;  // What is held fixed.
};

// Returns who is cheaper wherever somebody is, of costs that do not cross.
const char* Throughout(const char* first, const char* second, const std::vector<CostPair>& costs) {
  for (const CostPair& one : costs) {
    if (CheaperOf(one) != Cheaper::kNeither) {
      return CheaperOf(one) == Cheaper::kFirst ? first : second;
    }
  }
  return "neither";
}

template <typename Cost>
void AddAnswers(const Question<Cost>& question, BranchStyle style, const std::string& rest,
                const std::vector<CostPair>& costs, ReportTable& table) {
  const auto add = [&](const char* before, const char* after, ReportValue at, ReportValue low,
                       ReportValue high, const std::string& note) {
    table.rows.push_back({NameOf(style), rest, question.along, before, after, std::move(at),
                          std::move(low), std::move(high), note});
  };
  const std::vector<Crossover> crossovers = FindCrossovers(costs);
  for (const Crossover& crossover : crossovers) {
    const bool first = crossover.first_was_cheaper;
    add(first ? question.first.name : question.second.name,
        first ? question.second.name : question.first.name, Rounded(crossover.at), crossover.after,
        crossover.before, "interpolated");
  }
  if (!crossovers.empty() || costs.empty()) return;
  const char* const cheaper = Throughout(question.first.name, question.second.name, costs);
  add(cheaper, cheaper, {}, costs.front().x, costs.back().x, "no crossing");
}

// Answers a question for everything that is held fixed.
template <typename Cost>
void Answer(const Question<Cost>& question, const std::vector<Cost>& all, ReportTable& table) {
  for (const BranchStyle style : {BranchStyle::kScattered, BranchStyle::kTyped}) {
    std::vector<std::string> fixed;
    std::map<std::string, std::map<uint64_t, CostPair>> curves;
    for (const Cost& cost : all) {
      const std::optional<double>& first = cost.*question.first.ms;
      const std::optional<double>& second = cost.*question.second.ms;
      if (cost.style != style || !first || !second) continue;
      const std::string rest = question.rest(cost);
      if (!curves.contains(rest)) fixed.push_back(rest);
      const uint64_t x = question.x(cost);
      curves[rest][x] = CostPair{.x = static_cast<double>(x), .first = *first, .second = *second};
    }
    for (const std::string& rest : fixed) {
      std::vector<CostPair> costs;
      for (const auto& [x, pair] : curves[rest]) costs.push_back(pair);
      AddAnswers(question, style, rest, costs, table);
    }
  }
}

std::vector<Question<MergeCost>> MergeQuestions() {
  const Way<MergeCost> rga{"RGA", &MergeCost::rga_ms};
  const Way<MergeCost> ot{"OT server", &MergeCost::ot_ms};
  const Way<MergeCost> ttf{"OT with tombstones", &MergeCost::ttf_ms};
  const auto length = [](const MergeCost& cost) { return cost.length; };
  const auto branches = [](const MergeCost& cost) { return cost.branches; };
  const auto at_branches = [](const MergeCost& cost) {
    return ForPeople(cost.branches) + " branches merged";
  };
  const auto at_length = [](const MergeCost& cost) {
    return "branches of " + ForPeople(cost.length) + " merged";
  };
  return {{rga, ot, "edits on each", length, at_branches},
          {rga, ot, "branches", branches, at_length},
          {rga, ttf, "edits on each", length, at_branches}};
}

std::vector<Question<ReturnCost>> ReturnQuestions() {
  const auto live = [](const ReturnCost& cost) { return cost.live; };
  const auto at_peer = [](const ReturnCost& cost) { return CaseOf(cost) + ", who gets it"; };
  const auto at_client = [](const ReturnCost& cost) { return CaseOf(cost) + ", who returns"; };
  return {{{"RGA", &ReturnCost::rga_peer_ms},
           {"OT", &ReturnCost::ot_server_ms},
           "live edits",
           live,
           at_peer},
          {{"RGA", &ReturnCost::rga_client_ms},
           {"OT", &ReturnCost::ot_client_ms},
           "live edits",
           live,
           at_client}};
}

}  // namespace

ReportSection MergeSection(const std::vector<MergeCost>& merges, double budget_seconds) {
  ReportTable table = MergeTable(merges, budget_seconds);
  const std::vector<std::string> ways = {"rga_ms", "ot_ms", "ttf_ms"};
  const auto chart = [&](const char* x, const char* edits, const char* fixed, const char* value,
                         const std::string& title) {
    return Logarithmic(ChartOf(
        table, {.x = x, .y = ways, .where = {{"edits", edits}, {fixed, value}}}, title, "ms"));
  };
  ReportSection section{
      .title = "Branches: all merged",
      .paragraphs = {
          "Each author edits a text of eight characters an edit on a branch of his own and knows "
          "nothing of the others; then one document gets all branches. Scattered: inserts of one "
          "to four characters, three to one delete, at random places. Typed: bursts of keys. The "
          "OT server transforms one operation per branch, which its client has composed; the RGA "
          "and OT with tombstones keep each edit. Milliseconds of processor time from decoded "
          "inputs to the text, medians of up to 15 runs where these are short."}};
  section.charts = {
      chart("length", "scattered", "branches", "2", "Two branches, scattered edits"),
      chart("length", "scattered", "branches", "64", "64 branches, scattered edits"),
      chart("length", "typed", "branches", "2", "Two branches, typed edits"),
      chart("branches", "scattered", "length", "1,000", "Branches of 1,000 scattered edits")};
  section.tables.push_back(std::move(table));
  return section;
}

ReportSection ReturnSection(const std::vector<ReturnCost>& returns, double budget_seconds) {
  ReportTable table{.name = "returns",
                    .title = "One who returns",
                    .columns = {{.key = "edits", .title = "Edits"},
                                {.key = "case", .title = "Case"},
                                {.key = "live", .title = "Edits he has not seen"},
                                {.key = "branch", .title = "Edits he brings"},
                                {.key = "rga_peer_ms", .title = "RGA, a peer gets them, ms"},
                                {.key = "ot_server_ms", .title = "OT, the server gets them, ms"},
                                {.key = "rga_client_ms", .title = "RGA, he catches up, ms"},
                                {.key = "ot_client_ms", .title = "OT, he catches up, ms"},
                                {.key = "ok", .title = "Texts agree"},
                                {.key = "note", .title = "Left out"}}};
  for (const ReturnCost& cost : returns) {
    const std::string note = NoteOf({{"rga", cost.rga_peer_ms.has_value()},
                                     {"ot server", cost.ot_server_ms.has_value()},
                                     {"ot client", cost.ot_client_ms.has_value()}},
                                    budget_seconds);
    table.rows.push_back({NameOf(cost.style), CaseOf(cost), cost.live, cost.branch,
                          ValueOf(cost.rga_peer_ms), ValueOf(cost.ot_server_ms),
                          ValueOf(cost.rga_client_ms), ValueOf(cost.ot_client_ms), cost.ok, note});
  }
  const auto chart = [&](const std::vector<std::string>& ways, const char* which,
                         const std::string& title) {
    return Logarithmic(
        ChartOf(table, {.x = "live", .y = ways, .where = {{"edits", "scattered"}, {"case", which}}},
                title, "ms"));
  };
  ReportSection section{
      .title = "Concurrency: one returns",
      .paragraphs = {
          "Everybody else has gone on, edit by edit, when somebody returns with what he wrote in "
          "the meantime. One edit behind is the cost of concurrency: a single edit that has not "
          "seen so many others. OT's server transforms one operation past each revision, its "
          "client each revision past what is not sent; neither composes history. The client's "
          "times include its text; the RGA's are of one update. Processor time, as above."}};
  section.charts = {
      chart({"rga_peer_ms", "ot_server_ms"}, "one edit behind", "One edit that is behind"),
      chart({"rga_peer_ms", "ot_server_ms"}, "equal branches", "Who gets a branch of as many"),
      chart({"rga_client_ms", "ot_client_ms"}, "equal branches", "Who returns with as many")};
  section.tables.push_back(std::move(table));
  return section;
}

ReportSection CrossoverSection(const std::vector<MergeCost>& merges,
                               const std::vector<ReturnCost>& returns) {
  ReportTable table{.name = "crossovers",
                    .title = "Where they cross",
                    .columns = {{.key = "edits", .title = "Edits"},
                                {.key = "what", .title = "What is done"},
                                {.key = "along", .title = "Along"},
                                {.key = "cheaper_before", .title = "Cheaper before"},
                                {.key = "cheaper_after", .title = "Cheaper after"},
                                {.key = "at", .title = "Crossing at"},
                                {.key = "measured_below", .title = "Measured from"},
                                {.key = "measured_above", .title = "Measured to"},
                                {.key = "note", .title = "Note"}}};
  for (const auto& question : MergeQuestions()) Answer(question, merges, table);
  for (const auto& question : ReturnQuestions()) Answer(question, returns, table);
  return {.title = "Where they cross",
          .paragraphs = {"From the measurements of the two sections above. A crossing lies between "
                         "two measured sizes and is interpolated on logarithmic axes; where "
                         "nobody overtakes, the range that was measured is given. Costs that "
                         "differ by less than a tenth count as equal."},
          .charts = {},
          .tables = {std::move(table)}};
}

}  // namespace cotext
