// Anchors on the elements of an RGA, and their bytes.
//
// One byte says what the anchor clings to: the beginning, the end, the character on its left
// (Bias::kBefore) or on its right (kAfter). For a character its id follows, counter and replica, in
// LEB128: at most 17 bytes in all.
#ifndef COTEXT_CRDT_RGA_ANCHOR_H_
#define COTEXT_CRDT_RGA_ANCHOR_H_

#include <cstdint>
#include <functional>

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

// Returns the anchor that clings in the same way to the element that `map` gives for its own; the
// anchor itself if it clings to none that is here.
Anchor MapRgaAnchor(const Rga& rga, const Anchor& anchor, const std::function<Lv(Lv)>& map);

}  // namespace cotext

#endif  // COTEXT_CRDT_RGA_ANCHOR_H_
