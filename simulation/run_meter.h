// What one timed run takes: time, and bytes beyond those that were allocated when it began.
#ifndef COTEXT_SIMULATION_RUN_METER_H_
#define COTEXT_SIMULATION_RUN_METER_H_

#include <chrono>
#include <cstdint>
#include <functional>

namespace cotext {

// How the caller counts allocated bytes; all zero where a function is empty.
struct MemoryMeter {
  std::function<uint64_t()> live_bytes = {};
  std::function<uint64_t()> peak_bytes = {};  // Since the last reset_peak.
  std::function<void()> reset_peak = {};
};

class Stopwatch {
 public:
  double Milliseconds() const {
    return std::chrono::duration<double, std::milli>(Clock::now() - begin_).count();
  }

 private:
  using Clock = std::chrono::steady_clock;

  Clock::time_point begin_ = Clock::now();
};

// REQUIRES: the MemoryMeter outlives it.
class RunMeter {
 public:
  explicit RunMeter(const MemoryMeter& memory)
      : memory_(memory), live_before_(LiveAfterReset(memory)) {}

  double Milliseconds() const { return watch_.Milliseconds(); }
  uint64_t PeakBytes() const { return Call(memory_.peak_bytes) - live_before_; }
  uint64_t LiveBytes() const { return Call(memory_.live_bytes) - live_before_; }

 private:
  static uint64_t Call(const std::function<uint64_t()>& function) {
    return function ? function() : 0;
  }
  static uint64_t LiveAfterReset(const MemoryMeter& memory) {
    if (memory.reset_peak) memory.reset_peak();
    return Call(memory.live_bytes);
  }

  const MemoryMeter& memory_;
  uint64_t live_before_;
  Stopwatch watch_;  // Last, so that it does not time the others.
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_RUN_METER_H_
