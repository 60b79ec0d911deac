#include "simulation/check/check_durability.h"

#include <algorithm>
#include <string>

namespace cotext {

std::vector<Violation> CheckDurability(std::span<const DurabilityEvent> events) {
  Violations found("durability");
  EditExtent durable;
  for (const DurabilityEvent& event : events) {
    if (event.kind == DurabilityEvent::Kind::kAcknowledged) {
      for (const auto& [writer, upto] : event.extent) {
        durable[writer] = std::max(durable[writer], upto);
      }
      continue;
    }
    for (const auto& [writer, upto] : durable) {
      const auto there = event.extent.find(writer);
      const uint64_t kept = there == event.extent.end() ? 0 : there->second;
      if (kept >= upto) continue;
      found.Add(AtTime(event.at_us) + " " + NodeName(event.node) + " has the edits of writer " +
                std::to_string(writer) + " up to " + std::to_string(kept) +
                ", though he was told that they are durable up to " + std::to_string(upto));
    }
  }
  return found.Take();
}

}  // namespace cotext
