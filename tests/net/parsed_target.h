// The target of a request as it is written, for tests that call handlers without a server: decoded
// and split as libwebsockets does it.
#ifndef COTEXT_TESTS_NET_PARSED_TARGET_H_
#define COTEXT_TESTS_NET_PARSED_TARGET_H_

#include <string>
#include <string_view>

#include "document/error.h"
#include "net/http/http_target.h"

namespace cotext::net {

// In parameters a plus is a space. REQUIRES: what is escaped is escaped well.
Expected<HttpTarget> ParseTarget(std::string_view target);

// REQUIRES: as above.
std::string Unescape(std::string_view text);

}  // namespace cotext::net

#endif  // COTEXT_TESTS_NET_PARSED_TARGET_H_
