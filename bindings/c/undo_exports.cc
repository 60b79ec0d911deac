// Undo for C: steps, groups, selections.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bindings/c/arguments.h"
#include "bindings/c/cotext.h"
#include "bindings/c/document_handle.h"
#include "bindings/c/status.h"
#include "crdt/codec/undo_codec.h"
#include "crdt/rga_document.h"
#include "document/anchor.h"
#include "document/document.h"
#include "document/edit_label.h"
#include "document/error.h"
#include "document/undo_manager.h"

namespace cotext::c {
namespace {

constexpr uint32_t kGroupsMax = 1U << 20U;  // As transactions.
constexpr size_t kLabelsMax = 65'536;

size_t ToSize(uint64_t value) {
  return static_cast<size_t>(std::min<uint64_t>(value, std::numeric_limits<size_t>::max()));
}

cotext_status TakeBack(cotext_document* document, Expected<bool> (Document::*take_back)()) {
  COTEXT_C_REFUSE(CheckMayChange(document));
  const DocumentReference held(*document);
  const Expected<bool> done = (document->document().*take_back)();
  if (!done) return Fail(done.error());
  return *done ? COTEXT_OK : Fail(COTEXT_NO_SUCH, "there is no such step");
}

// A selection of C as it is kept.
struct Selection {
  const cotext_anchor* anchors;
  size_t count;
  const void* data;
  size_t size;
};

Refusal CheckSelection(const Selection& selection) {
  const Refusal refusal =
      CheckArray(selection.anchors, selection.count, COTEXT_SELECTION_ANCHORS_MAX);
  return refusal.is_ok() ? CheckBytes(selection.data, selection.size) : refusal;
}

// REQUIRES: that was checked.
Expected<UndoSelection> ToSelection(const Selection& selection) {
  UndoSelection kept{.data = std::string(BytesOf(selection.data, selection.size))};
  for (const cotext_anchor& anchor : SpanOf(selection.anchors, selection.count)) {
    if (anchor.size > COTEXT_ANCHOR_BYTES_MAX) {
      return MakeError(ErrorCode::kInvalidAnchor, "an anchor has at most 32 bytes");
    }
    const auto made = Anchor::FromBytes(BytesOf(anchor.bytes, anchor.size));
    if (!made) return std::unexpected(made.error());
    kept.anchors.push_back(*made);
  }
  return kept;
}

FormerSelves FormerOf(int32_t adopt) {
  return adopt != 0 ? FormerSelves::kAdopt : FormerSelves::kRefuse;
}

cotext_status SetSelection(cotext_document* document, const Selection& selection,
                           void (Document::*set)(UndoSelection)) {
  COTEXT_C_REFUSE(CheckMayChange(document));
  COTEXT_C_REFUSE(CheckSelection(selection));
  Expected<UndoSelection> kept = ToSelection(selection);
  if (!kept) return Fail(kept.error());
  (document->document().*set)(*std::move(kept));
  return COTEXT_OK;
}

}  // namespace
}  // namespace cotext::c

// What C calls is in no namespace.
using namespace cotext;
using namespace cotext::c;

cotext_status cotext_document_undo(cotext_document* document) {
  return TakeBack(document, &Document::Undo);
}

cotext_status cotext_document_redo(cotext_document* document) {
  return TakeBack(document, &Document::Redo);
}

cotext_status cotext_document_undo_counts(const cotext_document* document, uint64_t* undo,
                                          uint64_t* redo) {
  COTEXT_C_REFUSE(CheckNotNull(document, undo, redo));
  const UndoManager& manager = document->document().undo_manager();
  *undo = manager.step_count(UndoStack::kUndo);
  *redo = manager.step_count(UndoStack::kRedo);
  return COTEXT_OK;
}

cotext_status cotext_document_undo_clear(cotext_document* document) {
  COTEXT_C_REFUSE(CheckMayChange(document));
  COTEXT_C_REFUSE(CheckNoTransaction(document));
  document->document().undo_manager().Clear();
  return COTEXT_OK;
}

cotext_status cotext_document_undo_configure(cotext_document* document,
                                             const cotext_undo_options* options) {
  COTEXT_C_REFUSE(CheckMayChange(document));
  COTEXT_C_REFUSE(CheckOptions(options));
  document->document().undo_manager().SetOptions({.group_interval_ms = options->group_interval_ms,
                                                  .max_steps = ToSize(options->max_steps),
                                                  .max_bytes = ToSize(options->max_bytes)});
  return COTEXT_OK;
}

cotext_status cotext_document_undo_time(cotext_document* document, uint64_t now_ms) {
  COTEXT_C_REFUSE(CheckMayChange(document));
  document->document().undo_manager().SetTime(now_ms);
  return COTEXT_OK;
}

cotext_status cotext_document_undo_stop_grouping(cotext_document* document) {
  COTEXT_C_REFUSE(CheckMayChange(document));
  document->document().undo_manager().StopGrouping();
  return COTEXT_OK;
}

cotext_status cotext_document_undo_begin_group(cotext_document* document) {
  COTEXT_C_REFUSE(CheckMayChange(document));
  if (document->groups == kGroupsMax) return Fail(COTEXT_TOO_LARGE, "groups nest too deep");
  ++document->groups;
  document->document().undo_manager().BeginGroup();
  return COTEXT_OK;
}

cotext_status cotext_document_undo_end_group(cotext_document* document) {
  COTEXT_C_REFUSE(CheckMayChange(document));
  if (document->groups == 0) return Fail(COTEXT_NO_SUCH, "no group is open");
  --document->groups;
  document->document().undo_manager().EndGroup();
  return COTEXT_OK;
}

cotext_status cotext_document_undo_track(cotext_document* document, int32_t only,
                                         const uint64_t* labels, size_t count) {
  COTEXT_C_REFUSE(CheckMayChange(document));
  COTEXT_C_REFUSE(CheckArray(labels, count, kLabelsMax));
  std::vector<EditLabel> list;
  for (const uint64_t label : SpanOf(labels, count)) list.push_back(EditLabel{label});
  UndoManager& manager = document->document().undo_manager();
  only != 0 ? manager.TrackOnly(std::move(list)) : manager.TrackAllBut(std::move(list));
  return COTEXT_OK;
}

cotext_status cotext_document_selection_before(cotext_document* document,
                                               const cotext_anchor* anchors, size_t count,
                                               const void* data, size_t size) {
  return SetSelection(document, {.anchors = anchors, .count = count, .data = data, .size = size},
                      &Document::SetSelectionBefore);
}

cotext_status cotext_document_selection_after(cotext_document* document,
                                              const cotext_anchor* anchors, size_t count,
                                              const void* data, size_t size) {
  return SetSelection(document, {.anchors = anchors, .count = count, .data = data, .size = size},
                      &Document::SetSelectionAfter);
}

cotext_status cotext_document_selection_restored(const cotext_document* document,
                                                 cotext_selection_fn reader, void* context) {
  COTEXT_C_REFUSE(CheckNotNull(document, reader));
  const UndoSelection& restored = document->document().undo_manager().restored();
  std::vector<cotext_anchor> anchors;
  for (const Anchor& anchor : restored.anchors) anchors.push_back(AnchorFor(anchor));
  const Showing showing(*document);
  reader(context, anchors.data(), anchors.size(), restored.data.data(), restored.data.size());
  return COTEXT_OK;
}

cotext_status cotext_document_undo_save(const cotext_document* document, cotext_buffer* out) {
  COTEXT_C_REFUSE(CheckNotNull(document, out));
  COTEXT_C_REFUSE(CheckRga(document));
  COTEXT_C_REFUSE(CheckNoTransaction(document));
  if (const auto unpacked = document->rga->Unpack(); !unpacked) return Fail(unpacked.error());
  return Give(document->rga->EncodeUndo(), out);
}

cotext_status cotext_document_undo_load(cotext_document* document, const void* data, size_t size,
                                        int32_t adopt) {
  COTEXT_C_REFUSE(CheckMayChange(document));
  COTEXT_C_REFUSE(CheckRga(document));
  COTEXT_C_REFUSE(CheckBytes(data, size));
  return Finish(document->rga->DecodeUndo(BytesOf(data, size), FormerOf(adopt)));
}

cotext_status cotext_document_undo_restore(cotext_document* document, int32_t adopt) {
  COTEXT_C_REFUSE(CheckMayChange(document));
  COTEXT_C_REFUSE(CheckRga(document));
  const Expected<bool> restored = document->rga->RestoreUndo(FormerOf(adopt));
  if (!restored) return Fail(restored.error());
  return *restored ? COTEXT_OK : Fail(COTEXT_NO_SUCH, "the file has no steps of undo");
}
