// Workloads of ot/.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/budget/count_instructions.h"
#include "benchmarks/budget/typing_trace.h"
#include "benchmarks/budget/workloads.h"
#include "document/check.h"
#include "document/delta.h"
#include "document/document.h"
#include "document/offset.h"
#include "document/random.h"
#include "ot/commit_codec.h"
#include "ot/log_codec.h"
#include "ot/ot_document.h"
#include "ot/ot_replica.h"
#include "ot/pending_operation.h"
#include "ot/server_state.h"
#include "ot/submission.h"
#include "ot/transform.h"
#include "simulation/trace/trace.h"

namespace cotext {
namespace {

// What rga_typing does, here.
void OtTyping() {
  const Trace trace = MakeTypingTrace({.edits = 40'000});
  OtDocument document;
  cotext_count_instructions([&] {
    for (size_t t = 0; t < trace.transaction_count(); ++t) {
      document.BeginTransaction();
      for (const TracePatch patch : trace.patches(t)) {
        const CodePointOffset begin{patch.position};
        COTEXT_CHECK(
            document.Replace(begin, CodePointOffset{begin.value + patch.deleted}, patch.inserted));
      }
      document.CommitTransaction();
    }
  });
  COTEXT_CHECK(document.Text() == trace.end_content());
}

std::vector<Delta> ScatteredEdits(uint64_t length, uint64_t count, Random& random) {
  std::vector<Delta> edits(count);
  for (Delta& edit : edits) {
    edit.Retain(random.Below(length)).Insert("ab");
    length += 2;
  }
  return edits;
}

// Keystrokes in the middle of an operation of thousands of components: each must cost as much as in
// a small one.
void OtPendingTyping() {
  constexpr uint64_t kLength = 100'000;
  constexpr uint64_t kKeystrokes = 50'000;
  Random random(1);
  PendingOperation pending(ComposeAll(ScatteredEdits(kLength, 20'000, random)).value());
  const uint64_t before = pending.target_length();
  std::vector<Delta> keystrokes(kKeystrokes);
  for (uint64_t i = 0; i < kKeystrokes; ++i) keystrokes[i].Retain(kLength / 2 + i).Insert("x");
  cotext_count_instructions([&] {
    for (const Delta& keystroke : keystrokes) COTEXT_CHECK(pending.Compose(keystroke));
  });
  COTEXT_CHECK(pending.target_length() == before + kKeystrokes);
}

// Somebody comes back with edits, to a server that has as many others.
void OtReconnect() {
  constexpr uint64_t kEdits = 5'000;
  constexpr uint64_t kLength = 8 * kEdits;
  Random random(1);
  const std::vector<Delta> own = ScatteredEdits(kLength, kEdits, random);
  const std::vector<Delta> others = ScatteredEdits(kLength, kEdits, random);
  PendingOperation pending;
  std::vector<Delta> passed;
  passed.reserve(kEdits);
  cotext_count_instructions([&] {
    for (const Delta& edit : own) COTEXT_CHECK(pending.Compose(edit));
    for (const Delta& other : others) {
      passed.push_back(pending.TransformPast(other, Side::kLeft).value());
    }
  });
  const std::string text(kLength, '-');
  COTEXT_CHECK(Apply(ComposeAll(passed).value(), Apply(ComposeAll(own).value(), text).value()) ==
               Apply(pending.ToDelta(), Apply(ComposeAll(others).value(), text).value()).value());
}

// Hands what a client has to send, as bytes, to a server, and what that commits to the other.
void Exchange(OtReplica& from, OtReplica& to, OtServerState& server) {
  const std::optional<OtSubmission> next = from.NextSubmission();
  COTEXT_CHECK(next.has_value());
  const OtOutcome outcome = server.Apply(DecodeSubmission(EncodeSubmission(*next)).value());
  COTEXT_CHECK(outcome.revision.has_value());
  const std::string bytes = EncodeCommits(std::span(&server.CommitAt(*outcome.revision), 1));
  COTEXT_CHECK(to.OnCommit(DecodeCommits(bytes)->front()));
  COTEXT_CHECK(from.OnAcknowledged(next->seq, *outcome.revision));
}

// What rga_exchange does, through a server: two people type at the same time.
void OtExchange() {
  constexpr uint64_t kRounds = 3'000;
  OtServerState server;
  const auto alice = OtReplica::FromText(OtClientId{1}, 0, "").value();
  const auto bob = OtReplica::FromText(OtClientId{2}, 0, "").value();
  cotext_count_instructions([&] {
    Random random(1);
    for (uint64_t i = 0; i < kRounds; ++i) {
      for (OtReplica* const replica : {alice.get(), bob.get()}) {
        OtDocument& document = replica->document();
        const CodePointOffset at{random.Below(document.metrics().code_points + 1)};
        COTEXT_CHECK(document.Insert(at, "word "));
      }
      Exchange(*alice, *bob, server);
      // Bob's was made beside Alice's; it is in flight.
      Exchange(*bob, *alice, server);
    }
  });
  const std::string text = server.text().Text();
  COTEXT_CHECK(text.size() == kRounds * 10);
  COTEXT_CHECK(alice->document().Text() == text);
  COTEXT_CHECK(bob->document().Text() == text);
}

constexpr std::array kWorkloads = {
    Workload{.name = "ot_exchange", .run = OtExchange},
    Workload{.name = "ot_pending_typing", .run = OtPendingTyping},
    Workload{.name = "ot_reconnect", .run = OtReconnect},
    Workload{.name = "ot_typing", .run = OtTyping},
};

}  // namespace

std::span<const Workload> OtWorkloads() { return kWorkloads; }

}  // namespace cotext
