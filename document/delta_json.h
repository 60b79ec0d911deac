// Deltas as JSON, in the form of ot-text-unicode: an array with a number for a retain, a string for
// an insert, and {"d": number} or {"d": string} for a delete, such as [5,"text",{"d":3}].
//
// Reading and writing are inverse. Both are linear; the caller limits the size of what it reads.
#ifndef COTEXT_DOCUMENT_DELTA_JSON_H_
#define COTEXT_DOCUMENT_DELTA_JSON_H_

#include <string>
#include <string_view>

#include "document/delta.h"
#include "document/error.h"

namespace cotext {

// Returns the delta as JSON without spaces, in UTF-8: only quotation marks, backslashes and control
// characters are escaped.
std::string DeltaToJson(const Delta& delta);

// Reads a delta in normal form. Numbers are whole, written without fraction or exponent, and at
// most Delta::kMaxLength. Whatever else it finds is kInvalidDelta with the index of the component;
// a sum above Delta::kMaxLength is kTooLarge.
Expected<Delta> DeltaFromJson(std::string_view json);

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_DELTA_JSON_H_
