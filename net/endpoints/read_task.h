// A request for something that takes a document as text: it waits until there is one.
#ifndef COTEXT_NET_ENDPOINTS_READ_TASK_H_
#define COTEXT_NET_ENDPOINTS_READ_TASK_H_

#include <cstdint>
#include <functional>
#include <string>

#include "net/base/schedule.h"
#include "net/driver/document_readers.h"
#include "net/http/http_reply.h"

namespace cotext::net {

// So long may a document take to be loaded; then the client is to try again.
inline constexpr uint64_t kLoadMsMax = 20'000;

// Answers what `read` makes of the document, now or later; the error if there is none. As long as
// that takes the document is kept. Header fields of the reply are passed over.
HttpReply ReadDocument(DocumentReaders& readers, Schedule& schedule, const std::string& document,
                       std::function<HttpReply(const DocumentReader&)> read);

}  // namespace cotext::net

#endif  // COTEXT_NET_ENDPOINTS_READ_TASK_H_
