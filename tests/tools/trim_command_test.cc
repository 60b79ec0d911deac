// `cotext trim`, the real binary, and what the others make of a store that it was used on.
#include <gtest/gtest.h>

#include <chrono>
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
#include "tests/tools/served_cotext.h"

namespace cotext {
namespace {

using Json = nlohmann::json;

class TrimCommandTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* const name : {"store", "copy", "old.cotext", "new.cotext"}) {
      std::filesystem::remove_all(PathOf(name));
    }
    std::vector<std::string> words;
    for (int i = 0; i < 200; ++i) words.push_back("word" + std::to_string(i) + " ");
    for (const std::string& word : words) text_ += word;
    Append("notes/a", RgaRecords(9, words));
    Append("ot", OtRecords(2, 5));
  }

  static std::string PathOf(const std::string& name) { return testing::TempDir() + "/" + name; }

  static void Append(const std::string& document, std::vector<sync::Record> records,
                     uint64_t now_ms = 1'000) {
    auto own = StoreFolder::Open(PathOf("store"));
    ASSERT_TRUE(own) << own.error().message;
    auto engine = StoreEngine::Open(
        {.path = StoreDatabasePath(PathOf("store")), .now_ms = [now_ms] { return now_ms; }});
    ASSERT_TRUE(engine) << engine.error().message;
    const StoreCall call{
        .kind = StoreCall::Kind::kAppend, .document = document, .records = std::move(records)};
    ASSERT_TRUE((*engine)->Write({&call, 1})[0].position);
  }

  static Json ReportOf(const std::string& arguments, int exit_code) {
    const Finished run = RunCotext(arguments);
    EXPECT_EQ(run.exit_code, exit_code) << run.errors;
    return Json::parse(run.output, nullptr, false);
  }

  std::string text_;
};

TEST_F(TrimCommandTest, TheHistoryGoesAndTheTextStays) {
  const Json report = ReportOf("trim store --all --keep 3 --json", 0);
  EXPECT_EQ(report["dry_run"], false);
  EXPECT_EQ(report["documents"], 2);
  EXPECT_EQ(report["trimmed"], 2);
  ASSERT_EQ(report["trims"].size(), 2U);
  const Json& rga = report["trims"][0];
  EXPECT_EQ(rga["document"], "notes/a");
  EXPECT_EQ(rga["engine"], "rga");
  EXPECT_EQ(rga["dropped"], text_.size() - 3);
  EXPECT_EQ(rga["kept"], 3);
  EXPECT_EQ(rga["horizon"], std::to_string(text_.size() - 3) + "@7");
  EXPECT_LT(rga["bytes_after"], rga["bytes_before"]);
  const Json& ot = report["trims"][1];
  EXPECT_EQ(ot["engine"], "ot");
  EXPECT_EQ(ot["horizon"], "2");
  EXPECT_EQ(ot["dropped"], 2);
  EXPECT_EQ(ReportOf("check store --json", 0)["ok"], true);
  EXPECT_EQ(ReportOf("trim store --all --keep 3 --json", 0)["trimmed"], 0) << "nothing is left";
}

TEST_F(TrimCommandTest, WhatIsLeftGoesThroughTheOtherCommands) {
  ASSERT_EQ(RunCotext("export store notes/a -o old.cotext").exit_code, 0);
  ASSERT_EQ(RunCotext("trim store notes/a").exit_code, 0);
  ASSERT_EQ(RunCotext("export store notes/a -o new.cotext").exit_code, 0);
  EXPECT_EQ(RunCotext("checkout new.cotext").output, text_);
  EXPECT_EQ(RunCotext("checkout old.cotext --at 5@7").output, text_.substr(0, 5));
  const Finished gone = RunCotext("checkout new.cotext --at 5@7");
  EXPECT_EQ(gone.exit_code, 2);
  EXPECT_NE(gone.errors.find("trimmed"), std::string::npos) << gone.errors;
  ASSERT_EQ(RunCotext("backup store copy").exit_code, 0);
  ASSERT_EQ(RunCotext("compact copy").exit_code, 0);
  ASSERT_EQ(RunCotext("import copy b new.cotext").exit_code, 0);
  EXPECT_EQ(ReportOf("check copy --json", 0)["documents"], 3);
  ASSERT_EQ(RunCotext("export copy b -o new.cotext").exit_code, 0);
  EXPECT_EQ(RunCotext("checkout new.cotext").output, text_);
}

TEST_F(TrimCommandTest, ADryRunTellsTheSameAndWritesNothing) {
  const Json told = ReportOf("trim store notes/a ot --keep 2 --dry-run --json", 0);
  EXPECT_EQ(told["dry_run"], true);
  EXPECT_EQ(told["trimmed"], 2);
  const Json again = ReportOf("trim store notes/a ot --keep 2 --json", 0);
  EXPECT_EQ(again["trims"], told["trims"]);
  EXPECT_EQ(again["trimmed"], 2);
}

TEST_F(TrimCommandTest, WhatIsMeantMustBeSaid) {
  for (const char* const command :
       {"trim store", "trim store --all ot", "trim store typo", "trim nothing --all",
        "trim store ot --keep-days 0", "trim store ot --keep some"}) {
    const Finished run = RunCotext(command);
    EXPECT_EQ(run.exit_code, 2) << command;
    EXPECT_NE(run.errors, "") << command;
  }
  EXPECT_NE(RunCotext("trim store typo").errors.find("there is no document typo"),
            std::string::npos);
  EXPECT_EQ(RunCotext("trim store ot typo").exit_code, 2);
  EXPECT_EQ(ReportOf("trim store ot --dry-run --json", 0)["trimmed"], 1) << "nothing was done";
  EXPECT_FALSE(std::filesystem::exists(PathOf("nothing")));
}

TEST_F(TrimCommandTest, AStoreThatIsInUseIsLeftAlone) {
  const auto own = StoreFolder::Open(PathOf("store"));
  ASSERT_TRUE(own);
  const Finished run = RunCotext("trim store --all");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_NE(run.errors.find("another process"), std::string::npos) << run.errors;
  EXPECT_EQ(ReportOf("trim store --all --dry-run --json", 0)["trimmed"], 2) << "looking is allowed";
}

TEST_F(TrimCommandTest, WhatIsRecentStays) {
  EXPECT_EQ(ReportOf("trim store --all --keep-days 30 --dry-run --json", 0)["trimmed"], 2)
      << "all of it is from 1970";
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  Append("new", OtRecords(3, 4),
         static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()));
  const Json report = ReportOf("trim store ot new --keep-days 30 --json", 0);
  EXPECT_EQ(report["documents"], 2);
  ASSERT_EQ(report["trims"].size(), 1U);
  EXPECT_EQ(report["trims"][0]["document"], "ot");
  EXPECT_EQ(ReportOf("trim store new --json", 0)["trimmed"], 1);
}

TEST_F(TrimCommandTest, OneDocumentThatCannotBeReadKeepsNoOther) {
  Append("broken", {{.kind = sync::RecordKind::kUpdate, .bytes = "?"}});
  const Finished people = RunCotext("trim store --all");
  EXPECT_EQ(people.exit_code, 1);
  EXPECT_NE(people.output.find("document \"broken\": record 1: "), std::string::npos)
      << people.output;
  EXPECT_NE(people.output.find("document \"ot\": up to 5, 5 edits dropped, 0 kept, "),
            std::string::npos)
      << people.output;
}

TEST_F(TrimCommandTest, ATrimmedDocumentIsServedAndEdited) {
  WriteTestFile("one.txt", "insert 0 >\nwait\nquit\n");
  // Somebody who saves his copy is up to date, and one who was away is not.
  {
    ServedCotext server(PathOf("store"));
    for (const char* const name : {"here", "away"}) {
      std::filesystem::remove(PathOf(std::string(name) + ".cotext"));
      const std::string save = " --save " + std::string(name) + ".cotext < one.txt";
      ASSERT_EQ(RunCotext("edit " + server.url() + " notes/a" + save).exit_code, 0);
    }
    ASSERT_EQ(RunCotext("edit " + server.url() + " notes/a --save here.cotext < one.txt").exit_code,
              0);
    ASSERT_EQ(server.Stop(), 0);
  }
  ASSERT_EQ(RunCotext("trim store --all").exit_code, 0);
  ServedCotext server(PathOf("store"));
  const auto edit = [&](const std::string& options) {
    return RunCotext("edit " + server.url() + " notes/a " + options + " < one.txt");
  };
  EXPECT_EQ(RunCotext("cat " + server.url() + " notes/a").output, ">>>" + text_);
  EXPECT_EQ(RunCotext("cat " + server.url() + " ot").output, "xxxxx");
  EXPECT_EQ(edit("--save here.cotext").exit_code, 0);
  EXPECT_EQ(edit("").exit_code, 0);
  std::filesystem::remove(PathOf("fresh.cotext"));
  EXPECT_EQ(edit("--save fresh.cotext").exit_code, 0);
  EXPECT_EQ(edit("--save fresh.cotext").exit_code, 0) << "from where the trimmed document begins";
  EXPECT_EQ(RunCotext("checkout fresh.cotext").output, ">>>>>>>" + text_);
  EXPECT_EQ(RunCotext("cat " + server.url() + " notes/a").output, ">>>>>>>" + text_);
  const Finished away = edit("--save away.cotext");
  EXPECT_NE(away.exit_code, 0);
  EXPECT_NE(away.errors.find("before the history"), std::string::npos) << away.errors;
  EXPECT_NE(RunCotext("checkout away.cotext").output.find(text_), std::string::npos)
      << "the copy keeps its text";
  ASSERT_EQ(server.Stop(), 0);
  EXPECT_EQ(ReportOf("check store --json", 0)["ok"], true);
}

}  // namespace
}  // namespace cotext
