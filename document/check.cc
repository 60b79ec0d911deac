#include "document/check.h"

#ifdef __wasm__
// From the module's runtime (bindings/js/rt.cc): keeps the place where JavaScript can ask for it.
extern "C" [[noreturn]] void cotext_check_failed(const char* file, int line);
#else
#include <cstdio>
#endif

namespace cotext {

void CheckFailed(const char* condition, const char* file, int line) {
#ifdef __wasm__
  static_cast<void>(condition);
  cotext_check_failed(file, line);
#else
  std::fprintf(stderr, "%s:%d: check failed: %s\n", file, line, condition);
  __builtin_trap();
#endif
}

}  // namespace cotext
