// Counts the bytes that the program has allocated with operator new.
//
// Linking this in replaces the global operators. A block counts with the size that the allocator
// really set aside for it. Thread-safe; a count costs a few nanoseconds an allocation.
#ifndef COTEXT_TOOLS_ALLOCATION_COUNTER_H_
#define COTEXT_TOOLS_ALLOCATION_COUNTER_H_

#include <cstdint>

namespace cotext {

// Returns the bytes allocated and not yet freed.
uint64_t LiveBytes();

// Returns the most that there were since the last ResetPeakBytes.
uint64_t PeakBytes();
void ResetPeakBytes();

}  // namespace cotext

#endif  // COTEXT_TOOLS_ALLOCATION_COUNTER_H_
