// The cases that ot-text-unicode produced, from the folder that COTEXT_DATA names; the file's
// `semantics` says what each field means.
#ifndef COTEXT_TESTS_SUPPORT_OT_CONFORMANCE_H_
#define COTEXT_TESTS_SUPPORT_OT_CONFORMANCE_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "document/delta.h"
#include "document/delta_json.h"
#include "document/error.h"

namespace cotext {

// Returns a delta of a case.
inline Delta ReadDelta(const nlohmann::json& json) {
  const Expected<Delta> delta = DeltaFromJson(json.dump());
  if (!delta) ADD_FAILURE() << json << ": " << delta.error().message;
  return delta.value_or(Delta());
}

// Without the folder its tests are skipped.
class OtConformanceTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* const folder = std::getenv("COTEXT_DATA");
    if (folder == nullptr || *folder == '\0') GTEST_SKIP() << "COTEXT_DATA is not set";
    std::ifstream file(std::string(folder) + "/conformance/ot/examples.json");
    ASSERT_TRUE(file) << "no conformance/ot/examples.json in " << folder;
    cases_ = nlohmann::json::parse(file).at("cases");
  }

  // Calls `check` with every case of a kind, of which there must be some.
  template <typename Check>
  void ForEachOf(std::string_view kind, Check check) const {
    int checked = 0;
    for (const nlohmann::json& one : cases_) {
      if (one.at("kind") != kind) continue;
      SCOPED_TRACE(one.at("id").get<std::string>());
      check(one);
      ++checked;
    }
    EXPECT_GT(checked, 0);
  }

 private:
  nlohmann::json cases_;
};

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_OT_CONFORMANCE_H_
