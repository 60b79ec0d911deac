// A node's own clock: it does not go back, but may run faster than the others'.
#ifndef COTEXT_SIMULATION_WORLD_SKEWED_CLOCK_H_
#define COTEXT_SIMULATION_WORLD_SKEWED_CLOCK_H_

#include <cstdint>

#include "simulation/world/network_path.h"

namespace cotext {

class SkewedClock {
 public:
  // Clocks of different nodes have nothing to do with each other.
  explicit SkewedClock(uint64_t start_ms) : local_us_(start_ms * 1000) {}

  // From `now_us` on the clock runs so much faster; 0: as it should.
  void SetRate(uint64_t faster_ppm, uint64_t now_us) {
    local_us_ = LocalUs(now_us);
    since_us_ = now_us;
    faster_ppm_ = faster_ppm;
  }

  // Returns what the clock shows.
  uint64_t LocalMs(uint64_t now_us) const { return LocalUs(now_us) / 1000; }
  // Returns the earliest virtual time, not before SetRate, at which it shows at least `local_ms`.
  uint64_t VirtualUs(uint64_t local_ms) const {
    const uint64_t local_us = local_ms * 1000;
    if (local_us <= local_us_) return since_us_;
    const uint64_t rate = kMillion + faster_ppm_;
    return since_us_ + ((local_us - local_us_) * kMillion + rate - 1) / rate;
  }

 private:
  uint64_t LocalUs(uint64_t now_us) const {
    return local_us_ + (now_us - since_us_) * (kMillion + faster_ppm_) / kMillion;
  }

  uint64_t local_us_;
  uint64_t since_us_ = 0;
  uint64_t faster_ppm_ = 0;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_SKEWED_CLOCK_H_
