// Hashes by which parties notice that they do not hold the same: XXH64 with seed 0, over bytes that
// are the same on every machine. They guard against faults, not against malice.
#ifndef COTEXT_OT_TEXT_HASH_H_
#define COTEXT_OT_TEXT_HASH_H_

#include <cstdint>

#include "document/text_buffer.h"
#include "ot/submission.h"

namespace cotext {

// Returns the hash of the text's UTF-8. Linear.
uint64_t HashText(const TextBuffer& text);

// Returns a hash of base and operation, with the text of deletes where it is carried. Linear.
uint64_t HashSubmission(const OtSubmission& submission);

}  // namespace cotext

#endif  // COTEXT_OT_TEXT_HASH_H_
