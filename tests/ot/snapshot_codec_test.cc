#include "ot/snapshot_codec.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "document/delta.h"
#include "document/error.h"
#include "ot/server_snapshot.h"
#include "ot/server_state.h"
#include "tests/support/damaged_bytes.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/ot_values.h"

namespace cotext {
namespace {

OtSnapshot Example() {
  return OtSnapshot{.log_position = 300,
                    .revision = 2,
                    .forgotten_below = 1,
                    .text = "ab",
                    .decisions = {{.client = OtClientId{7},
                                   .seq = 3,
                                   .fingerprint = 0x0102030405060708,
                                   .revision = 2},
                                  {.client = OtClientId{307},
                                   .seq = 1,
                                   .fingerprint = 0x0102030405060708,
                                   .revision = 1,
                                   .refusal = ErrorCode::kTooOld}},
                    .history = {{.revision = 2,
                                 .client = OtClientId{7},
                                 .seq = 3,
                                 .operation = Delta().Retain(1).Insert("b")}},
                    .hashes = {{.revision = 2, .hash = 0x1112131415161718}}};
}

const std::string kFingerprint = "\x08\x07\x06\x05\x04\x03\x02\x01";

std::string ExampleBytes() {
  return std::string("\x21\xac\x02\x02\x01\x02") + "ab" + std::string("\x02\x07\x03\x04", 4) +
         kFingerprint + std::string("\xac\x02\x01\x03\x32") + kFingerprint +
         std::string("\x01\x02\x18\x17\x16\x15\x14\x13\x12\x11") +
         std::string(
             "\x00\x07\x03\x03\x04\x05"
             "b",
             7);
}

ErrorCode CodeOf(std::string_view bytes) {
  const auto decoded = DecodeOtSnapshot(bytes);
  return decoded ? ErrorCode{} : decoded.error().code;
}

TEST(SnapshotCodecTest, TheBytesAreThose) {
  EXPECT_EQ(EncodeOtSnapshot(Example()), ExampleBytes());
  EXPECT_EQ(DecodeOtSnapshot(ExampleBytes()), Example());
  EXPECT_EQ(EncodeOtSnapshot({}), std::string("\x21\x00\x00\x00\x00\x00\x00", 7));
}

TEST(SnapshotCodecTest, WhatServersKeepComesBack) {
  ForEachSeed(1000, [](Random& random) {
    const OtSnapshot snapshot = RandomServerState(random).Snapshot();
    const auto decoded = DecodeOtSnapshot(EncodeOtSnapshot(snapshot));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    EXPECT_EQ(*decoded, snapshot);
  });
}

TEST(SnapshotCodecTest, WhatIsNoSnapshotIsRefused) {
  const std::string good = ExampleBytes();
  for (size_t size = 0; size < good.size() - 7; ++size) {
    EXPECT_EQ(CodeOf(std::string_view(good).substr(0, size)), ErrorCode::kMalformedState) << size;
  }
  const auto with = [&good](size_t at, char byte) {
    std::string bytes = good;
    bytes[at] = byte;
    return CodeOf(bytes);
  };
  EXPECT_EQ(with(0, '\x29'), ErrorCode::kMalformedState);
  EXPECT_EQ(with(0, '\x22'), ErrorCode::kUnsupported);
  EXPECT_EQ(with(3, '\x00'), ErrorCode::kMalformedState);  // Fewer revisions than commits.
  EXPECT_EQ(with(6, '\xff'), ErrorCode::kInvalidUtf8);
  EXPECT_EQ(with(8, '\x7f'), ErrorCode::kMalformedState);   // More decisions than bytes.
  EXPECT_EQ(with(9, '\x00'), ErrorCode::kMalformedState);   // Client 0.
  EXPECT_EQ(with(10, '\x00'), ErrorCode::kMalformedState);  // Number 0.
  EXPECT_EQ(with(24, '\x1c'), ErrorCode::kMalformedState);  // Refused for what decides nothing.
}

TEST(SnapshotCodecTest, HashesThatDoNotAscendAreRefused) {
  const std::string hash(8, '\x11');
  const auto bytes = [&hash](char second_step) {
    return std::string("\x21\x05\x05\x00\x00\x00\x02\x02", 8) + hash + second_step + hash;
  };
  EXPECT_TRUE(DecodeOtSnapshot(bytes('\x01')).has_value());
  EXPECT_EQ(CodeOf(bytes('\x00')), ErrorCode::kMalformedState);
}

TEST(SnapshotCodecTest, DamagedBytesAreRefusedOrAnotherSnapshot) {
  uint64_t refused = 0;
  ForEachSeed(5000, [&refused](Random& random) {
    refused += IsRefusedOrTheSame(random, EncodeOtSnapshot(RandomServerState(random).Snapshot()),
                                  EncodeOtSnapshot, DecodeOtSnapshot);
  });
  EXPECT_GT(refused, 1000U);
  EXPECT_LT(refused, 4900U);
}

}  // namespace
}  // namespace cotext
