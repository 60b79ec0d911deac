#include "simulation/trace/trace_flatten.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "crdt/rga_document.h"
#include "document/check.h"
#include "document/document.h"
#include "document/text_buffer.h"
#include "simulation/trace/trace_history.h"

namespace cotext {
namespace {

// Adds a delta's edits as patches. What is inserted and deleted at one place is one patch.
void AddPatches(const Delta& delta, Trace& trace) {
  uint64_t position = 0;
  for (size_t i = 0; i < delta.size(); ++i) {
    const Delta::Component one = delta[i];
    if (one.kind == Delta::Kind::kRetain) {
      position += one.count;
      continue;
    }
    TracePatch patch{.position = static_cast<uint32_t>(position)};
    uint64_t inserted = 0;
    for (; i < delta.size() && delta[i].kind != Delta::Kind::kRetain; ++i) {
      const Delta::Component part = delta[i];
      if (part.kind == Delta::Kind::kInsert && inserted > 0) break;
      if (part.kind == Delta::Kind::kInsert) {
        patch.inserted = part.text;
        inserted = part.count;
      } else {
        patch.deleted += static_cast<uint32_t>(part.count);
      }
    }
    --i;
    trace.AddPatch(patch);
    position += inserted;
  }
}

}  // namespace

Expected<std::vector<Delta>> AsReceived(const Trace& trace, const Update& changes) {
  std::vector<Delta> edits;
  RgaDocument reader(ReaderOf(trace));
  reader.Subscribe([&edits](const DeltaEvent& event) { edits.push_back(event.delta); });
  for (size_t i = 0; i < changes.size(); ++i) {
    COTEXT_RETURN_IF_ERROR(reader.Integrate(changes[i]));
  }
  return edits;
}

Trace AsTyped(const Trace& trace, const std::vector<Delta>& edits) {
  Trace typed(trace.name(), Trace::Kind::kSequential, 1);
  TextBuffer text;
  uint32_t last = 0;
  for (const Delta& edit : edits) {
    typed.AddTransaction(0, std::span(&last, typed.transaction_count() > 0 ? 1 : 0));
    AddPatches(edit, typed);
    COTEXT_CHECK(text.Apply(edit));
    last = static_cast<uint32_t>(typed.transaction_count() - 1);
  }
  typed.set_end_content(text.Text());
  return typed;
}

}  // namespace cotext
