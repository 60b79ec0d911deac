// The cases that ot-text-unicode produced; the file's `semantics` says what each field means.
#include <gtest/gtest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "document/delta.h"
#include "tests/support/ot_conformance.h"
#include "tests/support/random_delta.h"

namespace cotext {
namespace {

using Json = nlohmann::json;

// Returns the text after the delta, all as JSON.
Json Applied(const Json& delta, const Json& base) {
  const Expected<std::string> text = Apply(ReadDelta(delta), base.get<std::string>());
  if (!text) ADD_FAILURE() << delta << ": " << text.error().message;
  return text.value_or("");
}

using DeltaConformanceTest = OtConformanceTest;

TEST_F(DeltaConformanceTest, Apply) {
  ForEachOf("transform", [](const Json& one) {
    EXPECT_EQ(Applied(one["a"], one["base"]), one["after_a"]);
    EXPECT_EQ(Applied(one["b"], one["base"]), one["after_b"]);
    EXPECT_EQ(Applied(one["b_prime"], one["after_a"]), one["result"]);
    EXPECT_EQ(Applied(one["a_prime"], one["after_b"]), one["result"]);
  });
  ForEachOf("compose", [](const Json& one) {
    EXPECT_EQ(Applied(one["a"], one["base"]), one["after_a"]);
    EXPECT_EQ(Applied(one["c"], one["after_a"]), one["result"]);
    EXPECT_EQ(Applied(one["composed"], one["base"]), one["result"]);
  });
}

TEST_F(DeltaConformanceTest, Compose) {
  ForEachOf("transform", [](const Json& one) {
    EXPECT_EQ(Compose(ReadDelta(one["a"]), ReadDelta(one["b_prime"])), ReadDelta(one["composed"]));
    EXPECT_EQ(Compose(ReadDelta(one["b"]), ReadDelta(one["a_prime"])),
              ReadDelta(one["composed_other"]));
  });
  ForEachOf("compose", [](const Json& one) {
    EXPECT_EQ(Compose(ReadDelta(one["a"]), ReadDelta(one["c"])), ReadDelta(one["composed"]));
    EXPECT_EQ(Compose(ReadDelta(one["a_invertible"]), ReadDelta(one["c_invertible"])),
              ReadDelta(one["composed_invertible"]));
  });
}

TEST_F(DeltaConformanceTest, ComposeAll) {
  ForEachOf("sequence", [](const Json& one) {
    std::vector<Delta> history;
    for (const Json& delta : one["history"]) history.push_back(ReadDelta(delta));
    EXPECT_EQ(ComposeAll(history), ReadDelta(one["history_composed"]));
  });
}

TEST_F(DeltaConformanceTest, Invert) {
  ForEachOf("transform", [](const Json& one) {
    const auto base = one["base"].get<std::string>();
    EXPECT_EQ(Invert(ReadDelta(one["a"]), base), ReadDelta(one["a_inverse"]));
    EXPECT_EQ(Invert(ReadDelta(one["b"]), base), ReadDelta(one["b_inverse"]));
  });
  ForEachOf("compose", [](const Json& one) {
    EXPECT_EQ(Invert(ReadDelta(one["composed_invertible"])), ReadDelta(one["inverse"]));
  });
}

TEST_F(DeltaConformanceTest, TransformPosition) {
  ForEachOf("transform", [](const Json& one) {
    const Delta delta = ReadDelta(one["a"]);
    for (uint64_t position = 0; position < one["cursor_after_a"].size(); ++position) {
      EXPECT_EQ(TransformPosition(delta, {position}, Bias::kBefore).value,
                one["cursor_after_a"][position].get<uint64_t>())
          << position;
    }
  });
}

TEST_F(DeltaConformanceTest, BuilderNormalizes) {
  ForEachOf("normalize", [](const Json& one) {
    Delta delta;
    for (const Json& component : one["raw"]) {
      if (component.is_number()) {  // Alone it would be a retain at the end.
        delta.Retain(component.get<uint64_t>());
      } else {
        delta.Append(ReadDelta(Json::array({component}))[0]);
      }
    }
    EXPECT_EQ(delta, ReadDelta(one["normalized"]));
  });
}

TEST_F(DeltaConformanceTest, InvalidIsRefusedEvenWhereTheLibraryAcceptsIt) {
  ForEachOf("invalid", [](const Json& one) {
    const Expected<Delta> delta = DeltaFromJson(one["op"].dump());
    if (one["base"].is_null()) {
      EXPECT_FALSE(delta);
    } else {
      ASSERT_TRUE(delta);
      EXPECT_FALSE(Apply(*delta, one["base"].get<std::string>()));
    }
  });
}

}  // namespace
}  // namespace cotext
