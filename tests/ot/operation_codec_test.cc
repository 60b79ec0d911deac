#include "ot/operation_codec.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/delta.h"
#include "document/error.h"
#include "document/varint.h"
#include "tests/support/damaged_bytes.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

ErrorCode CodeOf(std::string_view bytes) {
  const Expected<Delta> decoded = DecodeOperation(bytes);
  return decoded ? ErrorCode{} : decoded.error().code;
}

TEST(OperationCodecTest, TheBytesAreThose) {
  EXPECT_EQ(EncodeOperation(Delta()), "");
  EXPECT_EQ(EncodeOperation(Delta().Insert("x")), "\x05x");
  EXPECT_EQ(EncodeOperation(Delta().Retain(40).Insert("\u00e9").Delete(3)),
            "\xa0\x01\x09\xc3\xa9\x0e");
  EXPECT_EQ(EncodeOperation(Delta().DeleteText("ab").Retain(1).Delete(1)),
            "\x0b"
            "ab\x04\x06");
}

TEST(OperationCodecTest, RandomOperationsComeBackAndAreCounted) {
  ForEachSeed(3000, [](Random& random) {
    const Delta operation = RandomDelta(random, RandomText(random, 30), DeletedText::kSome);
    const std::string bytes = EncodeOperation(operation);
    EXPECT_EQ(OperationBytes(operation), bytes.size());
    const Expected<Delta> decoded = DecodeOperation(bytes);
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    decoded->CheckInvariants();
    EXPECT_EQ(*decoded, operation);
  });
}

TEST(OperationCodecTest, TheLongestLengthsComeBack) {
  for (const Delta& operation :
       {Delta().Delete(Delta::kMaxLength), Delta().Retain(Delta::kMaxLength - 1).Insert("x")}) {
    EXPECT_EQ(DecodeOperation(EncodeOperation(operation)), operation);
  }
}

TEST(OperationCodecTest, WhatIsNotInNormalFormIsRefused) {
  for (const std::string_view bytes : std::vector<std::string_view>{
           {"\x00", 1},       // Retains nothing.
           {"\x01", 1},       // Inserts nothing.
           {"\x02", 1},       // Deletes nothing,
           {"\x03", 1},       // with text.
           "\x04",            // A retain at the end.
           "\x05x\x05y",      // Two inserts.
           "\x06\x0a",        // Two deletes,
           "\x06\x07x",       // one with text.
           "\x04\x04\x05x",   // Two retains.
           "\x09x",           // A text that ends early.
           "\x80",            // A number that does,
           {"\x85\x00x", 3},  // and one in a longer form.
       }) {
    EXPECT_EQ(CodeOf(bytes), ErrorCode::kInvalidDelta) << testing::PrintToString(bytes);
  }
  EXPECT_EQ(CodeOf("\x05\xff"), ErrorCode::kInvalidUtf8);
  EXPECT_EQ(CodeOf("\x07\xff"), ErrorCode::kInvalidUtf8);
}

TEST(OperationCodecTest, LengthsBeyondTheMaximumAreTooLarge) {
  for (const uint64_t form : {0U, 2U}) {
    std::string bytes;
    AppendVarint(bytes, (Delta::kMaxLength + 1) * 4 + form);
    bytes += "\x05x";
    EXPECT_EQ(CodeOf(bytes), ErrorCode::kTooLarge);
    bytes.clear();
    AppendVarint(bytes, UINT64_MAX - 3 + form);
    bytes += "\x05x";
    EXPECT_EQ(CodeOf(bytes), ErrorCode::kTooLarge);
  }
  std::string bytes;
  AppendVarint(bytes, Delta::kMaxLength * 4);
  EXPECT_EQ(CodeOf(bytes + "\x06"), ErrorCode::kTooLarge);
}

// A value has one encoding.
TEST(OperationCodecTest, DamagedBytesAreRefusedOrAnotherOperation) {
  uint64_t refused = 0;
  ForEachSeed(5000, [&refused](Random& random) {
    const Delta operation = RandomDelta(random, RandomText(random, 30), DeletedText::kSome);
    refused +=
        IsRefusedOrTheSame(random, EncodeOperation(operation), EncodeOperation, DecodeOperation);
  });
  EXPECT_GT(refused, 1000U);
  EXPECT_LT(refused, 4900U);
}

}  // namespace
}  // namespace cotext
