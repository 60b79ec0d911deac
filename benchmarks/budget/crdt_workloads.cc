// Workloads of crdt/, through RgaDocument, which is what its users call.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/budget/count_instructions.h"
#include "benchmarks/budget/text_places.h"
#include "benchmarks/budget/typing_trace.h"
#include "benchmarks/budget/workloads.h"
#include "crdt/change.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/anchor.h"
#include "document/check.h"
#include "document/document.h"
#include "document/offset.h"
#include "document/random.h"
#include "document/text_buffer.h"
#include "document/undo_manager.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_generator.h"
#include "simulation/trace/trace_history.h"
#include "simulation/trace/trace_repeat.h"

namespace cotext {
namespace {

constexpr ReplicaId kLocal{1};
// One that no trace's agent has.
constexpr ReplicaId kReader{1'000'000};

// Applies the patches, each transaction of the trace as one of the document.
void ApplyPatches(const Trace& trace, RgaDocument& document) {
  for (size_t t = 0; t < trace.transaction_count(); ++t) {
    document.BeginTransaction();
    for (const TracePatch patch : trace.patches(t)) {
      const CodePointOffset begin{patch.position};
      COTEXT_CHECK(
          document.Replace(begin, CodePointOffset{begin.value + patch.deleted}, patch.inserted));
    }
    document.CommitTransaction();
  }
}

void EditLocally(const Trace& trace) {
  RgaDocument document(kLocal);
  cotext_count_instructions([&] { ApplyPatches(trace, document); });
  COTEXT_CHECK(document.Text() == trace.end_content());
}

// Receives everything at once and reads the text, as who opens a document does.
void MergeAll(const Update& update, const std::string& expected) {
  RgaDocument document(kReader);
  std::string text;
  cotext_count_instructions([&] {
    COTEXT_CHECK(document.MergeUpdate(update));
    text = document.Text();
  });
  COTEXT_CHECK(text == expected);
}

void RgaTyping() { EditLocally(MakeTypingTrace({.edits = 40'000})); }

void RgaRandomEdits() { EditLocally(MakeTypingTrace({.edits = 15'000, .jump_percent = 100})); }

void RgaMergeSequential() {
  const Trace trace = MakeTypingTrace({.edits = 30'000, .jump_percent = 10});
  MergeAll(BuildHistory(trace)->changes, trace.end_content());
}

// The generator is quadratic, so its trace is written several times over.
void RgaMergeConcurrent() {
  const Trace once = *Generate({.agents = 8, .transactions = 1'000, .merge_percent = 20});
  const Trace trace = *Repeat(once, 8);
  MergeAll(BuildHistory(trace)->changes, trace.end_content());
}

// Thousands of replicas that know nothing of each other write at the beginning. Those with greater
// ids come first, whatever the order of arrival.
void RgaMergeSiblings() {
  constexpr uint64_t kReplicas = 6'000;
  Random random(1);
  std::vector<uint64_t> arrivals(kReplicas);
  for (uint64_t i = 0; i < kReplicas; ++i) {
    arrivals[i] = i + 1;
    std::swap(arrivals[i], arrivals[random.Below(i + 1)]);
  }
  Update update;
  for (const uint64_t replica : arrivals) {
    RgaDocument document(ReplicaId{replica});
    COTEXT_CHECK(document.Insert(CodePointOffset{0}, std::to_string(replica)));
    update.Append(document.ChangesSince({}));
  }
  std::string expected;
  for (uint64_t replica = kReplicas; replica > 0; --replica) expected += std::to_string(replica);
  MergeAll(update, expected);
}

// Conversions between units, and anchors, in a text of many runs.
void RgaLookups() {
  const Trace trace = MakeTypingTrace({.edits = 15'000, .jump_percent = 50});
  RgaDocument document(kReader);
  COTEXT_CHECK(document.MergeUpdate(BuildHistory(trace)->changes));
  const std::vector<TextPlace> places = RandomPlaces(trace.end_content(), 10'000);
  cotext_count_instructions([&] {
    ConvertPlaces(document, places);
    for (const TextPlace& place : places) {
      for (const Bias bias : {Bias::kBefore, Bias::kAfter}) {
        const auto anchor = document.CreateAnchor(place.code_point, bias);
        COTEXT_CHECK(anchor);
        COTEXT_CHECK(document.ResolveAnchor(*anchor) == place.code_point);
      }
    }
  });
}

// Takes back everything, of which not more than this is remembered, and does it again.
void RgaUndo() {
  const Trace trace = MakeTypingTrace({.edits = UndoOptions().max_steps, .jump_percent = 10});
  RgaDocument document(kLocal);
  ApplyPatches(trace, document);
  cotext_count_instructions([&] {
    while (document.CanUndo()) COTEXT_CHECK(document.Undo() == true);
    COTEXT_CHECK(document.metrics() == TextMetrics());
    while (document.CanRedo()) COTEXT_CHECK(document.Redo() == true);
  });
  COTEXT_CHECK(document.Text() == trace.end_content());
}

// A document with an editor's view of it, which follows the document's deltas.
struct Peer {
  explicit Peer(ReplicaId replica) : document(replica) {
    document.Subscribe([this](const DeltaEvent& event) { COTEXT_CHECK(view.Apply(event.delta)); });
  }

  // Types a word somewhere.
  void Type(Random& random) {
    const CodePointOffset at{random.Below(document.metrics().code_points + 1)};
    COTEXT_CHECK(document.Insert(at, "word "));
  }

  void Receive(const Peer& from) {
    const auto update = from.document.EncodeSince(document.version());
    COTEXT_CHECK(update);
    COTEXT_CHECK(document.Merge(*update));
  }

  RgaDocument document;
  TextBuffer view;
};

// Two people write at the same time and send each other bytes; one of them erases, too, so that the
// length is known.
void RgaExchange() {
  constexpr uint64_t kRounds = 3'000;
  Peer alice(kLocal);
  Peer bob(kReader);
  cotext_count_instructions([&] {
    Random random(1);
    for (uint64_t i = 0; i < kRounds; ++i) {
      alice.Type(random);
      bob.Type(random);
      const CodePointOffset at{random.Below(alice.document.metrics().code_points)};
      COTEXT_CHECK(alice.document.Erase(at, CodePointOffset{at.value + 1}));
      alice.Receive(bob);
      bob.Receive(alice);
    }
  });
  const std::string text = alice.document.Text();
  COTEXT_CHECK(text.size() == kRounds * 9);
  COTEXT_CHECK(bob.document.Text() == text);
  COTEXT_CHECK(alice.view.Text() == text);
  COTEXT_CHECK(bob.view.Text() == text);
}

constexpr std::array kWorkloads = {
    Workload{.name = "rga_exchange", .run = RgaExchange},
    Workload{.name = "rga_lookups", .run = RgaLookups},
    Workload{.name = "rga_merge_concurrent", .run = RgaMergeConcurrent},
    Workload{.name = "rga_merge_sequential", .run = RgaMergeSequential},
    Workload{.name = "rga_merge_siblings", .run = RgaMergeSiblings},
    Workload{.name = "rga_random_edits", .run = RgaRandomEdits},
    Workload{.name = "rga_typing", .run = RgaTyping},
    Workload{.name = "rga_undo", .run = RgaUndo},
};

}  // namespace

std::span<const Workload> CrdtWorkloads() { return kWorkloads; }

}  // namespace cotext
