#include "simulation/world/network_path.h"

#include <algorithm>
#include <bit>
#include <cstddef>

namespace cotext {
namespace {

// A time within which half of all packets arrive; another one, half of the others; and so on. With
// arrivals spread evenly in each, the mean is 1.5 of such times.
uint64_t DrawExponential(uint64_t mean_us, Random& random) {
  const uint64_t half_life_us = mean_us * 2 / 3;
  const auto halvings = static_cast<uint64_t>(std::countr_zero(random.Next() | 1U << 20U));
  return halvings * half_life_us + random.Below(half_life_us + 1);
}

}  // namespace

uint64_t DrawLatency(const Latency& latency, Random& random) {
  uint64_t time_us = latency.least_us;
  time_us += latency.shape == Latency::Shape::kUniform ? random.Between(0, 2 * latency.mean_us)
                                                       : DrawExponential(latency.mean_us, random);
  if (Happens(random, latency.spikes_ppm)) time_us += random.Between(0, latency.spike_us);
  return time_us;
}

void Corrupt(std::string& packet, Random& random) {
  if (packet.empty()) return;
  for (uint64_t flips = random.Between(1, 8); flips > 0; --flips) {
    const auto at = static_cast<size_t>(random.Below(packet.size()));
    packet[at] = static_cast<char>(static_cast<unsigned char>(packet[at]) ^ 1U << random.Below(8));
  }
}

}  // namespace cotext
