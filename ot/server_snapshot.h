// All that an OT server has to keep of a document, as plain values.
#ifndef COTEXT_OT_SERVER_SNAPSHOT_H_
#define COTEXT_OT_SERVER_SNAPSHOT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "document/error.h"
#include "ot/submission.h"

namespace cotext {

// What became of the last submission of a client that was decided.
struct OtDecision {
  OtClientId client;
  uint64_t seq = 0;
  uint64_t fingerprint = 0;               // HashSubmission of it.
  uint64_t revision = 0;                  // That it was committed as, or at which it was refused.
  std::optional<ErrorCode> refusal = {};  // Why it was refused.

  friend bool operator==(const OtDecision&, const OtDecision&) = default;
};

struct OtRevisionHash {
  uint64_t revision = 0;
  uint64_t hash = 0;  // HashText of the text at that revision.

  friend bool operator==(const OtRevisionHash&, const OtRevisionHash&) = default;
};

struct OtSnapshot {
  uint64_t log_position = 0;  // How many entries of the log are in it.
  uint64_t revision = 0;
  uint64_t forgotten_below = 0;  // OtServerState::forgotten_below().
  std::string text = {};
  std::vector<OtDecision> decisions = {};   // By ascending client.
  std::vector<OtCommit> history = {};       // From the horizon on, the last one is `revision`.
  std::vector<OtRevisionHash> hashes = {};  // By ascending revision, none before the horizon.

  friend bool operator==(const OtSnapshot&, const OtSnapshot&) = default;
};

}  // namespace cotext

#endif  // COTEXT_OT_SERVER_SNAPSHOT_H_
