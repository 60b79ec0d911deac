// Work on updates without a document: what one needs and brings, several as one, one in pieces, one
// without what somebody knows. For whoever stores and forwards updates.
//
// Updates are in the plain form, encoded without a table of known replicas, and each comes from
// somebody who had all that its changes refer to: a change comes after its parents, and of each
// replica in ascending order. Nothing is checked that needs a document; Rga::Integrate does that.
//
// Errors: kMalformedUpdate as in the decoder, and where a replica's changes go back; kTooLarge for
// limits, also where deletes fall apart into more pieces than PartsMax allows (update_reader.h).
// Everything is O(n log n) for n bytes at most, linear in the text; memory is O(n), and where text
// was left out, as in the decoder, O(elements left out).
#ifndef COTEXT_CRDT_CODEC_UPDATE_TOOLS_H_
#define COTEXT_CRDT_CODEC_UPDATE_TOOLS_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/codec/update_codec.h"
#include "crdt/version_vector.h"
#include "document/error.h"

namespace cotext {

// What an update does to the version of a document. A document at version v integrates all of it if
// and only if v covers `needs`, and is then at the join of v and `reaches`; if v covers `reaches`,
// there is nothing to do. A replica's counters between two of its operations are no gap: other
// replicas' operations took them.
struct UpdateRange {
  VersionVector needs;    // The greatest counter of each replica among parents from elsewhere.
  VersionVector reaches;  // The greatest counter of each replica in the update.
};

// Reads replicas and changes only: what follows them may be anything. Memory is 32 bytes a change,
// of which later parents count from the end, and 4 to 20 a parent.
Expected<UpdateRange> RangeOfUpdate(std::string_view bytes);

// Returns the part of an update that `known` does not cover, encoded as the update was; the update
// itself where that is all of it. A change that is known in part has the operation before the rest
// as its parent.
Expected<std::string> SliceUpdate(std::string_view bytes, const VersionVector& known,
                                  const UpdateLimits& limits = {});

// Returns all operations of some updates, each once, in the order of the first ids of the changes,
// which respects parents. What was cut is joined: where a change's sole parent is the operation
// before, the two are one, and so are operations that continue each other. So updates of the same
// content, however cut, give the same bytes in any order.
//
// Text that one update left out and another has is there. That updates say the same of an id is
// taken for granted: if they do not, one of them is right. `limits.left_out` is for all together.
Expected<std::string> MergeUpdates(std::span<const std::string_view> updates,
                                   const UpdateEncoding& encoding = {},
                                   const UpdateLimits& limits = {});

// The least size that pieces can be held to: a head of 1 + 5 bytes, two replicas of 8 each and
// their number, a change of 5 + 5 with a parent of 5 + 8, an operation of 5 + 1 + 5 + 8, and a
// character of 4; in round figures.
inline constexpr size_t kSplitMin = 96;

// Returns an update in pieces of at most `max_bytes`, each an update; integrating them in order is
// integrating the whole. Changes are cut, and so are inserts and deletes, between any two
// characters. A piece is greater only if it holds a single operation, of a change with several
// parents. kTooLarge: max_bytes < kSplitMin.
//
// How full a piece is depends on how well its size was guessed, from those before it; every piece
// is encoded once or twice.
Expected<std::vector<std::string>> SplitUpdate(std::string_view bytes, size_t max_bytes,
                                               const UpdateLimits& limits = {});

}  // namespace cotext

#endif  // COTEXT_CRDT_CODEC_UPDATE_TOOLS_H_
