// Whoever breaks the rules of the protocol loses his session, with a stable code that tells why;
// what is to be ignored, or answered by a refusal, ends nothing.
#ifndef COTEXT_SIMULATION_CHECK_CHECK_HOSTILE_H_
#define COTEXT_SIMULATION_CHECK_CHECK_HOSTILE_H_

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "document/error.h"
#include "simulation/check/violation.h"

namespace cotext {

struct HostileAct {
  uint64_t at_us = 0;
  uint64_t node = 0;
  std::string what = {};
  // How the session may end for it, one of these; nothing: it must go on.
  std::set<ErrorCode> codes = {};
  bool may_go_on = false;
  bool has_come = false;  // To a server that had not ended the session before.
  std::optional<ErrorCode> ended = {};
};

// Returns whether clients may be told an error: docs/PROTOCOL.md has a list of those.
bool IsOfProtocol(ErrorCode code);

std::vector<Violation> CheckHostile(std::span<const HostileAct> acts);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_CHECK_CHECK_HOSTILE_H_
