#include "ot/log_codec.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "document/delta.h"
#include "document/error.h"
#include "ot/log_entry.h"
#include "ot/submission.h"
#include "tests/support/damaged_bytes.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/ot_values.h"

namespace cotext {
namespace {

const OtSubmission kKeystroke{
    .client = OtClientId{300}, .seq = 5, .base = 1000, .operation = Delta().Retain(40).Insert("x")};

template <typename T>
ErrorCode CodeOf(const Expected<T>& result) {
  return result ? ErrorCode{} : result.error().code;
}

TEST(LogCodecTest, TheBytesAreThose) {
  const std::string_view bytes = "\x09\xac\x02\x05\xe8\x07\xa0\x01\x05x";
  EXPECT_EQ(EncodeSubmission(kKeystroke), bytes);
  EXPECT_EQ(EncodeLogEntry(kKeystroke), bytes);
  EXPECT_EQ(EncodeLogEntry(OtTruncation{1000}), "\x11\xe8\x07");
}

TEST(LogCodecTest, RandomEntriesComeBack) {
  ForEachSeed(2000, [](Random& random) {
    const OtSubmission submission = RandomSubmission(random);
    EXPECT_EQ(DecodeSubmission(EncodeSubmission(submission)), submission);
    const OtLogEntry entry =
        random.Chance(50) ? OtLogEntry(submission) : OtLogEntry(OtTruncation{submission.base});
    const Expected<OtLogEntry> decoded = DecodeLogEntry(EncodeLogEntry(entry));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    EXPECT_EQ(*decoded, entry);
  });
}

TEST(LogCodecTest, WhatIsNoEntryIsRefused) {
  for (const std::string_view bytes : std::vector<std::string_view>{
           "",                                              //
           {"\x09\x00\x05\x07", 4},                         // No client,
           {"\x09\x05\x00\x07", 4},                         // no number.
           "\x09\x05",                                      // Cut off.
           "\x09\xff\xff\xff\xff\xff\xff\xff\x1f\x05\x07",  // A client of 2^53 and more,
           "\x09\x05\xff\xff\xff\xff\xff\xff\xff\x1f\x07",  // and a number,
           "\x09\x05\x07\xff\xff\xff\xff\xff\xff\xff\x1f",  // and a base.
           "\x11",                                          //
           "\x11\x05\x06",                                  // Bytes behind a truncation.
           "\x19\x05\x05\x05",                              // Commits.
       }) {
    EXPECT_EQ(CodeOf(DecodeLogEntry(bytes)), ErrorCode::kMalformedUpdate)
        << testing::PrintToString(bytes);
    EXPECT_EQ(CodeOf(DecodeSubmission(bytes)), ErrorCode::kMalformedUpdate)
        << testing::PrintToString(bytes);
  }
  EXPECT_EQ(CodeOf(DecodeSubmission("\x11\x05")), ErrorCode::kMalformedUpdate);
  EXPECT_EQ(CodeOf(DecodeLogEntry("\x0a\x05")), ErrorCode::kUnsupported);
  EXPECT_EQ(CodeOf(DecodeSubmission("\x08\x05")), ErrorCode::kUnsupported);
  EXPECT_EQ(CodeOf(DecodeLogEntry("\x09\x01\x01\x01\x04")), ErrorCode::kInvalidDelta);
}

TEST(LogCodecTest, DamagedBytesAreRefusedOrAnotherEntry) {
  uint64_t refused = 0;
  ForEachSeed(5000, [&refused](Random& random) {
    refused += IsRefusedOrTheSame(random, EncodeSubmission(RandomSubmission(random)),
                                  EncodeLogEntry, DecodeLogEntry);
  });
  EXPECT_GT(refused, 1000U);
  EXPECT_LT(refused, 4900U);
}

}  // namespace
}  // namespace cotext
