#include "document/strict_delta_builder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "document/delta.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

using Kind = Delta::Kind;
using Component = Delta::Component;

constexpr uint64_t kMax = Delta::kMaxLength;

Expected<Delta> Build(const std::vector<Component>& components) {
  StrictDeltaBuilder builder;
  for (const Component& component : components) COTEXT_RETURN_IF_ERROR(builder.Add(component));
  return builder.Finish();
}

std::string ErrorOf(const std::vector<Component>& components) {
  const Expected<Delta> delta = Build(components);
  if (delta) return "none";
  return std::string(ErrorName(delta.error().code)) + ": " + delta.error().message;
}

TEST(StrictDeltaBuilderTest, AcceptsTheNormalForm) {
  EXPECT_EQ(Build({}), Delta());
  EXPECT_EQ(Build({{Kind::kRetain, 2}, {Kind::kInsert, 1, "a"}, {Kind::kDelete, 3}}),
            Delta().Retain(2).Insert("a").Delete(3));
  EXPECT_EQ(Build({{Kind::kDelete, 1}, {Kind::kInsert, 1, "a"}, {Kind::kDelete, 1, "b"}}),
            Delta().Delete(1).Insert("a").DeleteText("b"));
}

TEST(StrictDeltaBuilderTest, CountsTextsItself) {
  EXPECT_EQ(Build({{Kind::kInsert, 0, "\u4e2d"}, {Kind::kDelete, 77, "\u00e9b"}}),
            Delta().Insert("\u4e2d").DeleteText("\u00e9b"));
}

TEST(StrictDeltaBuilderTest, RefusesWhatTheBuilderWouldTidyUp) {
  const Component insert{Kind::kInsert, 1, "a"};
  EXPECT_EQ(ErrorOf({{Kind::kRetain, 0}}), "invalid_delta: component 0: an empty component");
  EXPECT_EQ(ErrorOf({{Kind::kInsert, 3}}), "invalid_delta: component 0: an empty component");
  EXPECT_EQ(ErrorOf({insert, {Kind::kDelete, 0}}),
            "invalid_delta: component 1: an empty component");
  EXPECT_EQ(ErrorOf({insert, insert}),
            "invalid_delta: component 1: the same kind as the one before");
  EXPECT_EQ(ErrorOf({{Kind::kRetain, 1}, {Kind::kRetain, 1}, insert}),
            "invalid_delta: component 1: the same kind as the one before");
  EXPECT_EQ(ErrorOf({{Kind::kDelete, 1}, {Kind::kDelete, 1, "a"}}),
            "invalid_delta: component 1: the same kind as the one before");
  EXPECT_EQ(ErrorOf({insert, {Kind::kRetain, 1}}),
            "invalid_delta: component 1: a retain at the end");
  EXPECT_EQ(ErrorOf({{Kind::kRetain, 1, "a"}}), "invalid_delta: component 0: a retain with text");
}

TEST(StrictDeltaBuilderTest, RefusesInvalidUtf8) {
  EXPECT_EQ(ErrorOf({{Kind::kInsert, 1, "\xc0\x80"}}), "invalid_utf8: component 0: invalid UTF-8");
  EXPECT_EQ(ErrorOf({{Kind::kRetain, 1}, {Kind::kDelete, 1, "\xed\xa0\x80"}}),
            "invalid_utf8: component 1: invalid UTF-8");
}

TEST(StrictDeltaBuilderTest, RefusesLengthsAboveTheLimit) {
  const Component insert{Kind::kInsert, 1, "a"};
  EXPECT_EQ(ErrorOf({{Kind::kDelete, kMax}, insert}), "none");
  EXPECT_EQ(ErrorOf({{Kind::kDelete, kMax + 1}}), "too_large: component 0: a length above 2^53");
  EXPECT_EQ(ErrorOf({{Kind::kDelete, UINT64_MAX}}), "too_large: component 0: a length above 2^53");
  EXPECT_EQ(ErrorOf({{Kind::kRetain, kMax}, {Kind::kDelete, 1}}),
            "too_large: component 1: a length above 2^53");
  EXPECT_EQ(ErrorOf({{Kind::kRetain, kMax}, insert}),
            "too_large: component 1: a length above 2^53");
  EXPECT_EQ(ErrorOf({insert, {Kind::kRetain, kMax}}),
            "too_large: component 1: a length above 2^53");
}

TEST(StrictDeltaBuilderTest, RebuildsEveryDelta) {
  ForEachSeed(5000, [](Random& random) {
    const Delta delta = RandomDelta(random, RandomText(random, 12), DeletedText::kSome);
    const Expected<Delta> rebuilt = Build({delta.begin(), delta.end()});
    ASSERT_TRUE(rebuilt);
    rebuilt->CheckInvariants();
    EXPECT_EQ(*rebuilt, delta);
    EXPECT_EQ(rebuilt->base_length(), delta.base_length());
  });
}

}  // namespace
}  // namespace cotext
