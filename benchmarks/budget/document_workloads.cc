// Workloads of document/.
#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "benchmarks/budget/count_instructions.h"
#include "benchmarks/budget/text_places.h"
#include "benchmarks/budget/typing_trace.h"
#include "benchmarks/budget/workloads.h"
#include "document/check.h"
#include "document/offset.h"
#include "document/text_buffer.h"
#include "simulation/trace/trace.h"

namespace cotext {
namespace {

void ApplyPatches(const Trace& trace, TextBuffer& buffer) {
  for (size_t t = 0; t < trace.transaction_count(); ++t) {
    for (const TracePatch patch : trace.patches(t)) {
      COTEXT_CHECK(buffer.Replace(CodePointOffset{patch.position}, patch.deleted, patch.inserted));
    }
  }
}

// Typing, with a jump every 12 edits.
void TextBufferEdits() {
  const Trace trace = MakeTypingTrace({.edits = 100'000, .jump_percent = 8});
  TextBuffer buffer;
  cotext_count_instructions([&] { ApplyPatches(trace, buffer); });
  COTEXT_CHECK(buffer.Text() == trace.end_content());
}

void TextBufferConversions() {
  const Trace trace = MakeTypingTrace({.edits = 40'000});
  const TextBuffer buffer = *TextBuffer::FromText(trace.end_content());
  const std::vector<TextPlace> places = RandomPlaces(trace.end_content(), 10'000);
  cotext_count_instructions([&] { ConvertPlaces(buffer, places); });
}

constexpr std::array kWorkloads = {
    Workload{.name = "text_buffer_conversions", .run = TextBufferConversions},
    Workload{.name = "text_buffer_edits", .run = TextBufferEdits},
};

}  // namespace

std::span<const Workload> DocumentWorkloads() { return kWorkloads; }

}  // namespace cotext
