// Every form of the operators is replaced, although the default ones would end up in two of them:
// under AddressSanitizer they would not, and it checks that a form of delete fits its new.
#include "tools/allocation_counter.h"

#include <malloc.h>
#include <sys/single_threaded.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace cotext {
namespace {

std::atomic<uint64_t> live_bytes;
std::atomic<uint64_t> peak_bytes;

// Returns what is live after a change. As long as there is one thread, without the bus being locked
// for that, which would take more time than the allocation.
uint64_t AddToLive(uint64_t bytes) {
  if (__libc_single_threaded == 0) {
    return live_bytes.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  }
  const uint64_t live = live_bytes.load(std::memory_order_relaxed) + bytes;
  live_bytes.store(live, std::memory_order_relaxed);
  return live;
}

void* CountBlock(void* block) {
  if (block == nullptr) return nullptr;
  const uint64_t live = AddToLive(malloc_usable_size(block));
  uint64_t peak = peak_bytes.load(std::memory_order_relaxed);
  while (peak < live && !peak_bytes.compare_exchange_weak(peak, live, std::memory_order_relaxed)) {
  }
  return block;
}

// Never asks for nothing, since that may give a null pointer.
void* Allocate(size_t size) noexcept { return CountBlock(std::malloc(size == 0 ? 1 : size)); }

void* AllocateAligned(size_t size, std::align_val_t alignment) noexcept {
  void* block = nullptr;
  const int error = posix_memalign(&block, static_cast<size_t>(alignment), size == 0 ? 1 : size);
  return error == 0 ? CountBlock(block) : nullptr;
}

void* OrThrow(void* block) {
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

void Free(void* block) noexcept {
  if (block == nullptr) return;
  AddToLive(-malloc_usable_size(block));
  std::free(block);
}

}  // namespace

uint64_t LiveBytes() { return live_bytes.load(std::memory_order_relaxed); }

uint64_t PeakBytes() { return peak_bytes.load(std::memory_order_relaxed); }

void ResetPeakBytes() { peak_bytes.store(LiveBytes(), std::memory_order_relaxed); }

}  // namespace cotext

using cotext::Allocate;
using cotext::AllocateAligned;
using cotext::Free;
using cotext::OrThrow;
using std::align_val_t;
using std::nothrow_t;

void* operator new(size_t size) { return OrThrow(Allocate(size)); }
void* operator new[](size_t size) { return OrThrow(Allocate(size)); }
void* operator new(size_t size, const nothrow_t&) noexcept { return Allocate(size); }
void* operator new[](size_t size, const nothrow_t&) noexcept { return Allocate(size); }
void* operator new(size_t size, align_val_t alignment) {
  return OrThrow(AllocateAligned(size, alignment));
}
void* operator new[](size_t size, align_val_t alignment) {
  return OrThrow(AllocateAligned(size, alignment));
}
void* operator new(size_t size, align_val_t alignment, const nothrow_t&) noexcept {
  return AllocateAligned(size, alignment);
}
void* operator new[](size_t size, align_val_t alignment, const nothrow_t&) noexcept {
  return AllocateAligned(size, alignment);
}

void operator delete(void* block) noexcept { Free(block); }
void operator delete[](void* block) noexcept { Free(block); }
void operator delete(void* block, size_t) noexcept { Free(block); }
void operator delete[](void* block, size_t) noexcept { Free(block); }
void operator delete(void* block, const nothrow_t&) noexcept { Free(block); }
void operator delete[](void* block, const nothrow_t&) noexcept { Free(block); }
void operator delete(void* block, align_val_t) noexcept { Free(block); }
void operator delete[](void* block, align_val_t) noexcept { Free(block); }
void operator delete(void* block, size_t, align_val_t) noexcept { Free(block); }
void operator delete[](void* block, size_t, align_val_t) noexcept { Free(block); }
void operator delete(void* block, align_val_t, const nothrow_t&) noexcept { Free(block); }
void operator delete[](void* block, align_val_t, const nothrow_t&) noexcept { Free(block); }
