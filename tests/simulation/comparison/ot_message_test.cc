#include "simulation/comparison/ot_message.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

#include "document/delta.h"
#include "document/random.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

OtMessage RandomMessage(Random& random) {
  OtMessage message{.number = random.Next() >> random.Below(64),
                    .revision = random.Next() >> random.Below(64),
                    .operation = {}};
  for (uint64_t i = random.Below(6); i > 0; --i) {
    message.operation.Retain(random.Below(1000)).Insert(RandomText(random, random.Below(5)));
    message.operation.Delete(random.Below(4));
  }
  return message;
}

TEST(OtMessageTest, WhatIsWrittenIsRead) {
  ForEachSeed(1000, [](Random& random) {
    const OtMessage message = RandomMessage(random);
    const auto read = DecodeOtMessage(EncodeOtMessage(message));
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, message);
  });
}

TEST(OtMessageTest, AKeystrokeIsKnownToTheByte) {
  OtMessage message{.number = 1, .revision = 300, .operation = {}};
  message.operation.Retain(2).Insert("\u00e9").Delete(3);
  EXPECT_EQ(EncodeOtMessage(message), "\x01\xac\x02\x03\x01\xc3\xa9\x08");
}

TEST(OtMessageTest, BytesThatAreNoneAreRefused) {
  // Nothing; half a number; an insert without its text, with half a character, with no UTF-8.
  for (const std::string bytes : {"", "\x01", "\x01\x80", "\x01\x01\x01", "\x01\x01\x04\x61",
                                  "\x01\x01\x01\xc3", "\x01\x01\x01\xff"}) {
    const auto read = DecodeOtMessage(bytes);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, ErrorCode::kMalformedUpdate);
  }
}

TEST(OtMessageTest, LengthsThatNoTextHasAreRefused) {
  std::string bytes("\x01\x01");
  bytes.append("\xff\xff\xff\xff\xff\xff\xff\xff\x3f");
  EXPECT_FALSE(DecodeOtMessage(bytes));
}

TEST(OtMessageTest, DamagedBytesAreReadOrRefused) {
  ForEachSeed(300, [](Random& random) {
    std::string bytes = EncodeOtMessage(RandomMessage(random));
    bytes[random.Below(bytes.size())] = static_cast<char>(random.Next());
    const auto read = DecodeOtMessage(bytes);
    if (read) read->operation.CheckInvariants();
    EXPECT_TRUE(read || read.error().code == ErrorCode::kMalformedUpdate);
  });
}

}  // namespace
}  // namespace cotext
