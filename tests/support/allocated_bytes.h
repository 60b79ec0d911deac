// Counts what a test allocates. Defines operator new: to be included in one file of a program.
#ifndef COTEXT_TESTS_SUPPORT_ALLOCATED_BYTES_H_
#define COTEXT_TESTS_SUPPORT_ALLOCATED_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace cotext {

// All bytes that this thread ever asked for.
inline thread_local uint64_t allocated_bytes = 0;

}  // namespace cotext

void* operator new(size_t size) {
  cotext::allocated_bytes += size;
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t /*size*/) noexcept { std::free(memory); }

#endif  // COTEXT_TESTS_SUPPORT_ALLOCATED_BYTES_H_
