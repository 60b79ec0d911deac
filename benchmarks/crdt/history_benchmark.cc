// Looking into the past of real editing traces: the text at a version, the delta between two, the
// authors of a text. "Middle" is the version that half of the transactions lead to.
//
// Making the history is out of the clock. Checkout includes checking the version and copying the
// text; so does Delta, of two versions. Each result is compared with what another way gives.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/support/case_benchmark.h"
#include "benchmarks/support/trace_source.h"
#include "crdt/blame.h"
#include "crdt/change.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/check.h"
#include "document/delta.h"
#include "document/error.h"
#include "document/offset.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_history.h"
#include "simulation/trace/trace_repeat.h"

namespace cotext {
namespace {

struct Workload {
  const char* trace;
  uint64_t repeat = 1;
};

// A trace as a document, and two of its versions.
struct Input {
  explicit Input(ReplicaId reader) : document(reader) {}
  RgaDocument document;
  VersionVector middle;
  VersionVector all;
  std::string end_content;
};

Expected<std::unique_ptr<Input>> MakeInput(const Workload& workload) {
  auto trace = ReadNamedTrace(workload.trace);
  if (trace && workload.repeat > 1) trace = Repeat(*trace, workload.repeat);
  if (!trace) return std::unexpected(std::move(trace).error());
  const auto history = BuildHistory(*trace);
  if (!history) return std::unexpected(history.error());
  auto input = std::make_unique<Input>(ReaderOf(*trace));
  COTEXT_RETURN_IF_ERROR(input->document.MergeUpdate(history->changes));
  const ChangeView middle = history->changes[history->changes.size() / 2];
  const OpId head{.counter = middle.first_counter + middle.Length() - 1, .replica = middle.replica};
  input->middle = input->document.VersionOf(std::vector{head}).value();
  input->all = input->document.version_vector();
  input->end_content = trace->end_content();
  return input;
}

// Returns the input, made once however often benchmarks run. The error says why there is none.
Expected<const Input*> FindInput(const Workload& workload) {
  static std::map<std::pair<std::string, uint64_t>, std::unique_ptr<Input>> inputs;
  std::unique_ptr<Input>& input = inputs[{workload.trace, workload.repeat}];
  if (input == nullptr) {
    auto made = MakeInput(workload);
    if (!made) return std::unexpected(made.error());
    input = *std::move(made);
  }
  return input.get();
}

using Timed = void (*)(benchmark::State&, const Input&);

void CheckoutAll(benchmark::State& state, const Input& input) {
  for (auto _ : state) {
    const auto text = input.document.TextAt(input.all);
    COTEXT_CHECK(text == input.end_content);
  }
}

void CheckoutMiddle(benchmark::State& state, const Input& input) {
  const auto delta = input.document.DeltaBetween(input.middle, input.all);
  std::string text;
  for (auto _ : state) text = input.document.TextAt(input.middle).value();
  COTEXT_CHECK(Apply(*delta, text) == input.end_content);
}

void DeltaFromMiddle(benchmark::State& state, const Input& input) {
  Delta delta;
  for (auto _ : state) delta = input.document.DeltaBetween(input.middle, input.all).value();
  COTEXT_CHECK(Apply(delta, input.document.TextAt(input.middle).value()) == input.end_content);
}

void BlameAll(benchmark::State& state, const Input& input) {
  std::vector<BlameRange> ranges;
  const CodePointOffset end{input.document.metrics().code_points};
  for (auto _ : state) ranges = input.document.Blame(CodePointOffset{0}, end).value();
  COTEXT_CHECK(ranges == input.document.BlameAt(input.all));
  state.counters["ranges"] = static_cast<double>(ranges.size());
}

void BlameMiddle(benchmark::State& state, const Input& input) {
  std::vector<BlameRange> ranges;
  for (auto _ : state) ranges = input.document.BlameAt(input.middle).value();
  state.counters["ranges"] = static_cast<double>(ranges.size());
}

void Run(benchmark::State& state, Timed timed, const Workload& workload) {
  const Expected<const Input*> input = FindInput(workload);
  if (!input) return state.SkipWithError(input.error().message.c_str());
  timed(state, **input);
}

void RegisterAll() {
  for (const Workload& workload : {Workload{"automerge-paper"}, Workload{"A1"}, Workload{"A2"},
                                   Workload{"friendsforever"}, Workload{"friendsforever", 25}}) {
    const std::string times = workload.repeat > 1 ? "_x" + std::to_string(workload.repeat) : "";
    for (const auto& [name, timed] :
         {std::pair("CheckoutMiddle", &CheckoutMiddle), std::pair("CheckoutAll", &CheckoutAll),
          std::pair("DeltaFromMiddle", &DeltaFromMiddle), std::pair("BlameMiddle", &BlameMiddle),
          std::pair("BlameAll", &BlameAll)}) {
      benchmark::RegisterBenchmark((std::string(name) + "/" + workload.trace + times).c_str(), Run,
                                   timed, workload)
          ->Unit(benchmark::kMicrosecond);
    }
  }
}

}  // namespace
}  // namespace cotext

int main(int argc, char** argv) {
  cotext::RegisterAll();
  return cotext::RunBenchmarks(argc, argv);
}
