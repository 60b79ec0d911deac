// Random values of OT, as they come about, for tests of what is written and read.
#ifndef COTEXT_TESTS_SUPPORT_OT_VALUES_H_
#define COTEXT_TESTS_SUPPORT_OT_VALUES_H_

#include "document/random.h"
#include "ot/client_state.h"
#include "ot/server_state.h"
#include "ot/submission.h"

namespace cotext {

// Returns a submission of any numbers, small ones likely.
OtSubmission RandomSubmission(Random& random);

// Returns a server that has taken a few dozen submissions of as many clients as it remembers, and a
// few more.
OtServerState RandomServerState(Random& random);

// Returns a client in any state but kStopped.
OtClientState RandomClientState(Random& random);

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_OT_VALUES_H_
