// Certificates that vouch for themselves, for tests of TLS.
#ifndef COTEXT_TESTS_NET_CERTIFICATE_H_
#define COTEXT_TESTS_NET_CERTIFICATE_H_

#include <string>

namespace cotext::net {

struct CertificateOptions {
  std::string name = "DNS:localhost";  // As OpenSSL has it: DNS:... or IP:..., several with commas.
  std::string common_name = "a test";
  long begins_in_s = -86'400;
  long ends_in_s = 86'400;
};

// Writes one to PATH.crt and its key to PATH.key, as PEM.
void WriteCertificate(const std::string& path, const CertificateOptions& options = {});

}  // namespace cotext::net

#endif  // COTEXT_TESTS_NET_CERTIFICATE_H_
