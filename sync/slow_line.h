// How slow a line may be over which nothing is given up: 2 KiB a second, 16 kbit/s. Whoever waits
// for something that is under way adds what that takes over such a line; what is lost is found out
// so much later, and only where much is under way.
#ifndef COTEXT_SYNC_SLOW_LINE_H_
#define COTEXT_SYNC_SLOW_LINE_H_

#include <cstdint>

namespace cotext::sync {

inline constexpr uint64_t kSlowLineBytesPerS = 2048;

// How long so many bytes may take, in whole KiB: what is short takes no time of its own.
constexpr uint64_t SlowLineMs(uint64_t bytes) {
  constexpr uint64_t kKib = 1024;
  constexpr uint64_t kMsPerKib = 1000 * kKib / kSlowLineBytesPerS;
  return bytes / kKib * kMsPerKib;
}

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_SLOW_LINE_H_
