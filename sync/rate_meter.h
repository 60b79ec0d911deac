// How much somebody may do a second, on average, and how much at once before that counts.
//
// O(1). Times are in milliseconds of a clock that does not go back. Thread-compatible.
#ifndef COTEXT_SYNC_RATE_METER_H_
#define COTEXT_SYNC_RATE_METER_H_

#include <algorithm>
#include <cstdint>

namespace cotext::sync {

struct Rate {
  uint64_t per_s = 0;  // 0: as much as one likes.
  uint64_t burst = 0;
};

class RateMeter {
 public:
  // Counts what was done. Returns how long nothing more may be done, in milliseconds; 0: it may.
  // REQUIRES: the same rate each time; count and burst are below 2^43.
  uint64_t Take(uint64_t count, const Rate& rate, uint64_t now_ms) {
    constexpr uint64_t kUsPerMs = 1000;
    constexpr uint64_t kUsPerS = 1'000'000;
    if (rate.per_s == 0) return 0;
    const uint64_t now_us = now_ms * kUsPerMs;
    const uint64_t burst_us = std::min(now_us, rate.burst * kUsPerS / rate.per_s);
    used_until_us_ = std::max(used_until_us_, now_us - burst_us) + count * kUsPerS / rate.per_s;
    return (std::max(used_until_us_, now_us) - now_us) / kUsPerMs;
  }

 private:
  uint64_t used_until_us_ = 0;  // Up to when what was done has used up the rate.
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_RATE_METER_H_
