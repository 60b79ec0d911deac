// The way back of a position: from the text after a delta to its base.
#ifndef COTEXT_OT_POSITION_BEFORE_H_
#define COTEXT_OT_POSITION_BEFORE_H_

#include "document/delta.h"
#include "document/offset.h"

namespace cotext {

// Returns where a position in the target of `delta` was in the base. It clings to the character in
// front of it with Bias::kBefore, to the one behind it with kAfter; where that was inserted, it is
// the gap that it was inserted into. Linear.
CodePointOffset PositionBefore(const Delta& delta, CodePointOffset position, Bias bias);

}  // namespace cotext

#endif  // COTEXT_OT_POSITION_BEFORE_H_
