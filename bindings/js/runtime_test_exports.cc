// Exports that make the module's runtime (rt.cc, mem.cc) do each thing it is for.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

#include "bindings/js/export.h"

namespace {

struct alignas(64) Wide {
  char bytes[64];
};

COTEXT_EXPORT(void, test_move)(void* to, const void* from, size_t size) {
  std::memmove(to, from, size);
}
COTEXT_EXPORT(void, test_copy)(void* to, const void* from, size_t size) {
  std::memcpy(to, from, size);
}
COTEXT_EXPORT(void, test_fill)(void* to, int byte, size_t size) { std::memset(to, byte, size); }

COTEXT_EXPORT(void*, test_new)(size_t size) { return ::operator new(size); }
COTEXT_EXPORT(Wide*, test_new_aligned)(size_t count) { return new Wide[count]; }
COTEXT_EXPORT(void, test_delete_aligned)(Wide* wide) { delete[] wide; }

COTEXT_EXPORT(void, test_abort)() { std::abort(); }
COTEXT_EXPORT(int32_t, test_element)(size_t index) {
  const std::vector<int32_t> three = {1, 2, 3};
  return three[index];
}
COTEXT_EXPORT(int32_t, test_element_at)(size_t index) {
  const std::vector<int32_t> three = {1, 2, 3};
  return three.at(index);
}

// What a stack must not grow into.
COTEXT_EXPORT(uint32_t*, test_globals)() {
  static uint32_t globals[] = {1, 2, 3, 4};
  return globals;
}

// Uses up any stack, once `depth` is large enough.
COTEXT_EXPORT(uint32_t, test_recurse)(uint32_t depth) {
  volatile char frame[1024];
  frame[depth % sizeof(frame)] = 1;
  return depth == 0 ? 0 : test_recurse(depth - 1) + static_cast<uint32_t>(frame[0]);
}

}  // namespace
