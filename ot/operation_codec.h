// An operation as bytes (docs/FORMAT.md §9.1): what submissions, commits and saved clients consist
// of.
//
// A delta has one encoding, so equal operations are equal bytes. A keystroke takes three bytes and
// those of its character, further back in a text four or five.
//
// Decoding is total and linear, and allocates 32 bytes for each byte at most: a component takes one
// at least. Errors: kInvalidDelta if the bytes are not an operation in normal form, kInvalidUtf8
// for their text, kTooLarge past Delta::kMaxLength.
#ifndef COTEXT_OT_OPERATION_CODEC_H_
#define COTEXT_OT_OPERATION_CODEC_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "document/delta.h"
#include "document/error.h"

namespace cotext {

std::string EncodeOperation(const Delta& operation);
void AppendOperation(std::string& bytes, const Delta& operation);
// Returns how many bytes a component of it takes, and all of it.
uint64_t ComponentBytes(const Delta::Component& component);
uint64_t OperationBytes(const Delta& operation);

Expected<Delta> DecodeOperation(std::string_view bytes);

}  // namespace cotext

#endif  // COTEXT_OT_OPERATION_CODEC_H_
