// What sync/messages.h makes of a message.
#ifndef COTEXT_TESTS_SUPPORT_MESSAGE_MEANING_H_
#define COTEXT_TESTS_SUPPORT_MESSAGE_MEANING_H_

#include "document/error.h"
#include "sync/message.h"

namespace cotext {

// Reads a message and writes what was read, which leaves out the fields that its kind does not use.
// The errors are those of reading; a message of no known kind comes back as it is.
Expected<sync::Message> WriteWhatIsRead(const sync::Message& message);

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_MESSAGE_MEANING_H_
