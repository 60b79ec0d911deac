#include "crdt/codec/base_codec.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "crdt/base_ids.h"
#include "crdt/horizon.h"
#include "crdt/ids.h"
#include "document/error.h"
#include "tests/support/allocated_bytes.h"

namespace cotext {
namespace {

TEST(BaseCodecTest, RefusesWhatIsNoBase) {
  const auto code = [](std::string_view bytes) {
    return DecodeBase(bytes, {.elements = 10}).error().code;
  };
  for (const std::string_view bytes : {
           std::string_view("", 0),                                  // Nothing.
           std::string_view("\x01\x00\x00", 3),                      // An empty horizon.
           std::string_view("\x03\x01\x07\x06\x00", 5),              // No frontier.
           std::string_view("\x03\x01\x07\x06\x01\x01", 6),          // An entry that is not there.
           std::string_view("\x03\x01\x07\x06\x02\x00\x00", 7),      // An entry twice.
           std::string_view("\x03\x01\x07\x06\x01\x00\x02\x0c", 8),  // Counters 6 and 7.
           std::string_view("\x03\x01\x07\x06\x01\x00\x01\x00", 8),  // A run that is cut off.
           std::string_view("\x03\x01\x07\x06\x01\x00\x00\x00", 8),  // Counter 0.
           std::string_view("\x03\x01\x07\x06\x01\x00\x00\x0e",
                            8),  // Counter 7, the horizon has 6.
           std::string_view("\x03\x01\x07\x06\x01\x00\x01\x00\x02",
                            9),  // Another, which is the same.
           std::string_view("\x03\x01\x07\x06\x01\x00\x00\x02\x00\x01", 10),  // An id twice.
       }) {
    EXPECT_EQ(code(bytes), ErrorCode::kMalformedFile) << testing::PrintToString(bytes);
  }
  EXPECT_TRUE(
      DecodeBase(std::string_view("\x03\x01\x07\x06\x01\x00", 6), {.elements = 0}).has_value());
}

// Returns a base of `count` runs of a character each, in two bytes a run.
std::string ManyRuns(uint64_t count) {
  const OpId last{.counter = 2 * count + 1, .replica = ReplicaId{7}};
  Horizon horizon;
  horizon.version.Observe(last);
  horizon.frontier = {last};
  BaseIds::Builder none;
  std::string bytes = EncodeBase(horizon, *std::move(none).Build());
  bytes.reserve(bytes.size() + 2 * static_cast<size_t>(count));
  // A length of 1, of the same replica, 1 behind the end of the run before.
  for (; count > 0; --count) bytes.append("\0\2", 2);
  return bytes;
}

TEST(BaseCodecTest, TakesAsManyRunsAsAllowed) {
  const std::string bytes = ManyRuns(1'000);
  EXPECT_EQ(DecodeBase(bytes, {.elements = 1'000, .runs = 1'000})->ids.run_count(), 1'000U);
  EXPECT_EQ(DecodeBase(bytes, {.elements = 1'000, .runs = 999}).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(DecodeBase(bytes, {.elements = 999, .runs = 1'000}).error().code, ErrorCode::kTooLarge);
  EXPECT_TRUE(DecodeBase(ManyRuns(0), {.elements = 0, .runs = 0}).has_value());
}

// A run takes 24 bytes while it is built, and 12 for good.
TEST(BaseCodecTest, MemoryIsLinearInTheRunsAndNoneIsTakenForTooMany) {
  constexpr uint64_t kRuns = 100'000;
  constexpr uint64_t kAnyway = 4'096;
  const std::string some = ManyRuns(kRuns);
  uint64_t before = allocated_bytes;
  ASSERT_TRUE(DecodeBase(some, {.elements = kRuns}).has_value());
  EXPECT_LE(allocated_bytes - before, 36 * kRuns + kAnyway);
  const std::string hostile = ManyRuns(kBaseRunsMax + 1);
  before = allocated_bytes;
  EXPECT_EQ(DecodeBase(hostile, {.elements = uint64_t{1} << 30U}).error().code,
            ErrorCode::kTooLarge);
  EXPECT_LE(allocated_bytes - before, kAnyway);
}

TEST(BaseCodecTest, LengthsThatNoTextHasAreTooLarge) {
  const std::string head = ManyRuns(0);
  // The length - 1, times 2: 2^32 characters, one more than an index can count, 2^63.
  for (const std::string_view run : {
           std::string_view("\xfe\xff\xff\xff\x1f\2", 6),
           std::string_view("\xe0\xff\xff\xff\x1f\2", 6),
           std::string_view("\xfe\xff\xff\xff\xff\xff\xff\xff\xff\1\2", 11),
       }) {
    const auto decoded = DecodeBase(head + std::string(run), {.elements = ~uint64_t{0}});
    ASSERT_FALSE(decoded.has_value());
    EXPECT_EQ(decoded.error().code, ErrorCode::kTooLarge);
  }
}

}  // namespace
}  // namespace cotext
