// Every edit arrives everywhere once: nowhere twice, nowhere changed, and, once the faults are
// over, nowhere not at all. The exception is what its author's own crash lost before it was sent.
#ifndef COTEXT_SIMULATION_CHECK_CHECK_EXACTLY_ONCE_H_
#define COTEXT_SIMULATION_CHECK_CHECK_EXACTLY_ONCE_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "simulation/check/violation.h"

namespace cotext {

// One edit: of an RGA an operation, of OT a submission.
struct EditRecord {
  uint64_t writer = 0;
  uint64_t number = 0;       // The writer's own: a counter, or that of the submission.
  std::string content = {};  // What it does, in any form that tells edits apart.
};

// A copy of the document that took edits in, from its creation on. One that was read from a store
// again is another one.
struct CopyRecord {
  uint64_t node = 0;
  bool is_final = false;  // It lived to the end, and has all that there is.
  std::vector<EditRecord> applied = {};
};

struct ExactlyOnceRecord {
  std::vector<EditRecord> made;
  std::vector<EditRecord> lost;  // Of these, those that may be missing.
  std::vector<CopyRecord> copies;
};

std::vector<Violation> CheckExactlyOnce(const ExactlyOnceRecord& record);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_CHECK_CHECK_EXACTLY_ONCE_H_
