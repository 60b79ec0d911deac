// Keeps the system out of what is timed: freed memory stays with the process.
#ifndef COTEXT_TOOLS_FREED_MEMORY_H_
#define COTEXT_TOOLS_FREED_MEMORY_H_

namespace cotext {

// Makes malloc keep what is freed, for good. To be called before anything is timed.
//
// glibc gives the system back what is free at the end of the heap, and large blocks, such as the
// columns of a document, at once. A run that allocates them again pays a page fault for every 4 kB,
// or none, by where the last block in use happens to lie: the same code shows different figures. A
// process that keeps its heap measures the code. Allocated bytes (allocation_counter.h) stay the
// same, but for the rounding to whole pages of blocks that would have had a mapping of their own.
void KeepFreedMemory();

}  // namespace cotext

#endif  // COTEXT_TOOLS_FREED_MEMORY_H_
