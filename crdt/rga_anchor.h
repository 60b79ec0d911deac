// Anchors on the elements of an RGA, and their bytes.
//
// One byte says what the anchor clings to: the beginning, the end, the character on its left
// (Bias::kBefore) or on its right (kAfter), or the place in front of one, where nothing else is
// left to cling to. For a character its id follows, counter and replica, in LEB128: at most 17
// bytes in all.
#ifndef COTEXT_CRDT_RGA_ANCHOR_H_
#define COTEXT_CRDT_RGA_ANCHOR_H_

#include <cstdint>
#include <optional>

#include "crdt/local_index.h"
#include "crdt/rga.h"
#include "document/anchor.h"
#include "document/error.h"
#include "document/offset.h"

namespace cotext {

// Returns an anchor at a position.
// REQUIRES: position is at most the length of the text.
Anchor CreateRgaAnchor(const Rga& rga, uint64_t position, Bias bias);

// Returns where an anchor is now. kInvalidAnchor if its bytes are none, kUnknownAnchor if its
// element is not here, kHistoryTrimmed if it was trimmed.
Expected<uint64_t> ResolveRgaAnchor(const Rga& rga, const Anchor& anchor);

// Returns the element that an anchor clings to; nothing if it clings to none that is here.
std::optional<Lv> ElementOfRgaAnchor(const Rga& rga, const Anchor& anchor);

// Whether an anchor clings to a character, which it follows if undo brings that back elsewhere.
bool ClingsToCharacter(const Anchor& anchor);

// Returns the anchor on the side of an element that `anchor` is on of its own.
// REQUIRES: ClingsToCharacter(anchor), in this document or one that it was trimmed from.
Anchor MoveRgaAnchor(const Rga& rga, const Anchor& anchor, Lv to);

// Returns an anchor in the place in front of an element, or at the end of the document.
Anchor AnchorInPlaceBefore(const Rga& rga, std::optional<Lv> element);

}  // namespace cotext

#endif  // COTEXT_CRDT_RGA_ANCHOR_H_
