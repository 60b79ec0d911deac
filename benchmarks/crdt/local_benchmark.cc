// Editing an RgaDocument, a transaction per key: times should grow with log n.
//
// Edits of a large document are made on a fork of it, so that every iteration finds the same one.
// The Large benchmarks, of ten million characters or operations, run once and tell their parts
// apart by counters.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

#include "benchmarks/support/case_benchmark.h"
#include "benchmarks/support/edit_script.h"
#include "benchmarks/support/local_cases.h"
#include "benchmarks/support/sample_document.h"
#include "benchmarks/support/sample_text.h"
#include "benchmarks/support/stopwatch.h"
#include "crdt/change.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "crdt/rga_document.h"
#include "document/check.h"
#include "document/offset.h"
#include "document/random.h"

namespace cotext {
namespace {

constexpr uint64_t kBatch = 10'000;
constexpr uint64_t kLarge = 10'000'000;
constexpr ReplicaId kEditor{2};
constexpr ReplicaId kPeer{3};

double NanosecondsPer(double seconds, uint64_t count) {
  return seconds * 1e9 / static_cast<double>(count);
}

// Makes the edits of `make_script(length)` on a document of state.range(0) characters.
template <typename MakeScript>
void EditLargeDocument(benchmark::State& state, MakeScript make_script) {
  const auto length = static_cast<uint64_t>(state.range(0));
  const auto document = MakeDocument(length, length / 4, Alphabet::kAscii);
  const EditScript script = make_script(document->metrics().code_points);
  const std::string expected = ApplyToText(script, document->Text());
  double seconds = 0;
  uint64_t edits = 0;
  for (auto _ : state) {
    const auto fork = document->Fork(kEditor);
    const double took = Seconds([&] { COTEXT_CHECK(Apply(script, *fork)); });
    COTEXT_CHECK(fork->Text() == expected);
    state.SetIterationTime(took);
    seconds += took;
    edits += script.size();
  }
  state.counters["ns_per_op"] = NanosecondsPer(seconds, edits);
}

void TypeInMiddle(benchmark::State& state) {
  EditLargeDocument(state, [](uint64_t length) { return MakeTyping(length / 2, kBatch); });
}

void TypeAndBackspace(benchmark::State& state) {
  EditLargeDocument(state,
                    [](uint64_t length) { return MakeTypingWithBackspaces(length / 2, kBatch); });
}

void RandomEdits(benchmark::State& state) {
  EditLargeDocument(state,
                    [](uint64_t length) { return MakeScattered(length, kBatch, /*seed=*/2); });
}

// Pastes a text into an empty document, then edits it at random places.
void LargePaste(benchmark::State& state) {
  const std::string text = MakeText(kLarge, Alphabet::kAscii);
  const EditScript script = MakeScattered(kLarge, 10 * kBatch, /*seed=*/1);
  for (auto _ : state) {
    RgaDocument document(kEditor);
    const double paste = Seconds([&] { COTEXT_CHECK(document.Insert(CodePointOffset{0}, text)); });
    const double edit = Seconds([&] { COTEXT_CHECK(Apply(script, document)); });
    COTEXT_CHECK(document.Text() == ApplyToText(script, text));
    state.SetIterationTime(paste + edit);
    state.counters["paste_ms"] = paste * 1e3;
    state.counters["ns_per_edit"] = NanosecondsPer(edit, script.size());
  }
}

// Deletes all of a document in which `edits` edits were made, in one edit, and undoes that.
void LargeErase(benchmark::State& state, uint64_t edits) {
  const auto document = MakeDocument(kLarge, edits, Alphabet::kAscii);
  const std::string text = document->Text();
  for (auto _ : state) {
    const CodePointOffset end{document->metrics().code_points};
    const double erase = Seconds([&] { COTEXT_CHECK(document->Erase(CodePointOffset{0}, end)); });
    COTEXT_CHECK(document->Text().empty());
    const double undo = Seconds([&] { COTEXT_CHECK(document->Undo().value_or(false)); });
    COTEXT_CHECK(document->Text() == text);
    state.SetIterationTime(erase);
    state.counters["runs"] = static_cast<double>(CountRuns(document->rga()));
    state.counters["undo_ms"] = undo * 1e3;
  }
}

// Returns `count` inserts by kPeer at random places of the text, made at the document's frontier.
Update MakeConcurrentEdits(const RgaDocument& document, uint64_t count) {
  const Rga& rga = document.rga();
  Random random(4);
  Update update;
  OpId parent = document.frontier().back();
  COTEXT_CHECK(document.frontier().size() == 1);
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t position = random.Below(document.metrics().code_points);
    const OpId id{.counter = parent.counter + 1, .replica = kPeer};
    update.BeginChange(id.replica, id.counter);
    update.AddParent(parent);
    update.AddInsert(rga.history().IdOf(rga.sequence().ElementAt(position)), 1, "*");
    parent = id;
  }
  return update;
}

// Opens a document with a long history, edits it, and merges what a peer did meanwhile.
void OpenEditMerge(benchmark::State& state, const Update& history, const std::string& text) {
  const EditScript script = MakeClustered(text.size(), kBatch, /*seed=*/3);
  RgaDocument document(kEditor);
  const double open = Seconds([&] { COTEXT_CHECK(document.MergeUpdate(history)); });
  COTEXT_CHECK(document.Text() == text);
  const Update concurrent = MakeConcurrentEdits(document, kBatch);
  const double edit = Seconds([&] { COTEXT_CHECK(Apply(script, document)); });
  std::string edited = document.Text();
  COTEXT_CHECK(edited == ApplyToText(script, text));
  const double merge = Seconds([&] { COTEXT_CHECK(document.MergeUpdate(concurrent)); });
  std::string merged = document.Text();
  std::erase(merged, '*');
  COTEXT_CHECK(document.metrics().code_points == edited.size() + concurrent.size());
  COTEXT_CHECK(merged == edited);
  state.SetIterationTime(open);
  state.counters["open_ns_per_op"] = NanosecondsPer(open, kLarge);
  state.counters["edit_ns"] = NanosecondsPer(edit, script.size());
  state.counters["merge_ns"] = NanosecondsPer(merge, concurrent.size());
  const Rga& rga = document.rga();
  const auto bytes = static_cast<double>(rga.AllocatedBytes());
  state.counters["bytes_per_char"] = bytes / rga.history().text.end().value;
  state.counters["bytes_per_run"] = bytes / static_cast<double>(CountRuns(rga));
}

// `make_script` is one of edit_script.h.
void LargeHistory(benchmark::State& state,
                  EditScript (*make_script)(uint64_t length, uint64_t count, uint64_t seed)) {
  for (auto _ : state) {
    EditScript script = make_script(0, kLarge, /*seed=*/1);
    const std::string text = ApplyToText(script, "");
    Update history;
    double build = 0;
    {
      RgaDocument author(ReplicaId{1});
      build = Seconds([&] { COTEXT_CHECK(Apply(script, author)); });
      EditScript().swap(script);
      history = author.ChangesSince({});
    }
    OpenEditMerge(state, history, text);
    state.counters["build_ns_per_op"] = NanosecondsPer(build, kLarge);
  }
}

void RegisterAll() {
  using benchmark::RegisterBenchmark;
  RegisterCase("Append", Append, 1'000, 1'000'000);
  RegisterCase("Prepend", Prepend, 1'000, 100'000);
  RegisterCase("SplitOneRun", SplitOneRun, 1'000, 100'000);
  RegisterCase("PingPong", PingPong, 1'000, 1'000'000);
  RegisterCase("ClusteredEdits", ClusteredEdits, 1'000, 1'000'000);
  RegisterCase("ScatteredEdits", ScatteredEdits, 1'000, 1'000'000);
  RegisterCase("EraseAll", EraseAll, 1'000, 1'000'000);
  RegisterCase("UndoEraseAll", UndoEraseAll, 1'000, 1'000'000);
  for (benchmark::internal::Benchmark* const one :
       {RegisterBenchmark("TypeInMiddle", TypeInMiddle),
        RegisterBenchmark("TypeAndBackspace", TypeAndBackspace),
        RegisterBenchmark("RandomEdits", RandomEdits)}) {
    one->RangeMultiplier(10)
        ->Range(10'000, 1'000'000)
        ->Unit(benchmark::kMillisecond)
        ->UseManualTime();
  }
  for (benchmark::internal::Benchmark* const one :
       {RegisterBenchmark("LargePaste", LargePaste),
        RegisterBenchmark("LargeErase/pasted", LargeErase, uint64_t{0}),
        RegisterBenchmark("LargeErase/edited", LargeErase, uint64_t{1'000'000}),
        RegisterBenchmark("LargeHistory/clustered", LargeHistory, MakeClustered),
        RegisterBenchmark("LargeHistory/scattered", LargeHistory, MakeScattered)}) {
    one->Iterations(1)->Unit(benchmark::kMillisecond)->UseManualTime();
  }
}

}  // namespace
}  // namespace cotext

int main(int argc, char** argv) {
  cotext::RegisterAll();
  return cotext::RunBenchmarks(argc, argv);
}
