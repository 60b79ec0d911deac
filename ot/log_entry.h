// What the log of an OT document consists of.
#ifndef COTEXT_OT_LOG_ENTRY_H_
#define COTEXT_OT_LOG_ENTRY_H_

#include <cstdint>
#include <variant>

#include "ot/submission.h"

namespace cotext {

// Moves the horizon: OtServerState::TruncateBefore.
struct OtTruncation {
  uint64_t revision = 0;
  friend bool operator==(const OtTruncation&, const OtTruncation&) = default;
};

using OtLogEntry = std::variant<OtSubmission, OtTruncation>;

}  // namespace cotext

#endif  // COTEXT_OT_LOG_ENTRY_H_
