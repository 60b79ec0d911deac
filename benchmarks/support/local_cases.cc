#include "benchmarks/support/local_cases.h"

#include <string>
#include <string_view>

#include "benchmarks/support/edit_script.h"
#include "benchmarks/support/sample_text.h"
#include "benchmarks/support/stopwatch.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/offset.h"

namespace cotext {
namespace {

Sample TimeScript(const EditScript& script, std::string_view pasted) {
  RgaDocument document(ReplicaId{1});
  if (!pasted.empty() && !document.Insert(CodePointOffset{0}, pasted)) return {};
  Sample sample;
  sample.seconds = Seconds([&] { sample.correct = Apply(script, document); });
  sample.correct = sample.correct && document.Text() == ApplyToText(script, pasted);
  return sample;
}

// What one edit and its undo took.
struct EraseSamples {
  Sample erase;
  Sample undo;
};

EraseSamples TimeEraseAll(uint64_t n, uint64_t seed) {
  RgaDocument document(ReplicaId{1});
  if (!document.Insert(CodePointOffset{0}, MakeText(n, Alphabet::kAscii))) return {};
  if (!Apply(MakeScatteredInserts(n, n, seed), document)) return {};
  const std::string text = document.Text();
  EraseSamples samples;
  auto& [erase, undo] = samples;
  erase.seconds = Seconds([&] {
    erase.correct = document.Erase(CodePointOffset{0}, CodePointOffset{2 * n}).has_value();
  });
  erase.correct = erase.correct && document.Text().empty();
  undo.seconds = Seconds([&] { undo.correct = document.Undo().value_or(false); });
  undo.correct = undo.correct && document.Text() == text;
  return samples;
}

}  // namespace

Sample Append(uint64_t n, uint64_t) { return TimeScript(MakeTyping(0, n), ""); }

Sample Prepend(uint64_t n, uint64_t) { return TimeScript(MakePrepending(n), ""); }

Sample PingPong(uint64_t n, uint64_t) {
  return TimeScript(MakePingPong(50, n), MakeText(100, Alphabet::kAscii));
}

Sample ScatteredEdits(uint64_t n, uint64_t seed) {
  return TimeScript(MakeScattered(0, n, seed), "");
}

Sample ClusteredEdits(uint64_t n, uint64_t seed) {
  return TimeScript(MakeClustered(0, n, seed), "");
}

Sample SplitOneRun(uint64_t n, uint64_t seed) {
  return TimeScript(MakeScatteredInserts(4 * n, n, seed), MakeText(4 * n, Alphabet::kAscii));
}

Sample EraseAll(uint64_t n, uint64_t seed) { return TimeEraseAll(n, seed).erase; }

Sample UndoEraseAll(uint64_t n, uint64_t seed) { return TimeEraseAll(n, seed).undo; }

}  // namespace cotext
