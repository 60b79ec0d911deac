// Who may connect: what is known of a connection before it is one, and what is said to it.
//
// Whoever checks that is a function, so that servers of connections know nothing of tokens.
#ifndef COTEXT_NET_ACCESS_ADMISSION_H_
#define COTEXT_NET_ACCESS_ADMISSION_H_

#include <functional>
#include <string>

#include "document/error.h"
#include "sync/grants.h"

namespace cotext::net {

// Headers are as they came, and empty if they did not. None of this belongs in a log but the
// address.
struct ConnectionRequest {
  std::string peer_address;   // Numeric, of the other end of the socket.
  std::string forwarded_for;  // X-Forwarded-For.
  std::string host;
  std::string origin;
  std::string authorization;
  std::string ticket;  // The query's `ticket`, percent-decoded.
};

// An error is why the connection is refused.
using Admit = std::function<Expected<sync::Identity>(const ConnectionRequest&)>;

}  // namespace cotext::net

#endif  // COTEXT_NET_ACCESS_ADMISSION_H_
