// Copying and filling memory by the bulk instructions: wasi-libc's own memmove is a loop, several
// times slower where long texts shift. In assembly, because the compiler may turn its built-in
// forms into calls of the very functions defined here.
#include <cstddef>

extern "C" {

void* memmove(void* to, const void* from, size_t size) {
  asm volatile(
      "local.get %0\n"
      "local.get %1\n"
      "local.get %2\n"
      "memory.copy 0, 0"
      :
      : "r"(to), "r"(from), "r"(size)
      : "memory");
  return to;
}

void* memcpy(void* __restrict to, const void* __restrict from, size_t size) {
  return memmove(to, from, size);
}

void* memset(void* to, int byte, size_t size) {
  asm volatile(
      "local.get %0\n"
      "local.get %1\n"
      "local.get %2\n"
      "memory.fill 0"
      :
      : "r"(to), "r"(byte), "r"(size)
      : "memory");
  return to;
}

}  // extern "C"
