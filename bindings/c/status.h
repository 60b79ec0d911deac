// What functions of the C interface return, and what cotext_last_error says.
//
// A function's body computes an Expected; Finish makes a status of it. Every error goes through
// Fail, which keeps its message for its thread.
#ifndef COTEXT_BINDINGS_C_STATUS_H_
#define COTEXT_BINDINGS_C_STATUS_H_

#include <string_view>

#include "bindings/c/cotext.h"
#include "document/error.h"

namespace cotext::c {

// Of the interface itself: why a call was refused before any engine saw it.
struct Refusal {
  cotext_status status = COTEXT_OK;
  const char* message = "";

  bool is_ok() const { return status == COTEXT_OK; }
};

// Keep the message, of which the first bytes count, and return the status.
cotext_status Fail(cotext_status status, std::string_view message);
cotext_status Fail(const Error& error);
inline cotext_status Fail(const Refusal& refusal) { return Fail(refusal.status, refusal.message); }

template <typename Value>
cotext_status Finish(const Expected<Value>& outcome) {
  return outcome ? COTEXT_OK : Fail(outcome.error());
}

// Returns the code with that number, or kIo if there is none.
ErrorCode CodeOf(cotext_status status);

}  // namespace cotext::c

// Returns from a function of the interface unless a Refusal is none.
#define COTEXT_C_REFUSE(expression)                                                          \
  do {                                                                                       \
    if (const ::cotext::c::Refusal cotext_refusal = (expression); !cotext_refusal.is_ok()) { \
      return ::cotext::c::Fail(cotext_refusal);                                              \
    }                                                                                        \
  } while (false)

#endif  // COTEXT_BINDINGS_C_STATUS_H_
