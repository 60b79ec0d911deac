// What a packet meets on its way in one direction: how long it takes, and what happens to it.
//
// Times are in microseconds, shares in millionths. All numbers come from the given generator by
// integer arithmetic, so that they are the same on any machine.
#ifndef COTEXT_SIMULATION_WORLD_NETWORK_PATH_H_
#define COTEXT_SIMULATION_WORLD_NETWORK_PATH_H_

#include <cstdint>
#include <string>

#include "document/random.h"

namespace cotext {

inline constexpr uint64_t kMillion = 1'000'000;

// Returns true in `ppm` of a million cases.
inline bool Happens(Random& random, uint64_t ppm) { return random.Below(kMillion) < ppm; }

// How long packets take: at least `least_us`; beyond that `mean_us` on the average, and in a few
// cases a spike of up to `spike_us` more.
struct Latency {
  enum class Shape : uint8_t {
    kUniform,      // Anything from 0 to twice the mean.
    kExponential,  // Half of the rest each time the same time has passed; straight in between.
  };

  Shape shape = Shape::kUniform;
  uint64_t least_us = 0;
  uint64_t mean_us = 0;
  uint64_t spikes_ppm = 0;
  uint64_t spike_us = 0;
  friend bool operator==(const Latency&, const Latency&) = default;
};

uint64_t DrawLatency(const Latency& latency, Random& random);

struct NetworkPath {
  Latency latency;
  uint64_t loss_ppm = 0;
  uint64_t duplicate_ppm = 0;
  uint64_t reorder_ppm = 0;  // Of packets that let later ones overtake them.
  uint64_t corrupt_ppm = 0;
  uint64_t bytes_per_second = 0;  // 0: as many as there are.
  friend bool operator==(const NetworkPath&, const NetworkPath&) = default;
};

// Flips 1 to 8 bits, if there are any.
void Corrupt(std::string& packet, Random& random);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_NETWORK_PATH_H_
