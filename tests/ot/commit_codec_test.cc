#include "ot/commit_codec.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "document/delta.h"
#include "document/error.h"
#include "ot/submission.h"
#include "tests/support/damaged_bytes.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/ot_values.h"

namespace cotext {
namespace {

std::string Encode(const std::vector<OtCommit>& commits) { return EncodeCommits(commits); }

std::vector<OtCommit> RandomCommits(Random& random) {
  std::vector<OtCommit> commits;
  const uint64_t first = 1 + random.Below(1000);
  for (uint64_t i = random.Between(1, 12); i > 0; --i) {
    const OtSubmission submission = RandomSubmission(random);
    commits.push_back(
        {.revision = first + commits.size(),
         .client = OtClientId{random.Chance(70) ? random.Between(1, 3) : submission.client.value},
         .seq = submission.seq,
         .operation = submission.operation});
  }
  return commits;
}

ErrorCode CodeOf(std::string_view bytes) {
  const auto decoded = DecodeCommits(bytes);
  return decoded ? ErrorCode{} : decoded.error().code;
}

TEST(CommitCodecTest, TheBytesAreThose) {
  const Delta typed = Delta().Retain(40).Insert("x");
  const std::vector<OtCommit> commits{
      {.revision = 1001, .client = OtClientId{300}, .seq = 5, .operation = typed},
      {.revision = 1002, .client = OtClientId{7}, .seq = 1, .operation = Delta()},
      {.revision = 1003, .client = OtClientId{300}, .seq = 6, .operation = Delta().Delete(1)}};
  EXPECT_EQ(EncodeCommits(std::span(commits).first(1)),
            std::string("\x19\xe9\x07\x00\xac\x02\x05\x04\xa0\x01\x05x", 12));
  EXPECT_EQ(Encode(commits), std::string("\x19\xe9\x07\x00\xac\x02\x05\x04\xa0\x01\x05x"
                                         "\x01\x07\x01\x00\x00\x06\x01\x06",
                                         20));
}

TEST(CommitCodecTest, RandomCommitsComeBack) {
  ForEachSeed(1000, [](Random& random) {
    const std::vector<OtCommit> commits = RandomCommits(random);
    const auto decoded = DecodeCommits(Encode(commits));
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    EXPECT_EQ(*decoded, commits);
  });
}

TEST(CommitCodecTest, WhatIsNoListIsRefused) {
  for (const std::string_view bytes : std::vector<std::string_view>{
           "",                                                //
           "\x19",                                            //
           "\x19\x05",                                        // None.
           {"\x19\x00\x00\x07\x01\x00", 6},                   // Revision 0.
           {"\x19\x05\x01\x07\x01\x00", 6},                   // A client before the first.
           {"\x19\x05\x00\x00\x01\x00", 6},                   // Client 0.
           {"\x19\x05\x00\x07\x00\x00", 6},                   // Number 0.
           {"\x19\x05\x00\x07\x01\x01", 6},                   // An operation that ends early.
           {"\x19\x05\x00\x07\x01\x00\x01\x07\x02\x00", 10},  // A client twice.
           {"\x19\xff\xff\xff\xff\xff\xff\xff\x0f\x00\x07\x01\x00\x00\x02\x00", 16},  // Past 2^53.
           "\x09\x05\x05\x05",  // A submission.
       }) {
    EXPECT_EQ(CodeOf(bytes), ErrorCode::kMalformedUpdate) << testing::PrintToString(bytes);
  }
  EXPECT_EQ(CodeOf("\x1a\x05"), ErrorCode::kUnsupported);
  EXPECT_EQ(CodeOf(std::string_view("\x19\x05\x00\x07\x01\x01\x04", 7)), ErrorCode::kInvalidDelta);
}

TEST(CommitCodecTest, DamagedBytesAreRefusedOrOtherCommits) {
  uint64_t refused = 0;
  ForEachSeed(5000, [&refused](Random& random) {
    refused += IsRefusedOrTheSame(random, Encode(RandomCommits(random)), Encode, DecodeCommits);
  });
  EXPECT_GT(refused, 1000U);
  EXPECT_LT(refused, 4900U);
}

}  // namespace
}  // namespace cotext
