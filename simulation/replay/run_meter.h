// What one timed run takes: time, and bytes beyond those that were allocated when it began.
#ifndef COTEXT_SIMULATION_REPLAY_RUN_METER_H_
#define COTEXT_SIMULATION_REPLAY_RUN_METER_H_

#include <cstdint>
#include <ctime>
#include <functional>

namespace cotext {

// How the caller counts allocated bytes; all zero where a function is empty.
struct MemoryMeter {
  std::function<uint64_t()> live_bytes = {};
  std::function<uint64_t()> peak_bytes = {};  // Since the last reset_peak.
  std::function<void()> reset_peak = {};
};

// What a clock counts: time that passes, or processor time of this thread, which does not pass
// while others have the processor.
enum class ClockKind : uint8_t { kWall, kProcessor };

class Stopwatch {
 public:
  explicit Stopwatch(ClockKind kind = ClockKind::kWall)
      : clock_(kind == ClockKind::kWall ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID),
        begin_(Now()) {}

  double Milliseconds() const { return Now() - begin_; }

 private:
  double Now() const {
    timespec time{};
    clock_gettime(clock_, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
  }

  clockid_t clock_;
  double begin_;
};

// REQUIRES: the MemoryMeter outlives it.
class RunMeter {
 public:
  explicit RunMeter(const MemoryMeter& memory, ClockKind kind = ClockKind::kWall)
      : memory_(memory), live_before_(LiveAfterReset(memory)), watch_(kind) {}

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

#endif  // COTEXT_SIMULATION_REPLAY_RUN_METER_H_
