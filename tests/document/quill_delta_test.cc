#include "document/quill_delta.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "document/delta.h"
#include "document/error.h"
#include "document/random.h"
#include "document/utf8.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

constexpr QuillUnit kCodePoints = QuillUnit::kCodePoints;
constexpr QuillUnit kUtf16 = QuillUnit::kUtf16;

std::string ErrorOf(std::string_view json, QuillUnit unit = kCodePoints,
                    std::string_view base = {}) {
  const Expected<Delta> delta = DeltaFromQuill(json, unit, base);
  if (delta) return "none";
  return std::string(ErrorName(delta.error().code)) + ": " + delta.error().message;
}

TEST(QuillDeltaTest, WritesTheFormOfQuill) {
  EXPECT_EQ(DeltaToQuill(Delta(), kCodePoints), R"({"ops":[]})");
  EXPECT_EQ(DeltaToQuill(Delta().Retain(5).Insert("t\"\u00e9").DeleteText("abc"), kCodePoints),
            "{\"ops\":[{\"retain\":5},{\"insert\":\"t\\\"\u00e9\"},{\"delete\":3}]}");
}

TEST(QuillDeltaTest, TheUnitIsAChoice) {
  const std::string base = "a\U0001f600b\U0001f600c";
  const Delta delta = Delta().Retain(2).Insert("\U0001f600").Delete(2);
  EXPECT_EQ(DeltaToQuill(delta, kCodePoints, base),
            "{\"ops\":[{\"retain\":2},{\"insert\":\"\U0001f600\"},{\"delete\":2}]}");
  const std::string utf16 = "{\"ops\":[{\"retain\":3},{\"insert\":\"\U0001f600\"},{\"delete\":3}]}";
  EXPECT_EQ(DeltaToQuill(delta, kUtf16, base), utf16);
  EXPECT_EQ(DeltaFromQuill(utf16, kUtf16, base), delta);
  EXPECT_EQ(DeltaFromQuill(utf16, kCodePoints, base),
            Delta().Retain(3).Insert("\U0001f600").Delete(3));
}

TEST(QuillDeltaTest, ReadsWhatIsNotInNormalForm) {
  EXPECT_EQ(
      DeltaFromQuill(R"([{"insert":"a"},{"insert":"b"},{"delete":1},{"delete":2}])", kUtf16, "xyz"),
      Delta().Insert("ab").Delete(3));
  EXPECT_EQ(DeltaFromQuill(R"({"ops":[{"retain":1},{"retain":1},{"insert":"x"},{"retain":9}]})",
                           kCodePoints),
            Delta().Retain(2).Insert("x"));
  EXPECT_EQ(DeltaFromQuill("[]", kUtf16), Delta());
}

TEST(QuillDeltaTest, PassesAttributesOver) {
  EXPECT_EQ(
      DeltaFromQuill(R"({"ops":[{"retain":2,"attributes":{"bold":true,"x":[{"ops":[1.5,-1,null]}]}},
                                {"attributes":null,"insert":"a"},
                                {"attributes":{},"delete":1}]})",
                     kCodePoints),
      Delta().Retain(2).Insert("a").Delete(1));
}

TEST(QuillDeltaTest, RefusesEverythingElse) {
  EXPECT_EQ(ErrorOf(""), "invalid_delta: op 0: no valid JSON at byte 1");
  EXPECT_EQ(ErrorOf("[{\"insert\":\"\xff\"}]").substr(0, 34), "invalid_delta: op 0: no valid JSON");
  EXPECT_EQ(ErrorOf(R"([{"insert":"\ud800"}])").substr(0, 34),
            "invalid_delta: op 0: no valid JSON");
  for (const std::string_view json : {"1", "\"a\"", "null", "true", "-1", "1.5"}) {
    EXPECT_TRUE(ErrorOf(json).starts_with("invalid_delta: op 0: ")) << json;
  }
  EXPECT_EQ(ErrorOf("{}"), "invalid_delta: op 0: no ops");
  EXPECT_EQ(ErrorOf(R"({"ops":{}})"), "invalid_delta: op 0: no array of ops");
  EXPECT_EQ(ErrorOf(R"({"ops":1})"), "invalid_delta: op 0: no op");
  EXPECT_EQ(ErrorOf(R"({"ops":[],"ops":[]})"), "invalid_delta: op 0: not just ops");
  EXPECT_EQ(ErrorOf(R"({"x":[]})"), "invalid_delta: op 0: not just ops");
  EXPECT_EQ(ErrorOf(R"({"ops":[],"x":1})"), "invalid_delta: op 0: not just ops");
  EXPECT_EQ(ErrorOf(R"([1])"), "invalid_delta: op 0: no op");
  EXPECT_EQ(ErrorOf(R"(["a"])"), "invalid_delta: op 0: no op");
  EXPECT_EQ(ErrorOf(R"([[]])"), "invalid_delta: op 0: no op");
  EXPECT_EQ(ErrorOf(R"([null])"), "invalid_delta: op 0: null");
  EXPECT_EQ(ErrorOf(R"([{"insert":"a"},{}])"),
            "invalid_delta: op 1: none of insert, retain and delete");
  EXPECT_EQ(ErrorOf(R"([{"attributes":{}}])"),
            "invalid_delta: op 0: none of insert, retain and delete");
  EXPECT_EQ(ErrorOf(R"([{"insert":"a","delete":1}])"),
            "invalid_delta: op 0: not just one of insert, retain and delete");
  EXPECT_EQ(ErrorOf(R"([{"insert":{"image":"x"}}])"), "invalid_delta: op 0: not a plain text");
  EXPECT_EQ(ErrorOf(R"([{"retain":{}}])"), "invalid_delta: op 0: not a plain text");
  EXPECT_EQ(ErrorOf(R"([{"insert":[]}])"), "invalid_delta: op 0: no op");
  EXPECT_EQ(ErrorOf(R"([{"insert":1}])"), "invalid_delta: op 0: an insert that is no text");
  EXPECT_EQ(ErrorOf(R"([{"retain":"a"}])"), "invalid_delta: op 0: a count that is no number");
  EXPECT_EQ(ErrorOf(R"([{"insert":""}])"), "invalid_delta: op 0: an empty op");
  EXPECT_EQ(ErrorOf(R"([{"delete":0}])"), "invalid_delta: op 0: an empty op");
  EXPECT_EQ(ErrorOf(R"([{"delete":-1}])"), "invalid_delta: op 0: a negative number");
  EXPECT_EQ(ErrorOf(R"([{"delete":1.0}])"),
            "invalid_delta: op 0: a number that is not whole or too large");
  EXPECT_EQ(ErrorOf(R"([{"delete":true}])"), "invalid_delta: op 0: a boolean");
  EXPECT_EQ(ErrorOf(R"([{"attributes":1,"delete":1}])"), "invalid_delta: op 0: no op");
  EXPECT_EQ(ErrorOf(R"([{"attributes":true,"delete":1}])"), "invalid_delta: op 0: a boolean");
  EXPECT_EQ(ErrorOf(R"([{"move":1}])"), "invalid_delta: op 0: an unknown key");
  EXPECT_EQ(ErrorOf(R"([{"retain":9007199254740993}])"),
            "invalid_delta: op 0: a number above 2^53");
  EXPECT_EQ(ErrorOf(R"([{"retain":9007199254740992},{"insert":"a"}])"),
            "too_large: op 1: a length above 2^53");
  EXPECT_EQ(ErrorOf(R"([{"retain":9007199254740992},{"delete":1}])"),
            "too_large: op 1: a length above 2^53");
}

TEST(QuillDeltaTest, Utf16MustFitTheText) {
  const std::string base = "a\U0001f600b";
  EXPECT_EQ(ErrorOf(R"([{"retain":4}])", kUtf16, base), "none");
  EXPECT_EQ(ErrorOf(R"([{"retain":5}])", kUtf16, base),
            "delta_mismatch: op 0: it reaches past the end of the text");
  EXPECT_EQ(ErrorOf(R"([{"retain":1},{"delete":1}])", kUtf16, base),
            "inside_character: op 1: it ends inside a character");
  const Expected<std::string> written = DeltaToQuill(Delta().Retain(3).Delete(1), kUtf16, base);
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().message, "op 1: it reaches past the end of the text");
}

TEST(QuillDeltaTest, WhatIsWrittenIsReadAsTheSameDelta) {
  ForEachSeed(3000, [](Random& random) {
    const std::string base = RandomText(random, 20);
    const Delta delta = RandomDelta(random, base, DeletedText::kSome);
    for (const QuillUnit unit : {kCodePoints, kUtf16}) {
      const Expected<std::string> json = DeltaToQuill(delta, unit, base);
      ASSERT_TRUE(json.has_value());
      const Expected<Delta> again = DeltaFromQuill(*json, unit, base);
      ASSERT_TRUE(again.has_value()) << again.error().message;
      ASSERT_EQ(*again, WithoutDeletedText(delta));
    }
  });
}

TEST(QuillDeltaTest, SpoiledJsonIsRefusedOrADelta) {
  const std::string json =
      R"({"ops":[{"retain":2,"attributes":{"b":[1]}},{"insert":"ab"},{"delete":3}]})";
  const std::string base(40, 'x');
  size_t accepted = 0;
  ForEachSeed(5000, [&](Random& random) {
    std::string spoiled = json;
    for (uint64_t changes = random.Between(1, 4); changes > 0; --changes) {
      spoiled[random.Below(spoiled.size())] = json[random.Below(json.size())];
    }
    for (const QuillUnit unit : {kCodePoints, kUtf16}) {
      const Expected<Delta> delta = DeltaFromQuill(spoiled, unit, base);
      if (!delta) continue;
      delta->CheckInvariants();
      ++accepted;
    }
  });
  EXPECT_GT(accepted, 100U);
}

}  // namespace
}  // namespace cotext
