#include "net/server/tls_files.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "document/error.h"
#include "tests/net/certificate.h"
#include "tests/support/temporary_folder.h"

namespace cotext::net {
namespace {

class TlsFilesTest : public TemporaryFolderTest {
 protected:
  void SetUp() override {
    WriteCertificate(Path("one"));
    WriteCertificate(Path("other"));
  }
  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(Path(name)) << content;
  }
  // Returns what is wrong, without the folder.
  std::string Check(const std::string& certificate, const std::string& key) const {
    const auto checked = CheckTlsFiles(Path(certificate), Path(key));
    if (checked) return "";
    EXPECT_EQ(checked.error().code, ErrorCode::kIo);
    EXPECT_FALSE(checked.error().message.contains('\n')) << checked.error().message;
    return checked.error().message.substr(Path("").size());
  }
};

TEST_F(TlsFilesTest, ACertificateAndItsKeyAreFine) {
  EXPECT_EQ(Check("one.crt", "one.key"), "");
  EXPECT_EQ(Check("other.crt", "other.key"), "");
}

TEST_F(TlsFilesTest, WhichFileIsWrongIsSaid) {
  Write("text", "no PEM at all");
  Write("damaged", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  Write("damaged.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
  EXPECT_TRUE(Check("none", "one.key").starts_with("none: "));
  EXPECT_TRUE(Check("one.crt", "none").starts_with("none: "));
  EXPECT_EQ(Check("text", "one.key"), "text: has no certificate");
  EXPECT_EQ(Check("one.key", "one.key"), "one.key: has no certificate");
  EXPECT_EQ(Check("one.crt", "text"), "text: has no private key");
  EXPECT_EQ(Check("one.crt", "one.crt"), "one.crt: has no private key");
  EXPECT_TRUE(Check("damaged", "one.key").starts_with("damaged: its certificate cannot be used"));
  EXPECT_TRUE(Check("one.crt", "damaged.key").starts_with("damaged.key: its key cannot be used"));
}

TEST_F(TlsFilesTest, TheKeyOfAnotherCertificateIsNoGood) {
  EXPECT_TRUE(Check("one.crt", "other.key").starts_with("other.key: its key cannot be used"));
}

// Nobody is there to be asked for it.
TEST_F(TlsFilesTest, AKeyWithAPassphraseIsNoGood) {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  std::FILE* const out = std::fopen(Path("locked.key").c_str(), "w");
  ASSERT_NE(out, nullptr);
  const unsigned char phrase[] = "secret";
  EXPECT_EQ(PEM_write_PrivateKey(out, key, EVP_aes_128_cbc(), phrase, 6, nullptr, nullptr), 1);
  std::fclose(out);
  EVP_PKEY_free(key);
  EXPECT_TRUE(Check("one.crt", "locked.key").starts_with("locked.key: its key cannot be used"));
}

}  // namespace
}  // namespace cotext::net
