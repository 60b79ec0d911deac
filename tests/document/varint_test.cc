#include "document/varint.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

std::string Encode(uint64_t value) {
  std::string bytes;
  AppendVarint(bytes, value);
  return bytes;
}

std::string Bytes(std::initializer_list<unsigned> bytes) {
  std::string result;
  for (const unsigned byte : bytes) result.push_back(static_cast<char>(byte));
  return result;
}

std::optional<uint64_t> Decode(std::string_view bytes) { return ByteReader(bytes).Varint(); }

// Values at the edges of each length.
std::vector<uint64_t> Edges() {
  std::vector<uint64_t> values = {0, 1, std::numeric_limits<uint64_t>::max()};
  for (unsigned bits = 1; bits < 64; ++bits) {
    const uint64_t power = uint64_t{1} << bits;
    values.insert(values.end(), {power - 1, power, power + 1});
  }
  return values;
}

TEST(VarintTest, TheSizeIsKnownBefore) {
  for (const uint64_t value : Edges()) EXPECT_EQ(VarintSize(value), Encode(value).size()) << value;
}

TEST(VarintTest, GoldenBytes) {
  EXPECT_EQ(Encode(0), Bytes({0x00}));
  EXPECT_EQ(Encode(127), Bytes({0x7f}));
  EXPECT_EQ(Encode(128), Bytes({0x80, 0x01}));
  EXPECT_EQ(Encode(300), Bytes({0xac, 0x02}));
  EXPECT_EQ(Encode(16383), Bytes({0xff, 0x7f}));
  EXPECT_EQ(Encode(16384), Bytes({0x80, 0x80, 0x01}));
  EXPECT_EQ(Encode(~uint64_t{0}),
            Bytes({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}));
}

TEST(VarintTest, EveryLengthRoundTrips) {
  for (const uint64_t value : Edges()) {
    const std::string bytes = Encode(value);
    size_t length = 1;
    for (uint64_t rest = value >> 7U; rest > 0; rest >>= 7U) ++length;
    EXPECT_EQ(bytes.size(), length);
    ByteReader reader(bytes);
    EXPECT_EQ(reader.Varint(), value);
    EXPECT_TRUE(reader.done());
  }
}

TEST(VarintTest, ReadingStopsAfterTheNumber) {
  for (const uint64_t value : Edges()) {
    const std::string bytes = Encode(value) + "\x80rest";
    ByteReader reader(bytes);
    EXPECT_EQ(reader.Varint(), value);
    EXPECT_EQ(reader.remaining(), 5U);
    EXPECT_EQ(reader.Bytes(5), "\x80rest");
    EXPECT_TRUE(reader.done());
  }
}

TEST(VarintTest, TruncatedNumbersAreNone) {
  EXPECT_EQ(Decode(""), std::nullopt);
  for (const uint64_t value : Edges()) {
    const std::string bytes = Encode(value);
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_EQ(Decode(std::string_view(bytes).substr(0, size)), std::nullopt);
    }
  }
}

TEST(VarintTest, OnlyTheShortestFormIsANumber) {
  for (const uint64_t value : Edges()) {
    std::string bytes = Encode(value);
    while (bytes.size() < 12) {
      bytes.back() = static_cast<char>(static_cast<unsigned char>(bytes.back()) | 0x80U);
      bytes.push_back('\0');
      EXPECT_EQ(Decode(bytes), std::nullopt) << value << " in " << bytes.size() << " bytes";
    }
  }
}

TEST(VarintTest, NumbersOf65BitsAreNone) {
  for (unsigned last = 2; last < 256; ++last) {
    std::string bytes(9, '\x80');
    bytes.push_back(static_cast<char>(last));
    EXPECT_EQ(Decode(bytes), std::nullopt);
    EXPECT_EQ(Decode(bytes + '\x01'), std::nullopt);
  }
  EXPECT_EQ(Decode(std::string(20, '\xff')), std::nullopt);
  EXPECT_EQ(Decode(std::string(9, '\x80') + '\x01'), uint64_t{1} << 63U);
}

// Returns some bytes, of which so many in a hundred say that another follows. Those that carry
// little are likely.
std::string AnyBytes(Random& random, uint64_t percent_continued) {
  std::string bytes;
  for (uint64_t size = random.Between(0, 12); size > 0; --size) {
    const uint64_t payload = random.Chance(30) ? random.Below(2) : random.Below(128);
    bytes.push_back(static_cast<char>(payload | (random.Chance(percent_continued) ? 0x80U : 0U)));
  }
  return bytes;
}

// One encoding for every value, one value for every encoding.
TEST(VarintTest, WhatIsReadFromRandomBytesIsWrittenAsTheyWere) {
  ForEachSeed(20, [](Random& random) {
    for (int i = 0; i < 1000; ++i) {
      const std::string bytes = AnyBytes(random, 70);
      ByteReader reader(bytes);
      const std::optional<uint64_t> value = reader.Varint();
      if (value) ASSERT_EQ(Encode(*value), bytes.substr(0, bytes.size() - reader.remaining()));
    }
  });
}

// Both ways read the same, and stop at the same byte.
TEST(VarintTest, NumbersOfMixedSizesAreReadAsAllAre) {
  ForEachSeed(20, [](Random& random) {
    for (int i = 0; i < 1000; ++i) {
      const std::string bytes = AnyBytes(random, 50);
      ByteReader one(bytes);
      ByteReader other(bytes);
      const ByteReader::ShortNumber peeked = other.PeekShort();
      const std::optional<uint64_t> value = one.Varint();
      ASSERT_EQ(other.MixedVarint(), value);
      if (!value) continue;
      ASSERT_EQ(other.remaining(), one.remaining());
      const size_t size = bytes.size() - one.remaining();
      ASSERT_EQ(peeked.size, size <= 3 && bytes.size() >= 4 ? size : 0);
      if (peeked.size > 0) ASSERT_EQ(peeked.value, *value);
    }
  });
}

TEST(ByteReaderTest, BytesAreTakenWholeOrNotAtAll) {
  ByteReader reader("abcde");
  EXPECT_EQ(reader.Bytes(2), "ab");
  EXPECT_EQ(reader.Bytes(4), std::nullopt);
  EXPECT_EQ(reader.Bytes(~uint64_t{0}), std::nullopt);
  EXPECT_EQ(reader.remaining(), 3U);
  EXPECT_EQ(reader.Bytes(0), "");
  EXPECT_EQ(reader.Bytes(3), "cde");
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(reader.Bytes(0), "");
  EXPECT_EQ(reader.Bytes(1), std::nullopt);
  EXPECT_EQ(reader.Varint(), std::nullopt);
}

}  // namespace
}  // namespace cotext
