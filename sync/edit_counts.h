// How many of a client's own edits have come how far.
#ifndef COTEXT_SYNC_EDIT_COUNTS_H_
#define COTEXT_SYNC_EDIT_COUNTS_H_

#include <cstdint>

namespace cotext::sync {

// Operations of an RGA document, transactions of an OT document; each is counted once, as the least
// that it has reached.
struct EditCounts {
  uint64_t unsent = 0;
  uint64_t unacknowledged = 0;  // Sent, and the server has not said that it came.
  uint64_t not_durable = 0;     // Came, and the server has not said that it is safe.

  bool all_durable() const { return unsent + unacknowledged + not_durable == 0; }
  friend bool operator==(const EditCounts&, const EditCounts&) = default;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_EDIT_COUNTS_H_
