// `cotext info`, the real binary.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "crdt/codec/document_file.h"
#include "crdt/codec/section.h"
#include "crdt/ids.h"
#include "crdt/version_vector.h"
#include "storage/compression.h"
#include "tests/tools/run_cotext.h"

namespace cotext {
namespace {

using Json = nlohmann::json;

constexpr size_t kMagicBytes = 8;

class InfoCommandTest : public testing::Test {
 protected:
  // Four characters, of which two are deleted, and one in front of them.
  void SetUp() override {
    WriteTestFile("trace.json", R"({"endContent":"!hé","txns":[{"patches":[[0,0,"hélo"]]},)"
                                R"({"patches":[[2,2,""],[0,0,"!"]]}]})");
    ASSERT_EQ(RunCotext("trace convert trace.json -o whole.cotext "
                        "--id 000102030405060708090a0b0c0d0e0f")
                  .exit_code,
              0);
    whole_ = ReadTestFile("whole.cotext");
  }

  // Returns what is said of a file with these bytes, and nothing but an error.
  static std::string ErrorOf(const std::string& bytes, int exit_code) {
    WriteTestFile("other.cotext", bytes);
    const Finished run = RunCotext("info other.cotext");
    EXPECT_EQ(run.exit_code, exit_code) << run.errors;
    EXPECT_EQ(run.output, "");
    return run.errors;
  }

  std::string whole_;
};

TEST_F(InfoCommandTest, PeopleReadALineForEverySection) {
  const Finished run = RunCotext("info whole.cotext");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.errors, "");
  EXPECT_TRUE(
      run.output.starts_with("file: whole.cotext\nid: 000102030405060708090a0b0c0d0e0f\n"
                             "engine: rga\nbytes: " +
                             std::to_string(whole_.size()) +
                             "\nchanges: 1\noperations: 3\nreplicas: 1\nvisible_chars: 3\n"
                             "deleted_chars: 2\nlacks_deleted_text: false\n"
                             "base_bytes: " +
                             std::to_string(whole_.size()) +
                             "\nappended_updates: 0\nappended_bytes: 0\ntorn_bytes: 0\n"
                             "section identity: 17 bytes, stored 24, none\n"
                             "section current text: 4 bytes, stored 11, none\n"))
      << run.output;
  EXPECT_TRUE(run.output.ends_with("section deleted text: 2 bytes, stored 9, none\n"));
}

TEST_F(InfoCommandTest, JsonIsAnObjectALineAndItsSectionsAddUp) {
  const Finished run = RunCotext("info whole.cotext --json");
  EXPECT_EQ(run.exit_code, 0);
  const Json json = Json::parse(run.output);
  EXPECT_EQ(json["visible_chars"], 3);
  EXPECT_EQ(json["deleted_chars"], 2);
  uint64_t bytes = kMagicBytes;
  for (const Json& section : json["sections"]) {
    bytes += section["stored_bytes"].get<uint64_t>();
    EXPECT_EQ(section["known"], true);
  }
  EXPECT_EQ(json["bytes"], bytes);
  EXPECT_EQ(json["sections"][0],
            Json::parse(R"({"name":"identity","raw_bytes":17,"stored_bytes":24,)"
                        R"("compression":"none","known":true})"));
}

TEST_F(InfoCommandTest, CompressionsHaveTheirNames) {
  ASSERT_EQ(RunCotext("trace generate --transactions 300 -o many.json").exit_code, 0);
  for (const auto& [profile, compression] :
       {std::pair("small", "zstd"), std::pair("fast", "lz4")}) {
    ASSERT_EQ(RunCotext(std::string("trace convert many.json --compact -o many.cotext --profile ") +
                        profile)
                  .exit_code,
              0);
    const Json json = Json::parse(RunCotext("info many.cotext --json").output);
    EXPECT_EQ(json["lacks_deleted_text"], true);
    EXPECT_GT(json["replicas"], 1);
    const Json& text = json["sections"][1];
    EXPECT_EQ(text["name"], "current text");
    EXPECT_EQ(text["compression"], compression);
    EXPECT_LT(text["stored_bytes"], text["raw_bytes"]);
  }
}

TEST_F(InfoCommandTest, AppendedUpdatesAndUnknownSectionsAreListed) {
  auto rga = DocumentFile::Open(whole_, NativeDecompressor())->Load(ReplicaId{5});
  ASSERT_TRUE(rga);
  std::string bytes = whole_;
  for (int i = 0; i < 2; ++i) {
    const VersionVector known = rga->version_vector();
    ASSERT_TRUE(rga->Replace(0, 0, "xy"));
    bytes += EncodeAppendix(*rga, known, {});
  }
  AppendSection(bytes, static_cast<SectionKind>(200), "later", {});
  WriteTestFile("more.cotext", bytes);
  const Json json = Json::parse(RunCotext("info more.cotext --json").output);
  EXPECT_EQ(json["appended_updates"], 2);
  EXPECT_EQ(json["base_bytes"], whole_.size());
  EXPECT_EQ(json["appended_bytes"], bytes.size() - whole_.size());
  EXPECT_EQ(json["torn_bytes"], 0);
  EXPECT_EQ(json["visible_chars"], 7);
  EXPECT_EQ(json["changes"], 2);
  EXPECT_EQ(json["replicas"], 2);
  const Json& last = json["sections"].back();
  EXPECT_EQ(last["name"], "number 200");
  EXPECT_EQ(last["raw_bytes"], 5);
  EXPECT_EQ(last["known"], false);
  EXPECT_TRUE(RunCotext("info more.cotext")
                  .output.ends_with("section number 200: 5 bytes, stored 12, none, unknown\n"));
}

TEST_F(InfoCommandTest, DamageIsExitCode1AndNamesItsSection) {
  std::string bytes = whole_;
  bytes.back() ^= 1;
  EXPECT_EQ(ErrorOf(bytes, 1), "cotext: other.cotext: the section of deleted text is damaged\n");
  EXPECT_NE(ErrorOf(whole_.substr(0, whole_.size() - 1), 1).find(" is cut off\n"),
            std::string::npos);
  EXPECT_EQ(ErrorOf(whole_.substr(0, kMagicBytes), 1),
            "cotext: other.cotext: there is no section of identity\n");
}

TEST_F(InfoCommandTest, ATornAppendIsExitCode1AndTheRestIsDescribed) {
  std::string bytes = whole_;
  AppendSection(bytes, SectionKind::kUpdate, "anything", {});
  bytes.pop_back();
  WriteTestFile("torn.cotext", bytes);
  const Finished run = RunCotext("info torn.cotext --json");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.errors,
            "cotext: torn.cotext: its last 14 bytes are what is left of a torn append, and are "
            "passed over\n");
  const Json json = Json::parse(run.output);
  EXPECT_EQ(json["bytes"], bytes.size());
  EXPECT_EQ(json["base_bytes"], whole_.size());
  EXPECT_EQ(json["torn_bytes"], 14);
  EXPECT_EQ(json["visible_chars"], 3);
  EXPECT_EQ(RunCotext("log torn.cotext").output, RunCotext("log whole.cotext").output);
}

TEST_F(InfoCommandTest, EveryByteThatChangesIsNoticed) {
  for (size_t at = kMagicBytes; at < whole_.size(); ++at) {
    std::string bytes = whole_;
    bytes[at] ^= 0x10;
    WriteTestFile("other.cotext", bytes);
    const Finished run = RunCotext("info other.cotext");
    EXPECT_NE(run.exit_code, 0) << "byte " << at;
    EXPECT_TRUE(run.errors.starts_with("cotext: other.cotext: ")) << "byte " << at;
  }
}

TEST_F(InfoCommandTest, WhatCannotBeReadIsExitCode2) {
  EXPECT_EQ(ErrorOf("just text\n", 2),
            "cotext: other.cotext: the bytes do not begin like a file of cotext\n");
  EXPECT_EQ(ErrorOf("", 2), "cotext: other.cotext: the bytes do not begin like a file of cotext\n");
  std::string later = whole_;
  AppendSection(later, static_cast<SectionKind>(201), "", {});
  EXPECT_EQ(ErrorOf(later, 2),
            "cotext: other.cotext: the section of number 201 is of a later version\n");
  EXPECT_EQ(RunCotext("info none.cotext").errors,
            "cotext: none.cotext: cannot open: No such file or directory\n");
  for (const std::string arguments : {"info", "info none.cotext", "info whole.cotext --what"}) {
    EXPECT_EQ(RunCotext(arguments).exit_code, 2) << arguments;
  }
}

TEST_F(InfoCommandTest, AWrongFileDoesNotStopTheOthers) {
  WriteTestFile("cut.cotext", whole_.substr(0, 20));
  const Finished run = RunCotext("info --json none.cotext cut.cotext whole.cotext");
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(Json::parse(run.output)["file"], "whole.cotext");
}

}  // namespace
}  // namespace cotext
