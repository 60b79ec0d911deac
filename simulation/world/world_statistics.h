// What a simulated world was like, in numbers: how long text took to reach everybody, how much
// people lacked meanwhile, and what became of what they typed in one go.
//
// All is counted in characters that were inserted, as each is another one (intent_recorder.h), so
// the engines are measured alike.
#ifndef COTEXT_SIMULATION_WORLD_WORLD_STATISTICS_H_
#define COTEXT_SIMULATION_WORLD_WORLD_STATISTICS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "simulation/histogram.h"
#include "simulation/world/world_record.h"

namespace cotext {

// The time until nothing kept the world from settling has 20 parts, and half as long again is
// looked at behind it.
inline constexpr size_t kStalenessParts = 20;
inline constexpr size_t kStalenessSamples = kStalenessParts + kStalenessParts / 2 + 1;

struct WorldStatistics {
  // Of each character, from when it was typed to when the last of those who ever saw it did.
  Histogram spread_us = {};
  // At each part, how many characters were typed that somebody would see only later, summed over
  // the nodes.
  std::array<uint64_t, kStalenessSamples> missing = {};
  // Characters that one person typed next to each other and that both are there in the end; of
  // these, those between which stands what others typed without having seen both.
  uint64_t pairs = 0;
  uint64_t torn_pairs = 0;
  // The greatest depth of each buffer of any node.
  std::map<std::string, uint64_t> buffers = {};
  friend bool operator==(const WorldStatistics&, const WorldStatistics&) = default;
};

// REQUIRES: `text` is that of the end; quiet_since_us > 0.
WorldStatistics MeasureWorld(const WorldRecord& record, std::string_view text,
                             uint64_t quiet_since_us);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_WORLD_STATISTICS_H_
