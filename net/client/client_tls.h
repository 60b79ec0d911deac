// TLS as clients speak it: version 1.2 or later, and only with a server that shows a certificate
// for the name it was asked for by, from somebody who is trusted.
//
// The context is OpenSSL's, and for libwebsockets, which does not free the one that it makes
// itself: it looks for it by a number that changes with every event loop of the process.
//
// The host stands in the context, in full. libwebsockets would cut it at the first colon, so that
// no IPv6 address could be a server's, and at 127 bytes.
#ifndef COTEXT_NET_CLIENT_CLIENT_TLS_H_
#define COTEXT_NET_CLIENT_CLIENT_TLS_H_

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <type_traits>

#include "document/error.h"
#include "net/client/client_transport.h"

namespace cotext::net {

using TlsContext =
    std::unique_ptr<SSL_CTX, std::integral_constant<decltype(&SSL_CTX_free), &SSL_CTX_free>>;

// Returns what connections to a host, a name or a numeric address, are made from. kIo: the file of
// authorities cannot be used.
Expected<TlsContext> MakeTlsContext(const TlsOptions& options, const std::string& host);

}  // namespace cotext::net

#endif  // COTEXT_NET_CLIENT_CLIENT_TLS_H_
