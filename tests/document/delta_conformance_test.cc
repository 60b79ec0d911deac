// The cases that ot-text-unicode produced; the file's `semantics` says what each field means.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "document/delta.h"
#include "document/delta_json.h"
#include "tests/support/random_delta.h"

namespace cotext {
namespace {

using Json = nlohmann::json;

Delta Read(const Json& json) {
  const Expected<Delta> delta = DeltaFromJson(json.dump());
  if (!delta) ADD_FAILURE() << json << ": " << delta.error().message;
  return delta.value_or(Delta());
}

// Returns the text after the delta, all as JSON.
Json Applied(const Json& delta, const Json& base) {
  const Expected<std::string> text = Apply(Read(delta), base.get<std::string>());
  if (!text) ADD_FAILURE() << delta << ": " << text.error().message;
  return text.value_or("");
}

class DeltaConformanceTest : public testing::Test {
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
    EXPECT_EQ(Compose(Read(one["a"]), Read(one["b_prime"])), Read(one["composed"]));
    EXPECT_EQ(Compose(Read(one["b"]), Read(one["a_prime"])), Read(one["composed_other"]));
  });
  ForEachOf("compose", [](const Json& one) {
    EXPECT_EQ(Compose(Read(one["a"]), Read(one["c"])), Read(one["composed"]));
    EXPECT_EQ(Compose(Read(one["a_invertible"]), Read(one["c_invertible"])),
              Read(one["composed_invertible"]));
  });
}

TEST_F(DeltaConformanceTest, ComposeAll) {
  ForEachOf("sequence", [](const Json& one) {
    std::vector<Delta> history;
    for (const Json& delta : one["history"]) history.push_back(Read(delta));
    EXPECT_EQ(ComposeAll(history), Read(one["history_composed"]));
  });
}

TEST_F(DeltaConformanceTest, Invert) {
  ForEachOf("transform", [](const Json& one) {
    const auto base = one["base"].get<std::string>();
    EXPECT_EQ(Invert(Read(one["a"]), base), Read(one["a_inverse"]));
    EXPECT_EQ(Invert(Read(one["b"]), base), Read(one["b_inverse"]));
  });
  ForEachOf("compose", [](const Json& one) {
    EXPECT_EQ(Invert(Read(one["composed_invertible"])), Read(one["inverse"]));
  });
}

TEST_F(DeltaConformanceTest, TransformPosition) {
  ForEachOf("transform", [](const Json& one) {
    const Delta delta = Read(one["a"]);
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
        delta.Append(Read(Json::array({component}))[0]);
      }
    }
    EXPECT_EQ(delta, Read(one["normalized"]));
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
