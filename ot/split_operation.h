// Cutting an operation in two, one to be done after the other, so that none is too long to be sent.
#ifndef COTEXT_OT_SPLIT_OPERATION_H_
#define COTEXT_OT_SPLIT_OPERATION_H_

#include <cstdint>

#include "document/delta.h"

namespace cotext {

struct SplitDelta {
  Delta first;
  Delta rest;  // For the text after `first`; empty if that is all.
};

// Returns an operation in two parts whose composition it is, but for which deletes carry text. The
// first takes at most `max_bytes` as EncodeOperation writes it, or is a single component with the
// retain in front of it; it is not empty unless all is. Cut is in front of a retain, or of a delete
// behind an insert, and inside an insert. Linear.
SplitDelta SplitOperation(Delta operation, uint64_t max_bytes);

}  // namespace cotext

#endif  // COTEXT_OT_SPLIT_OPERATION_H_
