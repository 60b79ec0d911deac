// The steps that a user can undo and redo, as bytes; docs/FORMAT.md is normative.
//
// A step is stored as ids of operations, so the bytes hold in any copy of the document that has
// these operations; where that numbers them in another order of arrival than the document the bytes
// come from, characters that come back may stand on another side of what others wrote at the same
// place. With the steps go the copies that they may mean (undo_history.h), and who their user was:
// the replicas that it wrote under, each up to an operation.
//
// Under the id that wrote the bytes, undo goes on as if nothing had happened. With steps of another
// id, the user must say that the former selves were its own (FormerSelves::kAdopt): otherwise bytes
// that came with a copied document would let anybody take back what another wrote. What those
// selves did after the bytes were made, as when they still write elsewhere, is a foreign edit.
//
// If one's own edits followed after the bytes were made, there is nothing to redo.
//
// Reading is total: everything is checked against the document. kInvalidUndo, or kDocumentReplaced
// if the bytes are of a document with another id. Linear in the bytes, times a search each.
#ifndef COTEXT_CRDT_CODEC_UNDO_CODEC_H_
#define COTEXT_CRDT_CODEC_UNDO_CODEC_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/rga.h"
#include "crdt/undo_history.h"
#include "document/document_id.h"
#include "document/error.h"
#include "document/undo_manager.h"

namespace cotext {

// Whether steps of other replicas are one's own.
enum class FormerSelves : uint8_t { kRefuse, kAdopt };

// What there is to store.
struct UndoState {
  const Rga& rga;
  const DocumentId& id;
  const UndoManager& manager;
  const UndoHistory& history;
};

struct DecodedUndo {
  std::vector<UndoStep> undo;  // Oldest first.
  std::vector<UndoStep> redo;
  UndoHistory history;
};

std::string EncodeUndo(const UndoState& state);

Expected<DecodedUndo> DecodeUndo(std::string_view bytes, const Rga& rga, const DocumentId& id,
                                 FormerSelves former);

}  // namespace cotext

#endif  // COTEXT_CRDT_CODEC_UNDO_CODEC_H_
