// The transforms that ot-text-unicode produced; the file's `semantics` says what each field means.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "document/delta.h"
#include "document/delta_json.h"
#include "ot/pending_operation.h"
#include "ot/transform.h"
#include "tests/support/random_delta.h"

namespace cotext {
namespace {

using Json = nlohmann::json;

Delta Read(const Json& json) {
  const Expected<Delta> delta = DeltaFromJson(json.dump());
  if (!delta) ADD_FAILURE() << json << ": " << delta.error().message;
  return delta.value_or(Delta());
}

Side ReadSide(const Json& json) { return json == "left" ? Side::kLeft : Side::kRight; }

PendingOperation InTree(const Delta& delta) {
  return PendingOperation(delta, {.fanout = 2, .small_components = 0});
}

class TransformConformanceTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* const folder = std::getenv("COTEXT_DATA");
    if (folder == nullptr || *folder == '\0') GTEST_SKIP() << "COTEXT_DATA is not set";
    std::ifstream file(std::string(folder) + "/conformance/ot/examples.json");
    ASSERT_TRUE(file) << "no conformance/ot/examples.json in " << folder;
    cases_ = Json::parse(file).at("cases");
  }

  // Calls `check` with every case of a kind, of which there must be some.
  template <typename Check>
  void ForEachOf(std::string_view kind, Check check) const {
    int checked = 0;
    for (const Json& one : cases_) {
      if (one.at("kind") != kind) continue;
      SCOPED_TRACE(one.at("id").get<std::string>());
      check(one);
      ++checked;
    }
    EXPECT_GT(checked, 0);
  }

 private:
  Json cases_;
};

TEST_F(TransformConformanceTest, Transform) {
  ForEachOf("transform", [](const Json& one) {
    const Delta a = Read(one["a"]);
    const Delta b = Read(one["b"]);
    EXPECT_EQ(Transform(a, b, Side::kLeft), Read(one["a_prime"]));
    EXPECT_EQ(Transform(b, a, Side::kRight), Read(one["b_prime"]));
    EXPECT_EQ(Transform(a, b, Side::kRight), Read(one["a_right"]));
    EXPECT_EQ(Transform(b, a, Side::kLeft), Read(one["b_left"]));
  });
}

TEST_F(TransformConformanceTest, TransformPair) {
  ForEachOf("transform", [](const Json& one) {
    const Expected<TransformedPair> pair = TransformPair(Read(one["a"]), Read(one["b"]));
    ASSERT_TRUE(pair);
    EXPECT_EQ(pair->left, Read(one["a_prime"]));
    EXPECT_EQ(pair->right, Read(one["b_prime"]));
    const Expected<TransformedPair> swapped = TransformPair(Read(one["b"]), Read(one["a"]));
    ASSERT_TRUE(swapped);
    EXPECT_EQ(swapped->left, Read(one["b_left"]));
    EXPECT_EQ(swapped->right, Read(one["a_right"]));
    EXPECT_EQ(Json(*Apply(swapped->left, one["after_a"].get<std::string>())),
              one["result_swapped"]);
  });
}

TEST_F(TransformConformanceTest, PendingOperation) {
  ForEachOf("transform", [](const Json& one) {
    PendingOperation a = InTree(Read(one["a"]));
    EXPECT_EQ(a.TransformPast(Read(one["b"]), Side::kLeft), Read(one["b_prime"]));
    EXPECT_EQ(a.ToDelta(), Read(one["a_prime"]));
    PendingOperation swapped = InTree(Read(one["a"]));
    EXPECT_EQ(swapped.TransformPast(Read(one["b"]), Side::kRight), Read(one["b_left"]));
    EXPECT_EQ(swapped.ToDelta(), Read(one["a_right"]));

    PendingOperation composed = InTree(Read(one["a"]));
    EXPECT_TRUE(composed.Compose(Read(one["b_prime"])));
    EXPECT_EQ(composed.ToDelta(), Read(one["composed"]));
  });
  ForEachOf("compose", [](const Json& one) {
    PendingOperation composed = InTree(Read(one["a_invertible"]));
    EXPECT_TRUE(composed.Compose(Read(one["c_invertible"])));
    EXPECT_EQ(composed.ToDelta(), Read(one["composed_invertible"]));
  });
}

// Over a history one after the other, and over its composition, which may differ.
TEST_F(TransformConformanceTest, Sequences) {
  ForEachOf("sequence", [](const Json& one) {
    const Side side = ReadSide(one["side"]);
    auto text = one["base"].get<std::string>();
    Delta x = Read(one["x"]);
    PendingOperation pending = InTree(x);
    for (const Json& json : one["history"]) {
      const Delta step = Read(json);
      text = *Apply(step, text);
      x = *Transform(x, step, side);
      EXPECT_TRUE(pending.TransformPast(step, side));
    }
    EXPECT_EQ(x, Read(one["x_stepwise"]));
    EXPECT_EQ(pending.ToDelta(), Read(one["x_stepwise"]));
    EXPECT_EQ(Json(*Apply(x, text)), one["result_stepwise"]);

    const Delta composed = Read(one["history_composed"]);
    const Expected<Delta> via_composed = Transform(Read(one["x"]), composed, side);
    EXPECT_EQ(via_composed, Read(one["x_via_composed"]));
    EXPECT_EQ(Json(*Apply(*via_composed, text)), one["result_via_composed"]);
    EXPECT_EQ(one["result_stepwise"] == one["result_via_composed"], one["equal"].get<bool>());
  });
}

}  // namespace
}  // namespace cotext
