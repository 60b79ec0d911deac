// What an OT client and its server send each other on a connection, as few bytes as it takes: a
// submission, or a commit. Document and connection tell the rest, as they do for the RGA's updates
// with a table of replicas.
//
// A varint each: a number (a client's for its submission; the author's on the connection for a
// commit), a revision (its base; the one it made), then for each component 3 * (count - 1) + kind,
// kind being that of Delta, an insert followed by its text. Deletes go without text, which nobody
// needs.
#ifndef COTEXT_SIMULATION_COMPARISON_OT_MESSAGE_H_
#define COTEXT_SIMULATION_COMPARISON_OT_MESSAGE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "document/delta.h"
#include "document/error.h"

namespace cotext {

struct OtMessage {
  uint64_t number = 0;
  uint64_t revision = 0;
  Delta operation;

  friend bool operator==(const OtMessage&, const OtMessage&) = default;
};

std::string EncodeOtMessage(const OtMessage& message);

// Total and linear. kMalformedUpdate if the bytes are no message.
Expected<OtMessage> DecodeOtMessage(std::string_view bytes);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_COMPARISON_OT_MESSAGE_H_
