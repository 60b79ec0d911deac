// Where libFuzzer enters a fuzz target.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cotext::TryInput({reinterpret_cast<const char*>(data), size});
  return 0;  // Refused inputs are kept too: they may be one step from a fault.
}
