#include "crdt/codec/named_versions.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/ids.h"
#include "document/error.h"
#include "document/random.h"
#include "document/varint.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

using std::string_literals::operator""s;

constexpr OpId Id(uint64_t counter, uint64_t replica) {
  return OpId{.counter = counter, .replica = ReplicaId{replica}};
}

// What names have in common with their bytes.
std::string Name(std::string_view name, std::string_view heads) {
  std::string bytes;
  AppendVarint(bytes, name.size());
  return (bytes += name) += heads;
}

TEST(NamedVersionsTest, ANameStandsForWhatItWasGivenLast) {
  NamedVersions names;
  EXPECT_TRUE(names.empty());
  ASSERT_TRUE(names.Set("draft", {Id(4, 7)}).has_value());
  ASSERT_TRUE(names.Set("begin", {}).has_value());
  ASSERT_TRUE(names.Set("draft", {Id(5, 7), Id(5, 9)}).has_value());
  EXPECT_EQ(*names.Find("draft"), (std::vector{Id(5, 7), Id(5, 9)}));
  EXPECT_EQ(*names.Find("begin"), std::vector<OpId>());
  EXPECT_EQ(names.Find("end"), nullptr);
  EXPECT_EQ(names.versions().begin()->first, "begin");
  EXPECT_TRUE(names.Remove("begin"));
  EXPECT_FALSE(names.Remove("begin"));
  EXPECT_EQ(names.versions().size(), 1U);
}

TEST(NamedVersionsTest, ANameHas1To512BytesOfUtf8) {
  const auto code = [](std::string_view name) {
    NamedVersions names;
    const auto set = names.Set(name, {});
    EXPECT_EQ(names.empty(), !set.has_value());
    return set ? ErrorCode{} : set.error().code;
  };
  EXPECT_EQ(code(""), ErrorCode::kOutOfRange);
  EXPECT_EQ(code(std::string(512, 'x')), ErrorCode{});
  EXPECT_EQ(code(std::string(513, 'x')), ErrorCode::kOutOfRange);
  EXPECT_EQ(code("\xff"), ErrorCode::kInvalidUtf8);
  EXPECT_EQ(code("\u00e9\n\0"s), ErrorCode{});
}

TEST(NamedVersionsTest, GoldenBytes) {
  NamedVersions names;
  ASSERT_TRUE(names.Set("b", {Id(4, 7), Id(4, 300)}).has_value());
  ASSERT_TRUE(names.Set("\u00e9", {}).has_value());
  const std::string bytes =
      "\x02\x01"
      "b"
      "\x02\x04\x07\x04\xac\x02\x02\xc3\xa9\0"s;
  EXPECT_EQ(names.Encode(), bytes);
  EXPECT_EQ(NamedVersions::Decode(bytes), names);
  EXPECT_EQ(NamedVersions().Encode(), "\0"s);
  EXPECT_EQ(NamedVersions::Decode("\0"s), NamedVersions());
}

TEST(NamedVersionsTest, RandomNamesRoundTrip) {
  ForEachSeed(200, [](Random& random) {
    NamedVersions names;
    for (uint64_t left = random.Below(20); left > 0; --left) {
      std::set<OpId> heads;
      for (uint64_t i = random.Below(4); i > 0; --i) {
        heads.insert(Id(random.Between(1, kIdLimit - 1), random.Between(1, 5)));
      }
      const std::string name = RandomText(random, 20) + "x";
      ASSERT_TRUE(names.Set(name, {heads.begin(), heads.end()}).has_value());
    }
    const std::string bytes = names.Encode();
    const auto decoded = NamedVersions::Decode(bytes);
    ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
    ASSERT_EQ(*decoded, names);
    for (size_t size = 0; size < bytes.size(); ++size) {
      ASSERT_FALSE(NamedVersions::Decode(std::string_view(bytes).substr(0, size)).has_value());
    }
  });
}

TEST(NamedVersionsTest, EachListHasOneEncoding) {
  const std::string no_heads(1, '\0');
  const auto code = [](const std::string& bytes) {
    const auto decoded = NamedVersions::Decode(bytes);
    return decoded ? ErrorCode{} : decoded.error().code;
  };
  EXPECT_EQ(code("\x01" + Name("a", no_heads)), ErrorCode{});
  const std::vector<std::string> malformed = {
      "\x01" + Name("a", no_heads) + "x",
      "\x01" + Name("", no_heads),
      "\x01" + Name(std::string(513, 'x'), no_heads),
      "\x01" + Name("\xff", no_heads),
      "\x02" + Name("b", no_heads) + Name("a", no_heads),
      "\x02" + Name("a", no_heads) + Name("a", no_heads),
      // Heads: zero, zero, too great, twice, descending, more than there are bytes.
      "\x01" + Name("a", "\x01\0\x01"s),
      "\x01" + Name("a", "\x01\x01\0"s),
      "\x01" + Name("a", "\x01\x01\x80\x80\x80\x80\x80\x80\x80\x10"),
      "\x01" + Name("a", "\x02\x01\x01\x01\x01"),
      "\x01" + Name("a", "\x02\x02\x01\x01\x02"),
      "\x01" + Name("a", "\xff\xff\xff\xff\x7f\x01\x01"),
  };
  for (const std::string& bytes : malformed) EXPECT_EQ(code(bytes), ErrorCode::kMalformedFile);
  EXPECT_EQ(code("\x81\x80\x04"), ErrorCode::kTooLarge);
}

TEST(NamedVersionsTest, ThereAreAtMost65536) {
  NamedVersions names;
  for (size_t i = 0; i < NamedVersions::kNamesMax; ++i) {
    ASSERT_TRUE(names.Set(std::to_string(i), {}).has_value());
  }
  const auto one_more = names.Set("one more", {});
  ASSERT_FALSE(one_more.has_value());
  EXPECT_EQ(one_more.error().code, ErrorCode::kTooLarge);
  EXPECT_TRUE(names.Set("7", {Id(1, 1)}).has_value());
  EXPECT_EQ(NamedVersions::Decode(names.Encode()), names);
}

}  // namespace
}  // namespace cotext
