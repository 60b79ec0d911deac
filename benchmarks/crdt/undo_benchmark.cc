// Undo and redo of n single-character edits, as one step and as n steps, and storing n steps. A
// case undoes everything and redoes it: the time per operation is that of both, for one edit.
#include <cstdint>
#include <memory>
#include <string>

#include "benchmarks/support/case_benchmark.h"
#include "benchmarks/support/stopwatch.h"
#include "benchmarks/support/timed_case.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/check.h"
#include "document/offset.h"
#include "document/random.h"
#include "document/undo_manager.h"

namespace cotext {
namespace {

constexpr ReplicaId kMe{1};

enum class Kind : uint8_t { kTyping, kInserting, kDeleting };
enum class Grouping : uint8_t { kOneStep, kManySteps };

std::unique_ptr<RgaDocument> NewDocument(uint64_t n) {
  auto document = std::make_unique<RgaDocument>(kMe);
  document->undo_manager().SetOptions(
      {.max_steps = static_cast<size_t>(n) + 1, .max_bytes = size_t{1} << 30U});
  return document;
}

// Types at the end, or inserts or deletes anywhere.
void Edit(RgaDocument& document, Kind kind, uint64_t n, uint64_t seed) {
  Random random(seed);
  for (uint64_t i = 0; i < n; ++i) {
    const uint64_t length = document.metrics().code_points;
    if (kind == Kind::kDeleting) {
      const uint64_t at = random.Below(length);
      COTEXT_CHECK(document.Erase(CodePointOffset{at}, CodePointOffset{at + 1}));
    } else {
      const uint64_t at = kind == Kind::kTyping ? length : random.Below(length + 1);
      COTEXT_CHECK(document.Insert(CodePointOffset{at}, "a"));
    }
  }
}

template <Kind kKind, Grouping kGrouping>
Sample ThereAndBack(uint64_t n, uint64_t seed) {
  const std::unique_ptr<RgaDocument> document = NewDocument(n);
  if (kKind == Kind::kDeleting) {
    std::string text;
    for (uint64_t i = 0; i < n; ++i) text += static_cast<char>('a' + i % 26);
    COTEXT_CHECK(document->Insert(CodePointOffset{0}, text));
  }
  document->undo_manager().Clear();
  const std::string before = document->Text();
  if (kGrouping == Grouping::kOneStep) document->undo_manager().BeginGroup();
  Edit(*document, kKind, n, seed);
  const std::string after = document->Text();
  Sample sample;
  sample.seconds = Seconds([&] {
    while (document->CanUndo()) COTEXT_CHECK(document->Undo());
  });
  sample.correct = document->Text() == before;
  sample.seconds += Seconds([&] {
    while (document->CanRedo()) COTEXT_CHECK(document->Redo());
  });
  sample.correct = sample.correct && document->Text() == after;
  return sample;
}

Sample EncodeAndDecode(uint64_t n, uint64_t seed) {
  const std::unique_ptr<RgaDocument> document = NewDocument(n);
  Edit(*document, Kind::kInserting, n, seed);
  Sample sample;
  sample.seconds = Seconds([&] {
    const std::string bytes = document->EncodeUndo();
    sample.correct = document->DecodeUndo(bytes).has_value();
  });
  return sample;
}

void RegisterAll() {
  constexpr int64_t kLeast = 1'000;
  constexpr int64_t kMost = 1'000'000;
  RegisterCase("typing, one step", ThereAndBack<Kind::kTyping, Grouping::kOneStep>, kLeast, kMost);
  RegisterCase("typing, n steps", ThereAndBack<Kind::kTyping, Grouping::kManySteps>, kLeast, kMost);
  RegisterCase("inserting anywhere, one step", ThereAndBack<Kind::kInserting, Grouping::kOneStep>,
               kLeast, kMost);
  RegisterCase("inserting anywhere, n steps", ThereAndBack<Kind::kInserting, Grouping::kManySteps>,
               kLeast, kMost);
  RegisterCase("deleting anywhere, one step", ThereAndBack<Kind::kDeleting, Grouping::kOneStep>,
               kLeast, kMost);
  RegisterCase("deleting anywhere, n steps", ThereAndBack<Kind::kDeleting, Grouping::kManySteps>,
               kLeast, kMost);
  RegisterCase("storing n steps", EncodeAndDecode, kLeast, kMost);
}

}  // namespace
}  // namespace cotext

int main(int argc, char** argv) {
  cotext::RegisterAll();
  return cotext::RunBenchmarks(argc, argv);
}
