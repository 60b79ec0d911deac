#include "simulation/check/check_buffers.h"

namespace cotext {

std::vector<Violation> CheckBuffers(const BufferRecord& record) {
  Violations found("bounded buffers");
  for (const BufferSample& sample : record.samples) {
    const auto maximum = record.maxima.find(sample.buffer);
    const std::string where = "the " + sample.buffer + " of " + NodeName(sample.node);
    if (maximum == record.maxima.end()) {
      found.Add(where + " has no maximum");
    } else if (sample.depth > maximum->second) {
      found.Add(AtTime(sample.at_us) + " " + where + " holds " + std::to_string(sample.depth) +
                ", and may hold " + std::to_string(maximum->second));
    }
  }
  return found.Take();
}

}  // namespace cotext
