// Deltas as JSON in the form of Quill (https://quilljs.com/docs/delta):
//
//   {"ops":[{"retain":5},{"insert":"text"},{"delete":3}]}
//
// Quill, like JavaScript, counts UTF-16 units; others count code points: the unit is always given.
// A Delta counts code points, so units can only be told from the text that the delta applies to.
//
// What is read need not be in normal form: neighbours of one kind are joined, a retain at the end
// is dropped. Attributes are formats, which a plain text does not have: they are passed over. What
// is not text (an insert or retain of an object) is an error.
//
// All is linear in the JSON and in the part of the base that the delta reaches; the caller limits
// the size of what it reads.
#ifndef COTEXT_DOCUMENT_QUILL_DELTA_H_
#define COTEXT_DOCUMENT_QUILL_DELTA_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "document/delta.h"
#include "document/error.h"

namespace cotext {

// What retains and deletes count.
enum class QuillUnit : uint8_t { kCodePoints, kUtf16 };

// Returns the delta as JSON without spaces, in UTF-8. `base` is the text that the delta applies to;
// with kCodePoints it is not looked at. kDeltaMismatch if it is too short.
// REQUIRES: base is valid UTF-8.
Expected<std::string> DeltaToQuill(const Delta& delta, QuillUnit unit, std::string_view base = {});

// Reads a delta, or the array of its ops alone. kInvalidDelta with the index of the op, whatever is
// wrong with it; kTooLarge above Delta::kMaxLength. With kUtf16 also kDeltaMismatch if `base` is
// too short, and kInsideCharacter if a count ends between two surrogates of it.
// REQUIRES: base is valid UTF-8.
Expected<Delta> DeltaFromQuill(std::string_view json, QuillUnit unit, std::string_view base = {});

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_QUILL_DELTA_H_
