// Selections that undo gives back.
#ifndef COTEXT_TESTS_SUPPORT_UNDO_SELECTIONS_H_
#define COTEXT_TESTS_SUPPORT_UNDO_SELECTIONS_H_

#include <cstdint>
#include <string>

#include "document/anchor.h"
#include "document/document.h"
#include "document/offset.h"
#include "document/undo_manager.h"

namespace cotext {

// Returns a selection of the characters [begin, end).
inline UndoSelection SelectionAround(const Document& document, uint64_t begin, uint64_t end) {
  return UndoSelection{.anchors = {*document.CreateAnchor(CodePointOffset{begin}, Bias::kAfter),
                                   *document.CreateAnchor(CodePointOffset{end}, Bias::kBefore)},
                       .data = "range"};
}

// Returns the text that the restored selection covers, or what is wrong with it.
inline std::string RestoredSelection(const Document& document) {
  const UndoSelection& selection = document.undo_manager().restored();
  if (selection.data != "range" || selection.anchors.size() != 2) return "none";
  const auto begin = document.ResolveAnchor(selection.anchors[0]);
  const auto end = document.ResolveAnchor(selection.anchors[1]);
  if (!begin || !end) return "unknown";
  if (*end < *begin) return "reversed";
  return "[" + *document.Slice(*begin, *end) + "]";
}

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_UNDO_SELECTIONS_H_
