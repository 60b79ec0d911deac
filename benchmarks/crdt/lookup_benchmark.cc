// Finding places in an RgaDocument of many runs: between ids and positions, anchors, units.
//
// state.range(0) characters were pasted and as many scattered edits made; ASCII or many scripts.
// The places are random, and each answer is compared with the one found before the clock ran.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/support/case_benchmark.h"
#include "benchmarks/support/sample_document.h"
#include "benchmarks/support/sample_text.h"
#include "crdt/history.h"
#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "crdt/rga.h"
#include "crdt/rga_anchor.h"
#include "crdt/rga_document.h"
#include "crdt/sequence.h"
#include "document/anchor.h"
#include "document/check.h"
#include "document/offset.h"
#include "document/random.h"

namespace cotext {
namespace {

constexpr int64_t kSmallest = 10'000;
constexpr int64_t kLargest = 1'000'000;
// Enough random places that the branch predictor cannot learn them by heart.
constexpr uint64_t kBatch = 10'000;

// One place in every form.
struct Place {
  CodePointOffset position;
  Lv element;
  OpId id;
  Anchor anchor;
  ByteOffset byte;
  Utf16Offset utf16;
  Point point;
};

struct DocumentPlaces {
  std::unique_ptr<RgaDocument> document;
  std::vector<Place> places;
};

DocumentPlaces MakePlaces(uint64_t size, Alphabet alphabet) {
  DocumentPlaces sample;
  sample.document = MakeDocument(size, size, alphabet);
  const Rga& rga = sample.document->rga();
  Random random(2);
  for (uint64_t i = 0; i < kBatch; ++i) {
    const CodePointOffset at{random.Below(sample.document->metrics().code_points)};
    const Lv element = rga.sequence().ElementAt(at.value);
    sample.places.push_back({.position = at,
                             .element = element,
                             .id = rga.history().IdOf(element),
                             .anchor = CreateRgaAnchor(rga, at.value, Bias::kAfter),
                             .byte = *sample.document->ToByte(at),
                             .utf16 = *sample.document->ToUtf16(at),
                             .point = *sample.document->ToPoint(at)});
  }
  return sample;
}

// Returns the sample, made once for all benchmarks.
const DocumentPlaces& FindDocument(uint64_t size, Alphabet alphabet) {
  static std::map<std::pair<uint64_t, Alphabet>, DocumentPlaces> samples;
  const auto key = std::pair(size, alphabet);
  if (!samples.contains(key)) samples[key] = MakePlaces(size, alphabet);
  return samples[key];
}

// What a benchmark does at a place; returns whether the answer was right.
using LookUp = bool (*)(const RgaDocument& document, const Place& place);

void LookUpAll(benchmark::State& state, LookUp look_up, Alphabet alphabet) {
  const DocumentPlaces& sample = FindDocument(static_cast<uint64_t>(state.range(0)), alphabet);
  for (auto _ : state) {
    for (const Place& place : sample.places) COTEXT_CHECK(look_up(*sample.document, place));
  }
  state.SetItemsProcessed(static_cast<int64_t>(kBatch) * state.iterations());
  state.counters["runs"] = static_cast<double>(CountRuns(sample.document->rga()));
}

bool PositionOfElement(const RgaDocument& document, const Place& place) {
  return document.rga().sequence().RankOf(place.element).position == place.position.value;
}

bool PositionOfId(const RgaDocument& document, const Place& place) {
  const auto element = document.rga().history().ElementOf(place.id);
  return element && document.rga().sequence().RankOf(*element).position == place.position.value;
}

bool ElementOfId(const RgaDocument& document, const Place& place) {
  return document.rga().history().ElementOf(place.id) == place.element;
}

bool IdOfPosition(const RgaDocument& document, const Place& place) {
  const Rga& rga = document.rga();
  return rga.history().IdOf(rga.sequence().ElementAt(place.position.value)) == place.id;
}

bool CreateAnchor(const RgaDocument& document, const Place& place) {
  return CreateRgaAnchor(document.rga(), place.position.value, Bias::kAfter) == place.anchor;
}

bool ResolveAnchor(const RgaDocument& document, const Place& place) {
  return ResolveRgaAnchor(document.rga(), place.anchor) == place.position.value;
}

bool ToByte(const RgaDocument& document, const Place& place) {
  return document.ToByte(place.position) == place.byte;
}

bool ToUtf16(const RgaDocument& document, const Place& place) {
  return document.ToUtf16(place.position) == place.utf16;
}

bool ToPoint(const RgaDocument& document, const Place& place) {
  return document.ToPoint(place.position) == place.point;
}

bool FromByte(const RgaDocument& document, const Place& place) {
  return document.ToCodePoint(place.byte) == place.position;
}

bool FromUtf16(const RgaDocument& document, const Place& place) {
  return document.ToCodePoint(place.utf16) == place.position;
}

bool FromPoint(const RgaDocument& document, const Place& place) {
  return document.ToCodePoint(place.point) == place.position;
}

void Register(const std::string& name, LookUp look_up, Alphabet alphabet) {
  benchmark::RegisterBenchmark(name.c_str(), LookUpAll, look_up, alphabet)
      ->RangeMultiplier(10)
      ->Range(kSmallest, kLargest)
      ->Unit(benchmark::kMicrosecond);
}

void RegisterAll() {
  for (const auto& [name, look_up] :
       {std::pair("PositionOfElement", &PositionOfElement),
        std::pair("PositionOfId", &PositionOfId), std::pair("ElementOfId", &ElementOfId),
        std::pair("IdOfPosition", &IdOfPosition), std::pair("CreateAnchor", &CreateAnchor),
        std::pair("ResolveAnchor", &ResolveAnchor)}) {
    Register(name, look_up, Alphabet::kAscii);
  }
  for (const auto& [alphabet, suffix] :
       {std::pair(Alphabet::kAscii, "/ascii"), std::pair(Alphabet::kMixed, "/mixed")}) {
    for (const auto& [name, look_up] :
         {std::pair("ToByte", &ToByte), std::pair("ToUtf16", &ToUtf16),
          std::pair("ToPoint", &ToPoint), std::pair("FromByte", &FromByte),
          std::pair("FromUtf16", &FromUtf16), std::pair("FromPoint", &FromPoint)}) {
      Register(std::string(name) + suffix, look_up, alphabet);
    }
  }
}

}  // namespace
}  // namespace cotext

int main(int argc, char** argv) {
  cotext::RegisterAll();
  return cotext::RunBenchmarks(argc, argv);
}
