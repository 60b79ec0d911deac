// Everybody sees who is there, with the latest that they showed, and nobody who has gone.
//
// A ghost is somebody who is still seen though he has been gone for longer than a grace period, in
// which servers find out.
#ifndef COTEXT_SIMULATION_CHECK_CHECK_PRESENCE_H_
#define COTEXT_SIMULATION_CHECK_CHECK_PRESENCE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "simulation/check/violation.h"

namespace cotext {

using SessionName = uint64_t;

// What a node saw of others at a time.
struct PresenceSample {
  uint64_t at_us = 0;
  uint64_t node = 0;
  std::map<SessionName, std::string> seen = {};  // With what they show.
};

struct PresenceRecord {
  uint64_t grace_us = 0;
  // When sessions ended for good, or their nodes died.
  std::map<SessionName, uint64_t> gone_at_us = {};
  std::vector<PresenceSample> samples = {};
  // At the end: the sessions there are, with what they show, and what each of their nodes sees.
  std::map<SessionName, std::string> present = {};
  std::map<SessionName, PresenceSample> views = {};  // By the viewer's session.
};

std::vector<Violation> CheckPresence(const PresenceRecord& record);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_CHECK_CHECK_PRESENCE_H_
