// Whether a server can speak TLS with a certificate and a key, and if not, which of them is wrong
// and why: libwebsockets says no more than that it cannot listen.
#ifndef COTEXT_NET_SERVER_TLS_FILES_H_
#define COTEXT_NET_SERVER_TLS_FILES_H_

#include <string>

#include "document/error.h"

namespace cotext::net {

// PEM files: the certificate with those that vouch for it, and its key without a passphrase. kIo:
// one cannot be read, has nothing of its kind, or the key is another certificate's.
Expected<void> CheckTlsFiles(const std::string& certificate, const std::string& key);

}  // namespace cotext::net

#endif  // COTEXT_NET_SERVER_TLS_FILES_H_
