#include "document/delta_json.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "document/delta.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

std::string ErrorOf(std::string_view json) {
  const Expected<Delta> delta = DeltaFromJson(json);
  if (delta) return "none";
  return std::string(ErrorName(delta.error().code)) + ": " + delta.error().message;
}

TEST(DeltaJsonTest, WritesTheFormOfOtTextUnicode) {
  EXPECT_EQ(DeltaToJson(Delta()), "[]");
  EXPECT_EQ(DeltaToJson(Delta().Retain(5).Insert("text").Delete(3).Retain(1).DeleteText("abc")),
            R"([5,"text",{"d":3},1,{"d":"abc"}])");
}

TEST(DeltaJsonTest, WritesControlCharactersEscapedAndAllElseInUtf8) {
  EXPECT_EQ(DeltaToJson(Delta().Insert(std::string_view("\0\x1f\n\"\\/", 6))),
            R"(["\u0000\u001f\n\"\\/"])");
  EXPECT_EQ(DeltaToJson(Delta().Insert("\u00e9\u2028\U0001f600")), "[\"\u00e9\u2028\U0001f600\"]");
}

TEST(DeltaJsonTest, ReadsSpacesAndEscapes) {
  EXPECT_EQ(DeltaFromJson(" [ 2 , \"\\ud83d\\ude00\\u0000\" ,\n{ \"\\u0064\" : 1 } ] "),
            Delta().Retain(2).Insert(std::string_view("\U0001f600\0", 5)).Delete(1));
  EXPECT_EQ(DeltaFromJson(R"([9007199254740991,{"d":1}])"),
            Delta().Retain(Delta::kMaxLength - 1).Delete(1));
}

TEST(DeltaJsonTest, RefusesRetainsThatAreNoPositiveWholeNumbers) {
  EXPECT_EQ(ErrorOf(R"([0,"a"])"), "invalid_delta: component 0: an empty component");
  EXPECT_EQ(ErrorOf(R"(["a",-1,"b"])"), "invalid_delta: component 1: a negative number");
  EXPECT_EQ(ErrorOf(R"([-0,"b"])"), "invalid_delta: component 0: a negative number");
  for (const std::string_view number : {"1.5", "1.0", "1e0", "1e400", "18446744073709551616"}) {
    EXPECT_TRUE(ErrorOf("[" + std::string(number) + R"(,"a"])").starts_with("invalid_delta: "))
        << number;
  }
  EXPECT_EQ(ErrorOf(R"([1.5,"a"])"),
            "invalid_delta: component 0: a number that is not whole or too large");
  EXPECT_EQ(ErrorOf(R"([9007199254740993,"a"])"),
            "invalid_delta: component 0: a number above 2^53");
}

TEST(DeltaJsonTest, RefusesEveryDeviationFromTheNormalForm) {
  EXPECT_EQ(ErrorOf(R"(["a",1])"), "invalid_delta: component 1: a retain at the end");
  EXPECT_EQ(ErrorOf(R"([1,""])"), "invalid_delta: component 1: an empty component");
  EXPECT_EQ(ErrorOf(R"([1,{"d":0}])"), "invalid_delta: component 1: an empty component");
  EXPECT_EQ(ErrorOf(R"([1,{"d":""}])"), "invalid_delta: component 1: an empty component");
  EXPECT_EQ(ErrorOf(R"([{"d":3},1,{"d":""}])"), "invalid_delta: component 2: an empty component");
  EXPECT_EQ(ErrorOf(R"([{"d":"a"},1,{"d":0}])"), "invalid_delta: component 2: an empty component");
  EXPECT_EQ(ErrorOf(R"([1,2,"a"])"), "invalid_delta: component 1: the same kind as the one before");
  EXPECT_EQ(ErrorOf(R"(["a","b"])"), "invalid_delta: component 1: the same kind as the one before");
  EXPECT_EQ(ErrorOf(R"([{"d":3},{"d":"abc"}])"),
            "invalid_delta: component 1: the same kind as the one before");
  EXPECT_EQ(ErrorOf(R"([9007199254740992,{"d":1}])"),
            "too_large: component 1: a length above 2^53");
}

TEST(DeltaJsonTest, RefusesUnknownShapes) {
  EXPECT_EQ(ErrorOf(R"(["a",{"i":"x"}])"), "invalid_delta: component 1: an unknown key");
  EXPECT_EQ(ErrorOf(R"([{"d":1,"e":2}])"), "invalid_delta: component 0: an unknown key");
  EXPECT_EQ(ErrorOf(R"([{"d":1,"d":1}])"), "invalid_delta: component 0: a repeated key");
  EXPECT_EQ(ErrorOf(R"([{}])"), "invalid_delta: component 0: an object without a key");
  EXPECT_EQ(ErrorOf(R"([{"d":-1}])"), "invalid_delta: component 0: a negative number");
  EXPECT_EQ(ErrorOf(R"([{"d":1.5}])"),
            "invalid_delta: component 0: a number that is not whole or too large");
  EXPECT_EQ(ErrorOf(R"([{"d":[1]}])"), "invalid_delta: component 0: nested too deep");
  EXPECT_EQ(ErrorOf(R"([{"d":{"d":1}}])"), "invalid_delta: component 0: nested too deep");
  EXPECT_EQ(ErrorOf(R"([[1]])"), "invalid_delta: component 0: nested too deep");
  EXPECT_EQ(ErrorOf(R"(["a",null])"), "invalid_delta: component 1: null");
  EXPECT_EQ(ErrorOf(R"([true])"), "invalid_delta: component 0: a boolean");
  for (const std::string_view json : {"1", "\"a\"", "{}", R"({"d":1})"}) {
    EXPECT_EQ(ErrorOf(json), "invalid_delta: component 0: no array");
  }
}

TEST(DeltaJsonTest, RefusesInvalidJson) {
  EXPECT_EQ(ErrorOf(""), "invalid_delta: component 0: no valid JSON at byte 1");
  EXPECT_EQ(ErrorOf("[\"a\",x]"), "invalid_delta: component 1: no valid JSON at byte 6");
  for (const std::string_view json :
       {"[", "[1,", "[1,]", "[\"a\"]]", "[\"a\"] x", "['a']", "[\"a\n\"]", "[\"\\x\"]", "[/**/]",
        "[\"\xc3\"]", "[\"\xed\xa0\x80\"]"}) {
    EXPECT_TRUE(ErrorOf(json).starts_with("invalid_delta: component")) << json;
  }
}

TEST(DeltaJsonTest, RefusesLoneSurrogates) {
  for (const std::string_view json : {R"(["\ud800"])", R"(["\ud83dx"])", R"(["\ude00"])",
                                      R"(["\ude00\ud83d"])", R"([{"d":"\ud83d\ud83d"}])"}) {
    EXPECT_TRUE(ErrorOf(json).starts_with("invalid_delta: component 0: no valid JSON")) << json;
  }
}

TEST(DeltaJsonTest, DeepNestingCostsNoStack) {
  EXPECT_EQ(ErrorOf(std::string(1000000, '[')), "invalid_delta: component 0: nested too deep");
}

TEST(DeltaJsonTest, RoundTripIsExact) {
  ForEachSeed(5000, [](Random& random) {
    const Delta delta = RandomDelta(random, RandomText(random, 12), DeletedText::kSome);
    const std::string json = DeltaToJson(delta);
    const Expected<Delta> read = DeltaFromJson(json);
    ASSERT_TRUE(read) << json;
    read->CheckInvariants();
    EXPECT_EQ(*read, delta) << json;
  });
}

TEST(DeltaJsonTest, DamagedJsonIsRefusedOrIsAnotherDelta) {
  ForEachSeed(20000, [](Random& random) {
    std::string json = DeltaToJson(RandomDelta(random, RandomText(random, 12), DeletedText::kSome));
    static constexpr std::string_view kBytes = "[]{}\",:0123456789d-.e \\u\xc3\xa9\xf0";
    for (uint64_t damages = random.Between(1, 3); damages > 0; --damages) {
      const size_t at = random.Below(json.size() + 1);
      if (random.Chance(50) && at < json.size()) json.erase(at, 1);
      if (random.Chance(50)) json.insert(at, 1, kBytes[random.Below(kBytes.size())]);
      if (json.empty()) break;
    }
    if (const Expected<Delta> read = DeltaFromJson(json)) {
      read->CheckInvariants();
      EXPECT_EQ(DeltaFromJson(DeltaToJson(*read)), *read) << json;
    }
  });
}

}  // namespace
}  // namespace cotext
