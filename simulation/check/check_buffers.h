// No buffer grows past the maximum that it is meant to have.
#ifndef COTEXT_SIMULATION_CHECK_CHECK_BUFFERS_H_
#define COTEXT_SIMULATION_CHECK_CHECK_BUFFERS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "simulation/check/violation.h"

namespace cotext {

struct BufferSample {
  uint64_t at_us = 0;
  uint64_t node = 0;
  std::string buffer = {};
  uint64_t depth = 0;  // In the unit of its maximum.
};

struct BufferRecord {
  std::map<std::string, uint64_t> maxima = {};
  std::vector<BufferSample> samples = {};
};

// A buffer without a maximum is a violation, too.
std::vector<Violation> CheckBuffers(const BufferRecord& record);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_CHECK_CHECK_BUFFERS_H_
