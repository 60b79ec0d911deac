// A document of OT: typing beside the bare text, edits of others, undo past others, anchors.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "benchmarks/support/case_benchmark.h"
#include "benchmarks/support/stopwatch.h"
#include "benchmarks/support/timed_case.h"
#include "document/anchor.h"
#include "document/check.h"
#include "document/delta.h"
#include "document/offset.h"
#include "document/random.h"
#include "document/text_buffer.h"
#include "document/undo_manager.h"
#include "ot/ot_document.h"

namespace cotext {
namespace {

constexpr uint64_t kLength = 100'000;

std::string SampleText() {
  std::string text;
  for (uint64_t i = 0; i < kLength; ++i) text += static_cast<char>('a' + i % 26);
  return text;
}

std::unique_ptr<OtDocument> NewDocument(uint64_t steps) {
  auto document = OtDocument::FromText(SampleText());
  COTEXT_CHECK(document);
  (*document)->undo_manager().SetOptions(
      {.max_steps = static_cast<size_t>(steps) + 1, .max_bytes = size_t{1} << 30U});
  return *std::move(document);
}

// Typing.

Sample TypeIntoText(uint64_t n, uint64_t /*seed*/) {
  auto text = TextBuffer::FromText(SampleText());
  Sample sample;
  sample.seconds = Seconds([&] {
    for (uint64_t i = 0; i < n; ++i) {
      COTEXT_CHECK(text->Insert(CodePointOffset{kLength / 2 + i}, "x"));
    }
  });
  sample.correct = text->metrics().code_points == kLength + n;
  return sample;
}

template <bool kScattered>
Sample EditDocument(uint64_t n, uint64_t seed) {
  const auto document = NewDocument(10'000);
  Random random(seed);
  Sample sample;
  sample.seconds = Seconds([&] {
    for (uint64_t i = 0; i < n; ++i) {
      const uint64_t at = kScattered ? random.Below(kLength) : kLength / 2 + i;
      COTEXT_CHECK(document->Insert(CodePointOffset{at}, "x"));
    }
  });
  sample.correct = document->metrics().code_points == kLength + n;
  return sample;
}

Sample HearOthers(uint64_t n, uint64_t seed) {
  const auto document = NewDocument(1);
  COTEXT_CHECK(document->Insert(CodePointOffset{0}, "x"));
  Random random(seed);
  Sample sample;
  sample.seconds = Seconds([&] {
    for (uint64_t i = 0; i < n; ++i) {
      COTEXT_CHECK(document->ApplyRemote(Delta().Retain(random.Below(kLength)).Insert("y")));
    }
  });
  COTEXT_CHECK(document->Undo());
  sample.correct = document->metrics().code_points == kLength + n;
  return sample;
}

// Undo.

enum class Others : uint8_t { kNone, kBetween, kAfter, kAfterAndBetweenUndos };

void OtherEdits(OtDocument& document, Random& random) {
  const uint64_t at = random.Below(document.metrics().code_points);
  COTEXT_CHECK(document.ApplyRemote(Delta().Retain(at).Insert("y")));
}

// Inserts and deletes single characters anywhere, then undoes and redoes all of it.
template <Others kOthers>
Sample ThereAndBack(uint64_t n, uint64_t seed) {
  const auto document = NewDocument(n);
  Random random(seed);
  for (uint64_t i = 0; i < n; ++i) {
    const CodePointOffset at{random.Below(document->metrics().code_points - 1)};
    COTEXT_CHECK(i % 2 == 0 ? document->Insert(at, "x")
                            : document->Erase(at, CodePointOffset{at.value + 1}));
    if (kOthers == Others::kBetween) OtherEdits(*document, random);
  }
  const bool after = kOthers == Others::kAfter || kOthers == Others::kAfterAndBetweenUndos;
  for (uint64_t i = 0; i < n && after; ++i) OtherEdits(*document, random);
  const std::string text = document->Text();
  Sample sample;
  sample.seconds = Seconds([&] {
    while (document->CanUndo()) {
      COTEXT_CHECK(document->Undo());
      if (kOthers == Others::kAfterAndBetweenUndos) OtherEdits(*document, random);
    }
  });
  sample.seconds += Seconds([&] {
    while (document->CanRedo()) COTEXT_CHECK(document->Redo());
  });
  sample.correct = kOthers == Others::kAfterAndBetweenUndos || document->Text() == text;
  return sample;
}

// Anchors, made at any time of n scattered edits and resolved behind all of them.
Sample ResolveAnchors(uint64_t n, uint64_t seed) {
  const auto document = NewDocument(10);
  Random random(seed);
  std::vector<Anchor> anchors;
  for (uint64_t i = 0; i < n; ++i) {
    const CodePointOffset at{random.Below(kLength)};
    anchors.push_back(*document->CreateAnchor(at, Bias::kAfter));
    COTEXT_CHECK(document->Insert(CodePointOffset{random.Below(kLength)}, "x"));
  }
  Sample sample;
  sample.correct = true;
  sample.seconds = Seconds([&] {
    for (const Anchor& anchor : anchors) {
      const auto at = document->ResolveAnchor(anchor);
      sample.correct = sample.correct && at && *at < CodePointOffset{kLength + n};
    }
  });
  return sample;
}

void RegisterAll() {
  constexpr int64_t kLeast = 1'000;
  constexpr int64_t kMost = 100'000;
  RegisterCase("typing, the text alone", TypeIntoText, kLeast, kMost);
  RegisterCase("typing", EditDocument<false>, kLeast, kMost);
  RegisterCase("inserting anywhere", EditDocument<true>, kLeast, kMost);
  RegisterCase("others inserting anywhere", HearOthers, kLeast, kMost);
  RegisterCase("undo and redo, alone", ThereAndBack<Others::kNone>, kLeast, kMost);
  RegisterCase("undo and redo, others between edits", ThereAndBack<Others::kBetween>, kLeast,
               kMost);
  RegisterCase("undo and redo, others after edits", ThereAndBack<Others::kAfter>, kLeast, kMost);
  RegisterCase("undo and redo, others after edits and between undos",
               ThereAndBack<Others::kAfterAndBetweenUndos>, kLeast, kMost);
  // More would be forgotten.
  RegisterCase("resolving anchors", ResolveAnchors, kLeast, 50'000);
}

}  // namespace
}  // namespace cotext

int main(int argc, char** argv) {
  cotext::RegisterAll();
  return cotext::RunBenchmarks(argc, argv);
}
