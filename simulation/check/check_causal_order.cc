#include "simulation/check/check_causal_order.h"

#include <algorithm>
#include <map>

namespace cotext {

std::vector<Violation> CheckCausalOrder(std::span<const Delivery> deliveries) {
  Violations found("causal order");
  std::map<uint64_t, EditExtent> copies;
  for (const Delivery& delivery : deliveries) {
    EditExtent& has = copies[delivery.copy];
    for (const auto& [writer, upto] : delivery.seen) {
      if (has[writer] >= upto) continue;
      found.Add(AtTime(delivery.at_us) + " copy " + std::to_string(delivery.copy) + " took edits " +
                std::to_string(delivery.first) + " to " + std::to_string(delivery.last) +
                " of writer " + std::to_string(delivery.writer) +
                ", who had seen those of writer " + std::to_string(writer) + " up to " +
                std::to_string(upto) + "; it had them up to " + std::to_string(has[writer]));
    }
    uint64_t& upto = has[delivery.writer];
    if (delivery.first <= upto) {
      found.Add(AtTime(delivery.at_us) + " copy " + std::to_string(delivery.copy) + " took edit " +
                std::to_string(delivery.first) + " of writer " + std::to_string(delivery.writer) +
                " behind its own edit " + std::to_string(upto));
    }
    upto = std::max(upto, delivery.last);
  }
  return found.Take();
}

}  // namespace cotext
