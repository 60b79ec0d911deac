// `cotext check`, `compact`, `backup`, `export` and `import`, the real binary.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "storage/store_call.h"
#include "storage/store_engine.h"
#include "storage/store_folder.h"
#include "sync/store.h"
#include "tests/support/sample_logs.h"
#include "tests/tools/run_cotext.h"

namespace cotext {
namespace {

using Json = nlohmann::json;

class StoreCommandsTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* const name : {"store", "copy", "other"}) {
      std::filesystem::remove_all(PathOf(name));
    }
    Append("store", "notes/a", RgaRecords(9, {"some", " text"}));
    Append("store", "ot", OtRecords(2, 3));
  }

  static std::string PathOf(const std::string& folder) { return testing::TempDir() + "/" + folder; }

  static void Append(const std::string& folder, const std::string& document,
                     std::vector<sync::Record> records) {
    auto own = StoreFolder::Open(PathOf(folder));
    ASSERT_TRUE(own) << own.error().message;
    auto engine = StoreEngine::Open({.path = StoreDatabasePath(PathOf(folder))});
    ASSERT_TRUE(engine) << engine.error().message;
    const StoreCall call{
        .kind = StoreCall::Kind::kAppend, .document = document, .records = std::move(records)};
    ASSERT_TRUE((*engine)->Write({&call, 1})[0].position);
  }

  static Json ReportOf(const std::string& arguments, int exit_code) {
    const Finished run = RunCotext(arguments);
    EXPECT_EQ(run.exit_code, exit_code) << run.errors;
    return Json::parse(run.output);
  }
};

TEST_F(StoreCommandsTest, CheckSaysWhetherAStoreIsWhole) {
  const Json clean = ReportOf("check store --json", 0);
  EXPECT_EQ(clean["ok"], true);
  EXPECT_EQ(clean["documents"], 2);
  Append("store", "broken", {{.kind = sync::RecordKind::kUpdate, .bytes = "?"}});
  const Json broken = ReportOf("check store --json", 1);
  EXPECT_EQ(broken["ok"], false);
  EXPECT_EQ(broken["problems"][0]["document"], "broken");
  EXPECT_EQ(broken["problems"][0]["code"], "malformed_file");
  const Finished people = RunCotext("check store");
  EXPECT_EQ(people.exit_code, 1);
  EXPECT_NE(people.output.find("document \"broken\": record 1: "), std::string::npos)
      << people.output;
}

TEST_F(StoreCommandsTest, WhatIsNoStoreIsBadInputAndIsLeftAlone) {
  for (const char* const command : {"check nothing", "compact nothing", "backup nothing copy",
                                    "export nothing a -o a.cotext"}) {
    const Finished run = RunCotext(command);
    EXPECT_EQ(run.exit_code, 2) << command;
    EXPECT_NE(run.errors, "") << command;
  }
  EXPECT_FALSE(std::filesystem::exists(PathOf("nothing")));
  EXPECT_FALSE(std::filesystem::exists(PathOf("copy")));
}

TEST_F(StoreCommandsTest, CompactKeepsEverything) {
  const Json report = ReportOf("compact store --json", 0);
  EXPECT_EQ(report["documents"], 2);
  EXPECT_EQ(report["compacted"], 2);
  EXPECT_EQ(ReportOf("compact store --json", 0)["compacted"], 0) << "there is nothing left to do";
  EXPECT_EQ(ReportOf("check store --json", 0)["tail_records"], 0);
  ASSERT_EQ(RunCotext("export store notes/a -o a.cotext").exit_code, 0);
  EXPECT_EQ(RunCotext("checkout a.cotext").output, "some text");
}

TEST_F(StoreCommandsTest, CompactLeavesAStoreThatIsInUse) {
  const auto own = StoreFolder::Open(PathOf("store"));
  ASSERT_TRUE(own);
  const Finished run = RunCotext("compact store");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.errors.find("another process"), std::string::npos) << run.errors;
  EXPECT_EQ(RunCotext("check store").exit_code, 0) << "looking is allowed";
}

TEST_F(StoreCommandsTest, ABackupIsAStore) {
  ASSERT_EQ(RunCotext("backup store copy").exit_code, 0);
  EXPECT_EQ(ReportOf("check copy --json", 0)["documents"], 2);
  EXPECT_EQ(RunCotext("backup store copy").exit_code, 2) << "none is replaced";
}

TEST_F(StoreCommandsTest, ADocumentGoesFromOneStoreToAnother) {
  ASSERT_EQ(RunCotext("export store notes/a -o a.cotext --profile fast").exit_code, 0);
  Append("other", "b", OtRecords(1, 1));
  ASSERT_EQ(RunCotext("import other a a.cotext").exit_code, 0);
  EXPECT_EQ(RunCotext("import other a a.cotext").exit_code, 2) << "none is replaced";
  EXPECT_EQ(RunCotext("import other \"\" a.cotext").exit_code, 2) << "no client could open it";
  EXPECT_EQ(RunCotext("import other \xff a.cotext").exit_code, 2);
  EXPECT_EQ(RunCotext("import other " + std::string(513, 'n') + " a.cotext").exit_code, 2);
  ASSERT_EQ(RunCotext("export other a -o b.cotext").exit_code, 0);
  EXPECT_EQ(RunCotext("checkout b.cotext").output, "some text");
  EXPECT_EQ(RunCotext("export store missing -o c.cotext").exit_code, 2);
}

TEST_F(StoreCommandsTest, AnOtDocumentGoesOutAsJson) {
  ASSERT_EQ(RunCotext("export store ot -o ot.json").exit_code, 0);
  std::ifstream file(PathOf("ot.json"));
  const Json document = Json::parse(file, nullptr, false);
  EXPECT_EQ(document["engine"], "ot");
  EXPECT_TRUE(document["text"].is_string());
}

}  // namespace
}  // namespace cotext
