// Real editing traces: typed into a plain TextBuffer and into an RgaDocument, side by side, and
// merged from the changes of all their authors. Merge receives a change per transaction, as they
// were made; MergeExported what a replica that has them all hands on, with what continues joined.
// Load opens the saved document, without compression, up to a replica that can be edited.
//
// Reading files, decoding patches and making the history are out of the clock, and so is comparing
// the text with the trace's own after every iteration. Both local benchmarks are in one binary:
// --benchmark_enable_random_interleaving=true --benchmark_repetitions=N gives a fair ratio.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "benchmarks/support/case_benchmark.h"
#include "benchmarks/support/sample_document.h"
#include "benchmarks/support/stopwatch.h"
#include "benchmarks/support/trace_source.h"
#include "crdt/change.h"
#include "crdt/codec/document_file.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "crdt/rga_document.h"
#include "crdt/rga_text.h"
#include "document/check.h"
#include "document/document_id.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/text_buffer.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_history.h"
#include "simulation/trace/trace_repeat.h"

namespace cotext {
namespace {

struct Workload {
  const char* trace;
  uint64_t repeat = 1;
};

// A trace, and once somebody merges it, its history: a change per transaction, and as a replica
// that has it all hands it on.
struct Input {
  Trace trace;
  Update history;
  Update exported;
};

// Returns the trace, read once however often benchmarks run. The error says why there is none.
Expected<Input*> FindInput(const Workload& workload) {
  static std::map<std::pair<std::string, uint64_t>, std::unique_ptr<Input>> inputs;
  std::unique_ptr<Input>& input = inputs[{workload.trace, workload.repeat}];
  if (input == nullptr) {
    auto trace = ReadNamedTrace(workload.trace);
    if (!trace) return std::unexpected(std::move(trace).error());
    if (workload.repeat > 1) trace = Repeat(*trace, workload.repeat);
    if (!trace) return std::unexpected(std::move(trace).error());
    input = std::make_unique<Input>(*std::move(trace), Update(), Update());
  }
  return input.get();
}

// A patch, decoded before the clock runs.
struct Keys {
  CodePointOffset begin;
  uint64_t erased;
  std::string_view inserted;
  bool is_last;  // Of its transaction.
};

std::vector<Keys> DecodeKeys(const Trace& trace) {
  std::vector<Keys> keys;
  keys.reserve(trace.patch_count());
  for (size_t t = 0; t < trace.transaction_count(); ++t) {
    for (const TracePatch patch : trace.patches(t)) {
      keys.push_back(Keys{.begin = {patch.position},
                          .erased = patch.deleted,
                          .inserted = patch.inserted,
                          .is_last = false});
    }
    if (trace.patches(t).size() > 0) keys.back().is_last = true;
  }
  return keys;
}

void TypeKeys(const std::vector<Keys>& keys, TextBuffer& buffer) {
  for (const Keys& key : keys) COTEXT_CHECK(buffer.Replace(key.begin, key.erased, key.inserted));
}

void TypeKeys(const std::vector<Keys>& keys, RgaDocument& document) {
  for (const Keys& key : keys) {
    if (!document.in_transaction()) document.BeginTransaction();
    const CodePointOffset end{key.begin.value + key.erased};
    COTEXT_CHECK(document.Replace(key.begin, end, key.inserted));
    if (key.is_last) document.CommitTransaction();
  }
}

// Times typing the trace into what `make` returns, a pointer to an empty text.
template <typename Make>
void TimeTyping(benchmark::State& state, const Workload& workload, Make make) {
  const Expected<Input*> input = FindInput(workload);
  if (!input) return state.SkipWithError(input.error().message.c_str());
  const Trace& trace = (*input)->trace;
  COTEXT_CHECK(IsLinear(trace));
  const std::vector<Keys> keys = DecodeKeys(trace);
  double seconds = 0;
  double rounds = 0;
  for (auto _ : state) {
    const auto text = make();
    const double took = Seconds([&] { TypeKeys(keys, *text); });
    COTEXT_CHECK(text->Text() == trace.end_content());
    state.SetIterationTime(took);
    seconds += took;
    ++rounds;
  }
  state.counters["ns_per_patch"] =
      seconds * 1e9 / (rounds * static_cast<double>(trace.patch_count()));
}

void LocalTextBuffer(benchmark::State& state, const Workload& workload) {
  TimeTyping(state, workload, [] { return std::make_unique<TextBuffer>(); });
}

void LocalRga(benchmark::State& state, const Workload& workload) {
  TimeTyping(state, workload, [] { return std::make_unique<RgaDocument>(ReplicaId{1}); });
}

// Sets the counters of merges of `update` that took `ns` nanoseconds each and gave `document`.
void CountMerge(benchmark::State& state, const Trace& trace, const Update& update,
                const RgaDocument& document, double ns) {
  const Rga& rga = document.rga();
  const auto per = [&](const char* name, double total, uint64_t count) {
    state.counters[name] = total / static_cast<double>(count);
  };
  per("ns_per_operation", ns, CountOperations(update));
  per("ns_per_patch", ns, trace.patch_count());
  per("ns_per_entry", ns, rga.history().log.entry_count());
  const auto bytes = static_cast<double>(rga.AllocatedBytes());
  per("bytes_per_char", bytes, rga.history().text.end().value);
  per("bytes_per_run", bytes, CountRuns(rga));
}

// Times opening an empty document, receiving all changes as one update, and reading the text.
void TimeMerge(benchmark::State& state, const Trace& trace, const Update& update) {
  const ReplicaId reader = ReaderOf(trace);
  double seconds = 0;
  double rounds = 0;
  std::unique_ptr<RgaDocument> document;
  for (auto _ : state) {
    document.reset();
    std::string text;
    const double took = Seconds([&] {
      document = std::make_unique<RgaDocument>(reader);
      COTEXT_CHECK(document->MergeUpdate(update));
      text = document->Text();
    });
    COTEXT_CHECK(text == trace.end_content());
    state.SetIterationTime(took);
    seconds += took;
    ++rounds;
  }
  if (rounds > 0) CountMerge(state, trace, update, *document, seconds * 1e9 / rounds);
}

// Makes the two forms of the history unless they are there.
void PrepareHistory(Input& input) {
  if (!input.history.empty()) return;
  auto made = BuildHistory(input.trace);
  COTEXT_CHECK(made.has_value());
  input.history = std::move(made->changes);
  auto sent = AsSentByPeer(input.trace, input.history);
  COTEXT_CHECK(sent.has_value());
  input.exported = *std::move(sent);
}

void Merge(benchmark::State& state, const Workload& workload) {
  const Expected<Input*> input = FindInput(workload);
  if (!input) return state.SkipWithError(input.error().message.c_str());
  PrepareHistory(**input);
  TimeMerge(state, (*input)->trace, (*input)->history);
}

void MergeExported(benchmark::State& state, const Workload& workload) {
  const Expected<Input*> input = FindInput(workload);
  if (!input) return state.SkipWithError(input.error().message.c_str());
  PrepareHistory(**input);
  TimeMerge(state, (*input)->trace, (*input)->exported);
}

void Load(benchmark::State& state, const Workload& workload) {
  const Expected<Input*> input = FindInput(workload);
  if (!input) return state.SkipWithError(input.error().message.c_str());
  PrepareHistory(**input);
  const Trace& trace = (*input)->trace;
  RgaDocument document(ReaderOf(trace));
  COTEXT_CHECK(document.MergeUpdate((*input)->exported));
  const std::string bytes = EncodeDocumentFile(document.rga(), DocumentId{}, FileEncoding{});
  double seconds = 0;
  double rounds = 0;
  for (auto _ : state) {
    Expected<Rga> rga = std::unexpected(Error{});
    const double took = Seconds([&] {
      const auto file = DocumentFile::Open(bytes, {});
      COTEXT_CHECK(file.has_value());
      rga = file->Load(ReaderOf(trace));
      COTEXT_CHECK(rga.has_value());
    });
    COTEXT_CHECK(VisibleText(*rga) == trace.end_content());
    state.SetIterationTime(took);
    seconds += took;
    ++rounds;
  }
  state.counters["ns_per_operation"] =
      seconds * 1e9 / (rounds * static_cast<double>(CountOperations((*input)->exported)));
}

using Function = void (*)(benchmark::State&, const Workload&);

void Register(const std::string& name, Function function, const Workload& workload) {
  const std::string times = workload.repeat > 1 ? "_x" + std::to_string(workload.repeat) : "";
  benchmark::RegisterBenchmark((name + "/" + workload.trace + times).c_str(), function, workload)
      ->Unit(benchmark::kMillisecond)
      ->UseManualTime();
}

void RegisterAll() {
  for (const char* const trace :
       {"automerge-paper", "rustcode", "sveltecomponent", "friendsforever_flat"}) {
    Register("LocalTextBuffer", LocalTextBuffer, {.trace = trace});
    Register("LocalRga", LocalRga, {.trace = trace});
    Register("Load", Load, {.trace = trace});
  }
  for (const Workload& workload : {Workload{"automerge-paper"}, Workload{"A1"}, Workload{"A2"},
                                   Workload{"friendsforever"}, Workload{"friendsforever", 25}}) {
    Register("Merge", Merge, workload);
    Register("MergeExported", MergeExported, workload);
    if (std::string_view(workload.trace) != "automerge-paper") Register("Load", Load, workload);
  }
}

}  // namespace
}  // namespace cotext

int main(int argc, char** argv) {
  cotext::RegisterAll();
  return cotext::RunBenchmarks(argc, argv);
}
