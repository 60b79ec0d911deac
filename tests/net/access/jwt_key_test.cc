#include "net/access/jwt_key.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "document/error.h"
#include "tests/net/signed_token.h"
#include "tests/support/temporary_folder.h"

namespace cotext::net {
namespace {

using JwtKeyTest = TemporaryFolderTest;

TEST_F(JwtKeyTest, WeakAndWrongKeysAreRefused) {
  const auto refuses = [](JwtAlgorithm algorithm, const std::string& bytes) {
    return !MakeJwtKey(algorithm, bytes).has_value();
  };
  const KeyPair rsa = MakeRsaKey();
  using enum JwtAlgorithm;
  EXPECT_TRUE(refuses(kHs256, ""));
  EXPECT_TRUE(refuses(kHs256, std::string(31, 's')));
  EXPECT_TRUE(refuses(kHs256, std::string(31, 's') + "\n"));
  EXPECT_FALSE(refuses(kHs256, std::string(32, 's')));
  EXPECT_TRUE(refuses(kHs256, rsa.public_key));
  EXPECT_TRUE(refuses(kRs256, ""));
  EXPECT_TRUE(refuses(kRs256, kSecret));
  EXPECT_TRUE(refuses(kRs256, MakeCurveKey().public_key));
  EXPECT_TRUE(refuses(kRs256, rsa.private_key));
  EXPECT_TRUE(refuses(kRs256, MakeRsaKey(1024).public_key));
  EXPECT_TRUE(refuses(kEs256, rsa.public_key));
  EXPECT_TRUE(refuses(kEs256, MakeCurveKey("P-384").public_key));
  EXPECT_TRUE(refuses(kEs256, MakeCurveKey("secp256k1").public_key));
  EXPECT_EQ(MakeJwtKey(kHs256, std::string(kJwtKeyBytesMax + 1, 's')).error().code,
            ErrorCode::kTooLarge);
}

TEST_F(JwtKeyTest, KeysAreReadFromFiles) {
  const std::string file = Path("key");
  std::ofstream(file) << kSecret << "\r\n";
  const auto key = ReadJwtKey("hs256:" + file);
  ASSERT_TRUE(key.has_value()) << key.error().message;
  EXPECT_EQ(key->bytes, kSecret);
  EXPECT_EQ(ReadJwtKey("rs256:" + file).error().code, ErrorCode::kBadRequest);
  EXPECT_EQ(ReadJwtKey("none:" + file).error().code, ErrorCode::kBadRequest);
  EXPECT_EQ(ReadJwtKey("hs256").error().code, ErrorCode::kBadRequest);
  EXPECT_EQ(ReadJwtKey("hs256:" + file + "x").error().code, ErrorCode::kIo);
  std::ofstream(file) << std::string(kJwtKeyBytesMax + 1, 's');
  EXPECT_EQ(ReadJwtKey("hs256:" + file).error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace cotext::net
