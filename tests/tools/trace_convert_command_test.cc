// `cotext trace convert`, the real binary.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "crdt/codec/document_file.h"
#include "crdt/ids.h"
#include "crdt/rga_text.h"
#include "storage/compression.h"
#include "tests/tools/run_cotext.h"

namespace cotext {
namespace {

using Json = nlohmann::json;

class TraceConvertCommandTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(RunCotext("trace generate --seed 7 --transactions 300 --deletes 40 -o trace.json")
                  .exit_code,
              0);
    text_ = RunCotext("replay trace.json --print").output;
  }

  static Json Convert(const std::string& options) {
    const Finished run = RunCotext("trace convert trace.json -o out.cotext --json " + options);
    EXPECT_EQ(run.exit_code, 0) << run.errors;
    EXPECT_EQ(run.errors, "");
    return Json::parse(run.output);
  }

  std::string text_;
};

TEST_F(TraceConvertCommandTest, TheDocumentHasTheTextAndTheHistory) {
  for (const std::string options :
       {"", "--profile small", "--profile fast", "--compact", "--profile small --compact"}) {
    const Json report = Convert(options);
    const std::string bytes = ReadTestFile("out.cotext");
    EXPECT_EQ(report["file"], "out.cotext");
    EXPECT_EQ(report["bytes"], bytes.size());
    const auto file = DocumentFile::Open(bytes, NativeDecompressor());
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(report["id"], file->id().ToHex());
    EXPECT_EQ(file->lacks_deleted_text(), options.ends_with("--compact"));
    EXPECT_EQ(file->Text(), text_);
    const auto rga = file->Load(ReplicaId{100});
    ASSERT_TRUE(rga) << rga.error().message;
    EXPECT_EQ(VisibleText(*rga), text_);
    EXPECT_EQ(report["final_chars"], rga->sequence().metrics().code_points);
    EXPECT_EQ(report["changes"], rga->PackedSince({}).changes.size());
    EXPECT_EQ(report["operations"], rga->PackedSince({}).operations.size());
  }
}

TEST_F(TraceConvertCommandTest, SizesAreThoseOfReplay) {
  const Json replayed =
      Json::parse(RunCotext("replay trace.json --json --mode load --profile small").output);
  const Json report = Convert("--profile small");
  EXPECT_EQ(report["profile"], "small");
  EXPECT_EQ(report["bytes"], replayed["file_bytes"]);
  EXPECT_EQ(Convert("")["profile"], "fast");
  EXPECT_LT(Convert("--profile small --compact")["bytes"], report["bytes"]);
}

TEST_F(TraceConvertCommandTest, TheIdIsGivenDrawnFromASeedOrRandom) {
  const std::string id = "000102030405060708090a0b0c0d0eff";
  EXPECT_EQ(Convert("--id " + id)["id"], id);
  EXPECT_EQ(Convert("--id 000102030405060708090A0B0C0D0EFF")["id"], id);
  const Json seeded = Convert("--seed 9");
  const std::string bytes = ReadTestFile("out.cotext");
  EXPECT_EQ(Convert("--seed 9"), seeded);
  EXPECT_EQ(ReadTestFile("out.cotext"), bytes);
  EXPECT_NE(Convert("--seed 10")["id"], seeded["id"]);
  EXPECT_NE(Convert("")["id"], Convert("")["id"]);
}

TEST_F(TraceConvertCommandTest, ATextOfOtherOrderIsANote) {
  WriteTestFile("tied.json", R"({"kind":"concurrent","endContent":"ab","numAgents":2,"txns":[)"
                             R"({"parents":[],"agent":0,"patches":[[0,0,"a"]]},)"
                             R"({"parents":[],"agent":1,"patches":[[0,0,"b"]]}]})");
  const Finished run = RunCotext("trace convert tied.json -o out.cotext --json");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(Json::parse(run.output)["end_content_differs_at"], 0);
  EXPECT_EQ(run.errors,
            "cotext: tied.json: note: the document's text differs from endContent from code point "
            "0 on\n");
}

TEST_F(TraceConvertCommandTest, WrongUsageAndInputAreExitCode2) {
  for (const std::string arguments :
       {"trace.json", "-o x", "trace.json -o x --id 12", "trace.json -o x --profile tiny",
        "trace.json -o x --id 000102030405060708090a0b0c0d0e0g", "none.json -o x",
        "trace.json -o x --id 000102030405060708090a0b0c0d0e0f --seed 1",
        "trace.json -o /nonexistent/x"}) {
    const Finished run = RunCotext("trace convert " + arguments);
    EXPECT_EQ(run.exit_code, 2) << arguments;
    EXPECT_EQ(run.output, "") << arguments;
    EXPECT_NE(run.errors, "") << arguments;
  }
}

}  // namespace
}  // namespace cotext
