// `cotext ot`, the real binary.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/tools/run_cotext.h"

namespace cotext {
namespace {

using Json = nlohmann::ordered_json;

// Returns the answers to some lines.
std::vector<Json> Ask(const std::string& lines, const std::string& options = "") {
  WriteTestFile("questions", lines);
  const Finished run = RunCotext("ot " + options + " < questions");
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  EXPECT_EQ(run.errors, "");
  std::vector<Json> answers;
  std::istringstream output(run.output);
  for (std::string line; std::getline(output, line);) answers.push_back(Json::parse(line));
  return answers;
}

std::string ErrorOf(const std::string& line) {
  const std::vector<Json> answers = Ask(line);
  EXPECT_EQ(answers.size(), 1U);
  return answers.empty() ? "" : answers[0].value("error", "");
}

TEST(OtCommandTest, EachLineGetsItsAnswer) {
  const std::vector<Json> answers =
      Ask(R"({"do":"apply","doc":"abc","op":[1,"\u00e9",{"d":1}]})"
          "\n"
          R"({"do":"invert","doc":"abc","op":[1,"x",{"d":1}]})"
          "\n"
          R"({"do":"compose","op":["ab"],"then":[1,{"d":"b"}]})"
          "\n"
          R"({"do":"transform","op":["a"],"by":["b"],"side":"left"})"
          "\n"
          R"({"do":"transform","op":["a"],"by":["b"],"side":"right"})");
  const std::vector<Json> expected = {
      Json::parse(R"({"result":"aéc"})"), Json::parse(R"({"result":[1,{"d":"x"},"b"]})"),
      Json::parse(R"({"result":["a"]})"), Json::parse(R"({"result":["a"]})"),
      Json::parse(R"({"result":[1,"a"]})")};
  EXPECT_EQ(answers, expected);
}

TEST(OtCommandTest, AnErrorIsAnAnswerAndTheNextLineIsRead) {
  const std::vector<Json> answers =
      Ask("{}\n"
          R"({"do":"apply","doc":"a","op":[5,"x"]})"
          "\n\n"
          R"({"do":"apply","doc":"a","op":[]})"
          "\n");
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_TRUE(answers[0].contains("error"));
  EXPECT_TRUE(answers[1]["error"].get<std::string>().starts_with("delta_mismatch: "));
  EXPECT_TRUE(answers[2].contains("error"));
  EXPECT_EQ(answers[3], Json::parse(R"({"result":"a"})"));
}

TEST(OtCommandTest, WhatIsWrongIsSaid) {
  EXPECT_EQ(ErrorOf("not JSON"), "invalid_delta: the line is no JSON object");
  EXPECT_EQ(ErrorOf(R"({"do":"fly","op":[]})"),
            "invalid_delta: \"do\" is none of transform, compose, apply and invert");
  EXPECT_EQ(ErrorOf(R"({"do":"compose","op":[]})"), "invalid_delta: there is no \"then\"");
  EXPECT_EQ(ErrorOf(R"({"do":"transform","op":[],"by":[],"side":"middle"})"),
            "invalid_delta: \"side\" is neither left nor right");
  EXPECT_TRUE(ErrorOf(R"({"do":"apply","doc":"","op":[1.5]})").starts_with("invalid_delta: "));
  EXPECT_TRUE(ErrorOf(R"({"do":"apply","doc":"","op":["a","b"]})").starts_with("invalid_delta: "));
}

TEST(OtCommandTest, DeepStructuresAndBrokenTextAreRefused) {
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  EXPECT_TRUE(ErrorOf(R"({"do":"apply","doc":"","op":)" + deep + "}").starts_with("invalid_delta"));
  EXPECT_TRUE(
      ErrorOf("{\"do\":\"apply\",\"doc\":\"\xff\",\"op\":[]}").starts_with("invalid_delta"));
}

// With a list of keys this took minutes.
TEST(OtCommandTest, ManyKeysAndLongLinesAreNoTrouble) {
  std::string keys;
  for (int i = 0; i < 200'000; ++i) keys += ",\"" + std::to_string(i) + "\":0";
  const std::vector<Json> answers = Ask(R"({"do":"apply","doc":"a","op":[])" + keys + "}");
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0], Json::parse(R"({"result":"a"})"));
  EXPECT_TRUE(ErrorOf(std::string(size_t{9} << 20U, ' ')).starts_with("too_large: "));
}

// The conformance cases that ot-text-unicode made, by way of the command line.
TEST(OtCommandTest, AgreesWithTheConformanceCases) {
  const char* const folder = std::getenv("COTEXT_DATA");
  if (folder == nullptr || *folder == '\0') GTEST_SKIP() << "COTEXT_DATA is not set";
  std::ifstream file(std::filesystem::path(folder) / "conformance" / "ot" / "examples.json");
  const Json cases = Json::parse(file)["cases"];
  std::string questions;
  std::vector<Json> expected;
  const auto ask = [&](const Json& question, const Json& answer) {
    questions += question.dump() + "\n";
    expected.push_back(Json{{"result", answer}});
  };
  for (const Json& example : cases) {
    if (example["kind"] != "transform") continue;
    ask({{"do", "transform"}, {"op", example["a"]}, {"by", example["b"]}, {"side", "left"}},
        example["a_prime"]);
    ask({{"do", "transform"}, {"op", example["b"]}, {"by", example["a"]}, {"side", "right"}},
        example["b_prime"]);
    ask({{"do", "compose"}, {"op", example["a"]}, {"then", example["b_prime"]}},
        example["composed"]);
    ask({{"do", "apply"}, {"doc", example["base"]}, {"op", example["a"]}}, example["after_a"]);
    ask({{"do", "invert"}, {"doc", example["base"]}, {"op", example["a"]}}, example["a_inverse"]);
  }
  EXPECT_GT(expected.size(), 100U);
  EXPECT_EQ(Ask(questions), expected);
}

}  // namespace
}  // namespace cotext
