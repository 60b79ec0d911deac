#include "tools/freed_memory.h"

#include <malloc.h>

namespace cotext {

// A sanitizer has a malloc of its own, which neither call changes.
void KeepFreedMemory() {
  mallopt(M_TRIM_THRESHOLD, -1);  // The end of the heap is never cut off.
  mallopt(M_MMAP_MAX, 0);         // No block has a mapping of its own, to be unmapped with it.
}

}  // namespace cotext
