// What of this process's memory is allocated, by whichever part of it but SQLite: a store keeps
// pages that it has read, 16 MiB at most (storage/store_schema.cc).
#ifndef COTEXT_TESTS_NET_SERVER_LIVE_MEMORY_H_
#define COTEXT_TESTS_NET_SERVER_LIVE_MEMORY_H_

#include <malloc.h>
#include <sqlite3.h>

#include <cstddef>

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#include <sanitizer/allocator_interface.h>
#endif

namespace cotext {

inline size_t LiveMemory() {
  const auto pages = static_cast<size_t>(sqlite3_memory_used());
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return __sanitizer_get_current_allocated_bytes() - pages;
#else
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd - pages;
#endif
}

}  // namespace cotext

#endif  // COTEXT_TESTS_NET_SERVER_LIVE_MEMORY_H_
