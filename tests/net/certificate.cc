#include "tests/net/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <type_traits>

#include "document/check.h"

namespace cotext::net {
namespace {

template <auto Free>
using Freed = std::integral_constant<decltype(Free), Free>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
using File = std::unique_ptr<std::FILE, Freed<std::fclose>>;

void Extend(X509* certificate, int kind, const std::string& value) {
  const Extension extension(X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()));
  COTEXT_CHECK(extension != nullptr);
  COTEXT_CHECK(X509_add_ext(certificate, extension.get(), -1) == 1);
}

}  // namespace

void WriteCertificate(const std::string& path, const CertificateOptions& options) {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), options.begins_in_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), options.ends_in_s);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(options.common_name.c_str()),
                             -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  if (!options.name.empty()) Extend(certificate.get(), NID_subject_alt_name, options.name);
  COTEXT_CHECK(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
  const File certificate_out(std::fopen((path + ".crt").c_str(), "w"));
  const File key_out(std::fopen((path + ".key").c_str(), "w"));
  COTEXT_CHECK(certificate_out != nullptr);
  COTEXT_CHECK(key_out != nullptr);
  COTEXT_CHECK(PEM_write_X509(certificate_out.get(), certificate.get()) == 1);
  COTEXT_CHECK(
      PEM_write_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
}

}  // namespace cotext::net
