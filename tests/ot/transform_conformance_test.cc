// The transforms that ot-text-unicode produced; the file's `semantics` says what each field means.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "document/delta.h"
#include "ot/pending_operation.h"
#include "ot/transform.h"
#include "tests/support/ot_conformance.h"
#include "tests/support/random_delta.h"

namespace cotext {
namespace {

using Json = nlohmann::json;

Side ReadSide(const Json& json) { return json == "left" ? Side::kLeft : Side::kRight; }

PendingOperation InTree(const Delta& delta) {
  return PendingOperation(delta, {.fanout = 2, .small_components = 0});
}

using TransformConformanceTest = OtConformanceTest;

TEST_F(TransformConformanceTest, Transform) {
  ForEachOf("transform", [](const Json& one) {
    const Delta a = ReadDelta(one["a"]);
    const Delta b = ReadDelta(one["b"]);
    EXPECT_EQ(Transform(a, b, Side::kLeft), ReadDelta(one["a_prime"]));
    EXPECT_EQ(Transform(b, a, Side::kRight), ReadDelta(one["b_prime"]));
    EXPECT_EQ(Transform(a, b, Side::kRight), ReadDelta(one["a_right"]));
    EXPECT_EQ(Transform(b, a, Side::kLeft), ReadDelta(one["b_left"]));
  });
}

TEST_F(TransformConformanceTest, TransformPair) {
  ForEachOf("transform", [](const Json& one) {
    const Expected<TransformedPair> pair = TransformPair(ReadDelta(one["a"]), ReadDelta(one["b"]));
    ASSERT_TRUE(pair);
    EXPECT_EQ(pair->left, ReadDelta(one["a_prime"]));
    EXPECT_EQ(pair->right, ReadDelta(one["b_prime"]));
    const Expected<TransformedPair> swapped =
        TransformPair(ReadDelta(one["b"]), ReadDelta(one["a"]));
    ASSERT_TRUE(swapped);
    EXPECT_EQ(swapped->left, ReadDelta(one["b_left"]));
    EXPECT_EQ(swapped->right, ReadDelta(one["a_right"]));
    EXPECT_EQ(Json(*Apply(swapped->left, one["after_a"].get<std::string>())),
              one["result_swapped"]);
  });
}

TEST_F(TransformConformanceTest, PendingOperation) {
  ForEachOf("transform", [](const Json& one) {
    PendingOperation a = InTree(ReadDelta(one["a"]));
    EXPECT_EQ(a.TransformPast(ReadDelta(one["b"]), Side::kLeft), ReadDelta(one["b_prime"]));
    EXPECT_EQ(a.ToDelta(), ReadDelta(one["a_prime"]));
    PendingOperation swapped = InTree(ReadDelta(one["a"]));
    EXPECT_EQ(swapped.TransformPast(ReadDelta(one["b"]), Side::kRight), ReadDelta(one["b_left"]));
    EXPECT_EQ(swapped.ToDelta(), ReadDelta(one["a_right"]));

    PendingOperation composed = InTree(ReadDelta(one["a"]));
    EXPECT_TRUE(composed.Compose(ReadDelta(one["b_prime"])));
    EXPECT_EQ(composed.ToDelta(), ReadDelta(one["composed"]));
  });
  ForEachOf("compose", [](const Json& one) {
    PendingOperation composed = InTree(ReadDelta(one["a_invertible"]));
    EXPECT_TRUE(composed.Compose(ReadDelta(one["c_invertible"])));
    EXPECT_EQ(composed.ToDelta(), ReadDelta(one["composed_invertible"]));
  });
}

// Over a history one after the other, and over its composition, which may differ.
TEST_F(TransformConformanceTest, Sequences) {
  ForEachOf("sequence", [](const Json& one) {
    const Side side = ReadSide(one["side"]);
    auto text = one["base"].get<std::string>();
    Delta x = ReadDelta(one["x"]);
    PendingOperation pending = InTree(x);
    for (const Json& json : one["history"]) {
      const Delta step = ReadDelta(json);
      text = *Apply(step, text);
      x = *Transform(x, step, side);
      EXPECT_TRUE(pending.TransformPast(step, side));
    }
    EXPECT_EQ(x, ReadDelta(one["x_stepwise"]));
    EXPECT_EQ(pending.ToDelta(), ReadDelta(one["x_stepwise"]));
    EXPECT_EQ(Json(*Apply(x, text)), one["result_stepwise"]);

    const Delta composed = ReadDelta(one["history_composed"]);
    const Expected<Delta> via_composed = Transform(ReadDelta(one["x"]), composed, side);
    EXPECT_EQ(via_composed, ReadDelta(one["x_via_composed"]));
    EXPECT_EQ(Json(*Apply(*via_composed, text)), one["result_via_composed"]);
    EXPECT_EQ(one["result_stepwise"] == one["result_via_composed"], one["equal"].get<bool>());
  });
}

}  // namespace
}  // namespace cotext
