// What stands in for the C and C++ runtime's ways of giving up.
//
// The libraries' own print a message first, which links printf and imports file functions from the
// host. These leave a reason behind and trap. After a trap the instance is broken, except that the
// functions below may still be called to ask why.
#include <__config>
#include <cstdint>
#include <cstdlib>
#include <new>

#include "bindings/js/export.h"

namespace {

// Values are part of the interface and never change. A trap without a hook leaves kNone: the
// processor's own, such as a stack overflow, and the C++ library's hardening.
enum class TrapReason : uint8_t {
  kNone = 0,
  kCheckFailed = 1,  // A COTEXT_CHECK: a bug in cotext.
  kOutOfMemory = 2,  // The memory is at its maximum, or the host gives no more.
  kAborted = 3,      // abort() was called.
  kThrew = 4,        // Where the C++ library would throw if there were exceptions: also a bug.
};

struct Trap {
  TrapReason reason = TrapReason::kNone;
  const char* file = nullptr;  // Of a failed check.
  int line = 0;
};

Trap trap;

[[noreturn]] void Stop(TrapReason reason) {
  trap.reason = reason;
  __builtin_trap();
}

void* Allocate(std::size_t size) {
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  Stop(TrapReason::kOutOfMemory);
}

void* AllocateAligned(std::size_t size, std::align_val_t alignment) {
  const auto bytes = static_cast<std::size_t>(alignment);
  // aligned_alloc wants a multiple of the alignment, a power of two.
  const std::size_t rounded = (size + bytes - 1) & ~(bytes - 1);
  if (rounded >= size) {
    if (void* memory = std::aligned_alloc(bytes, rounded == 0 ? bytes : rounded)) return memory;
  }
  Stop(TrapReason::kOutOfMemory);
}

}  // namespace

COTEXT_EXPORT(int32_t, cotext_trap_reason)() { return static_cast<int32_t>(trap.reason); }

// The place of a failed check: the address of a file name that ends in a zero byte, or 0.
COTEXT_EXPORT(const char*, cotext_trap_file)() { return trap.file; }
COTEXT_EXPORT(int32_t, cotext_trap_line)() { return trap.line; }

// document/check.cc calls this one.
extern "C" [[noreturn]] void cotext_check_failed(const char* file, int line) {
  trap.file = file;
  trap.line = line;
  Stop(TrapReason::kCheckFailed);
}

// What assert() calls: Abseil's headers have some, in checked builds.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming): the C library's name.
extern "C" [[noreturn]] void __assert_fail(const char* /*condition*/, const char* file, int line,
                                           const char* /*function*/) {
  cotext_check_failed(file, line);
}

extern "C" _Noreturn void abort() { Stop(TrapReason::kAborted); }

// The printer of the C++ library's low-level part.
extern "C" [[noreturn]] void abort_message(const char* /*format*/, ...) {
  Stop(TrapReason::kAborted);
}

// Stands in for the exceptions that the C++ library would throw.
_LIBCPP_BEGIN_NAMESPACE_STD
[[noreturn]] void __libcpp_verbose_abort(const char* /*format*/, ...) { Stop(TrapReason::kThrew); }
_LIBCPP_END_NAMESPACE_STD

// All of them, or the linker takes the library's along with its printing.
void* operator new(std::size_t size) { return Allocate(size); }
void* operator new[](std::size_t size) { return Allocate(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return AllocateAligned(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return AllocateAligned(size, alignment);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
