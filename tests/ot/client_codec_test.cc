#include "ot/client_codec.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "document/delta.h"
#include "document/error.h"
#include "ot/client_state.h"
#include "tests/support/damaged_bytes.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/ot_values.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

constexpr OtClientId kAnn{300};

OtSavedClient Synchronized() { return OtClientState(kAnn, 1000, 50).Save(); }

OtSavedClient AwaitingWithBuffer() {
  OtClientState ann(kAnn, 1000, 50);
  (void)*ann.Edit(Delta().Retain(40).Insert("x"));
  (void)*ann.OnCommitted(
      {.revision = 1001, .client = OtClientId{7}, .seq = 1, .operation = Delta().Delete(1)});
  (void)*ann.Edit(Delta().Retain(40).Insert("y"));
  return ann.Save();
}

template <typename T>
ErrorCode CodeOf(const Expected<T>& result) {
  return result ? ErrorCode{} : result.error().code;
}

TEST(ClientCodecTest, TheBytesAreThose) {
  EXPECT_EQ(EncodeOtClient(Synchronized()), std::string("\x29\x00\xac\x02\x01\xe8\x07\x32", 8));
  EXPECT_EQ(EncodeOtClient(AwaitingWithBuffer()),
            "\x29\x01\xac\x02\x02\xe9\x07\x31\xe8\x07\x04\xa0\x01\x05x\x04\x9c\x01\x05x\x01\x01"
            "\x04\xa0\x01\x05y");
  const OtSavedReplica replica{
      .client = Synchronized(),
      .returned =
          OtReturned{.operation = Delta().Insert("z"), .revision = 1000, .may_be_committed = true},
      .returned_edits = 2,
      .text = "abc"};
  EXPECT_EQ(EncodeOtReplica(replica),
            std::string("\x31\x08\x29\x00\xac\x02\x01\xe8\x07\x32\x05\x02\x05z\xe8\x07\x02"
                        "abc",
                        20));
  EXPECT_EQ(DecodeOtReplica(EncodeOtReplica(replica)), replica);
}

TEST(ClientCodecTest, EveryClientComesBack) {
  ForEachSeed(2000, [](Random& random) {
    const OtSavedClient client = RandomClientState(random).Save();
    const Expected<OtSavedClient> decoded = DecodeOtClient(EncodeOtClient(client));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    EXPECT_EQ(*decoded, client);
    OtSavedReplica replica{.client = client, .text = RandomText(random, 20)};
    if (random.Chance(30)) {
      replica.returned = OtReturned{.operation = RandomDelta(random, "text", DeletedText::kSome),
                                    .revision = random.Below(1000),
                                    .follows_in_flight = random.Chance(50),
                                    .may_be_committed = random.Chance(50)};
      replica.returned_edits = random.Below(5);
    }
    EXPECT_EQ(DecodeOtReplica(EncodeOtReplica(replica)), replica);
  });
}

TEST(ClientCodecTest, WhatIsNoClientIsRefused) {
  for (const std::string_view bytes : std::vector<std::string_view>{
           {"\x29\x08\xac\x02\x01\xe8\x07\x32", 8},      // An unknown flag.
           {"\x29\x02\xac\x02\x01\xe8\x07\x32", 8},      // As sent, but nothing was.
           {"\x29\x00\x00\x01\xe8\x07\x32", 7},          // Client 0.
           {"\x29\x00\xac\x02\x00\xe8\x07\x32", 8},      // Number 0.
           {"\x29\x00\xac\x02\x01\xe8\x07\x32\x00", 9},  // A byte behind.
           {"\x29\x01\x07\x02\x09\x05\x08\x02\x05x\x02\x05x\x01\x00\x00", 16},  // Not said once.
       }) {
    EXPECT_EQ(CodeOf(DecodeOtClient(bytes)), ErrorCode::kMalformedState)
        << testing::PrintToString(bytes);
  }
  EXPECT_EQ(CodeOf(DecodeOtClient("\x2a")), ErrorCode::kUnsupported);
  const std::string client = EncodeOtClient(Synchronized());
  const std::string prefix = std::string("\x31") + static_cast<char>(client.size()) + client;
  EXPECT_TRUE(DecodeOtReplica(prefix + std::string("\x00", 1)).has_value());
  EXPECT_EQ(CodeOf(DecodeOtReplica(prefix)), ErrorCode::kMalformedState);
  EXPECT_EQ(CodeOf(DecodeOtReplica(prefix + "\x04")), ErrorCode::kMalformedState);
  EXPECT_EQ(CodeOf(DecodeOtReplica(prefix + "\x08")), ErrorCode::kMalformedState);
  EXPECT_EQ(CodeOf(DecodeOtReplica(prefix + std::string("\x00\xff", 2))), ErrorCode::kInvalidUtf8);
}

TEST(ClientCodecTest, DamagedBytesAreRefusedOrAnotherClient) {
  uint64_t refused = 0;
  ForEachSeed(5000, [&refused](Random& random) {
    const OtSavedReplica replica{.client = RandomClientState(random).Save(), .text = "some text"};
    refused +=
        IsRefusedOrTheSame(random, EncodeOtReplica(replica), EncodeOtReplica, DecodeOtReplica);
  });
  EXPECT_GT(refused, 1000U);
  EXPECT_LT(refused, 4900U);
}

}  // namespace
}  // namespace cotext
