// TextBuffer at n, 10 n and 100 n characters: times should grow with log n, and none with n.
#include "document/text_buffer.h"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include "benchmarks/support/case_benchmark.h"
#include "benchmarks/support/sample_text.h"
#include "document/check.h"
#include "document/random.h"

namespace cotext {
namespace {

constexpr int64_t kSmallest = 10'000;
constexpr int64_t kLargest = 100 * kSmallest;
// Enough random places that the branch predictor cannot learn them by heart.
constexpr uint64_t kBatch = 10'000;

std::vector<CodePointOffset> RandomOffsets(uint64_t bound) {
  Random random(2);
  std::vector<CodePointOffset> offsets(kBatch);
  for (CodePointOffset& at : offsets) at.value = random.Below(bound);
  return offsets;
}

void CheckText(const TextBuffer& buffer, const std::string& expected) {
  COTEXT_CHECK(buffer.Text() == expected);
  buffer.CheckInvariants();
}

// Types a batch in the middle of the text and takes it back key by key.
void TypeAndBackspace(benchmark::State& state) {
  const std::string text = MakeText(static_cast<uint64_t>(state.range(0)), Alphabet::kAscii);
  TextBuffer buffer = *TextBuffer::FromText(text);
  const uint64_t middle = text.size() / 2;
  for (auto _ : state) {
    for (uint64_t i = 0; i < kBatch; ++i) COTEXT_CHECK(buffer.Insert({middle + i}, "x"));
    for (uint64_t i = kBatch; i > 0; --i) COTEXT_CHECK(buffer.Erase({middle + i - 1}, 1));
  }
  CheckText(buffer, text);
  state.SetItemsProcessed(static_cast<int64_t>(2 * kBatch) * state.iterations());
}
BENCHMARK(TypeAndBackspace)->RangeMultiplier(10)->Range(kSmallest, kLargest);

// Inserts single characters at random places and erases them in the opposite order.
void RandomEdits(benchmark::State& state) {
  const std::string text = MakeText(static_cast<uint64_t>(state.range(0)), Alphabet::kAscii);
  TextBuffer buffer = *TextBuffer::FromText(text);
  const std::vector<CodePointOffset> offsets = RandomOffsets(text.size());
  for (auto _ : state) {
    for (uint64_t i = 0; i < kBatch; ++i) COTEXT_CHECK(buffer.Insert(offsets[i], "x"));
    for (uint64_t i = kBatch; i > 0; --i) COTEXT_CHECK(buffer.Erase(offsets[i - 1], 1));
  }
  CheckText(buffer, text);
  state.SetItemsProcessed(static_cast<int64_t>(2 * kBatch) * state.iterations());
}
BENCHMARK(RandomEdits)->RangeMultiplier(10)->Range(kSmallest, kLargest);

// Converts random offsets of a text of many scripts to one unit, with `to_unit`, and back.
template <typename ToUnit>
void Convert(benchmark::State& state, ToUnit to_unit) {
  const auto size = static_cast<uint64_t>(state.range(0));
  const TextBuffer buffer = *TextBuffer::FromText(MakeText(size, Alphabet::kMixed));
  const std::vector<CodePointOffset> offsets = RandomOffsets(size + 1);
  for (auto _ : state) {
    for (const CodePointOffset at : offsets) {
      COTEXT_CHECK(buffer.ToCodePoint(*to_unit(buffer, at)) == at);
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(2 * kBatch) * state.iterations());
}

void ConvertBytes(benchmark::State& state) {
  Convert(state, [](const TextBuffer& buffer, CodePointOffset at) { return buffer.ToByte(at); });
}
BENCHMARK(ConvertBytes)->RangeMultiplier(10)->Range(kSmallest, kLargest);

void ConvertUtf16(benchmark::State& state) {
  Convert(state, [](const TextBuffer& buffer, CodePointOffset at) { return buffer.ToUtf16(at); });
}
BENCHMARK(ConvertUtf16)->RangeMultiplier(10)->Range(kSmallest, kLargest);

void ConvertPoints(benchmark::State& state) {
  Convert(state, [](const TextBuffer& buffer, CodePointOffset at) { return buffer.ToPoint(at); });
}
BENCHMARK(ConvertPoints)->RangeMultiplier(10)->Range(kSmallest, kLargest);

// Pastes a whole text into another's middle, and cuts it out again.
void PasteAndCut(benchmark::State& state) {
  const std::string text = MakeText(kSmallest, Alphabet::kAscii);
  const std::string pasted = MakeText(static_cast<uint64_t>(state.range(0)), Alphabet::kAscii);
  TextBuffer buffer = *TextBuffer::FromText(text);
  for (auto _ : state) {
    COTEXT_CHECK(buffer.Insert({text.size() / 2}, pasted));
    COTEXT_CHECK(buffer.Erase({text.size() / 2}, pasted.size()));
  }
  CheckText(buffer, text);
  state.SetBytesProcessed(state.range(0) * state.iterations());
}
BENCHMARK(PasteAndCut)->RangeMultiplier(10)->Range(kSmallest, kLargest);

void ReadText(benchmark::State& state) {
  const std::string text = MakeText(static_cast<uint64_t>(state.range(0)), Alphabet::kAscii);
  const TextBuffer buffer = *TextBuffer::FromText(text);
  for (auto _ : state) COTEXT_CHECK(buffer.Text().size() == text.size());
  CheckText(buffer, text);
  state.SetBytesProcessed(state.range(0) * state.iterations());
  state.counters["allocated_per_byte"] =
      static_cast<double>(buffer.AllocatedBytes()) / static_cast<double>(text.size());
}
BENCHMARK(ReadText)->RangeMultiplier(10)->Range(kSmallest, kLargest);

}  // namespace
}  // namespace cotext

int main(int argc, char** argv) { return cotext::RunBenchmarks(argc, argv); }
