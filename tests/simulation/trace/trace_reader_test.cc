#include "simulation/trace/trace_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"
#include "simulation/trace/trace.h"
#include "tests/simulation/parse_trace.h"

namespace cotext {
namespace {

// Expects that a trace is refused with exactly this line.
void ExpectError(const std::string& json, std::string_view message,
                 ErrorCode code = ErrorCode::kInvalidTrace) {
  const auto trace = ParseTrace(json, "t.json");
  ASSERT_FALSE(trace) << json;
  EXPECT_EQ(trace.error().message, message) << json;
  EXPECT_EQ(ErrorName(trace.error().code), ErrorName(code)) << json;
}

std::string Sequential(const std::string& transactions) {
  return R"({"startContent":"","endContent":"","txns":[)" + transactions + "]}";
}

// Two agents; the transactions follow a right first one by agent 0.
std::string Concurrent(const std::string& transactions) {
  return R"({"kind":"concurrent","endContent":"","numAgents":2,"txns":[)"
         R"({"parents":[],"agent":0,"patches":[[0,0,"x"]]})" +
         transactions + "]}";
}

// The second transaction of a sequential trace, with one patch.
std::string SecondPatch(const std::string& patch) {
  return Sequential(R"({"patches":[]},{"patches":[[0,0,"a"],)" + patch + "]}");
}

TEST(TraceReaderTest, SequentialTransactionsFollowEachOther) {
  const Trace trace = ParseRightTrace(
      R"({"startContent":"","endContent":"bä","txns":[{"time":"x","patches":[[0,0,"abc"],[1,1,"ä"]]},)"
      R"({"patches":[[0,1,""]]},{"patches":[]}]})");
  EXPECT_EQ(trace.kind(), Trace::Kind::kSequential);
  EXPECT_EQ(trace.agent_count(), 1U);
  EXPECT_EQ(trace.end_content(), "bä");
  ASSERT_EQ(trace.transaction_count(), 3U);
  EXPECT_TRUE(trace.parents(0).empty());
  EXPECT_EQ(trace.parents(2).size(), 1U);
  EXPECT_EQ(trace.parents(2)[0], 1U);
  const std::vector<TracePatch> first = trace.patches(0).ToVector();
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first[0], (TracePatch{.position = 0, .deleted = 0, .inserted = "abc"}));
  EXPECT_EQ(first[1], (TracePatch{.position = 1, .deleted = 1, .inserted = "ä"}));
  EXPECT_EQ(trace.patches(1).ToVector(), (std::vector{TracePatch{.deleted = 1}}));
  EXPECT_EQ(trace.patches(2).size(), 0U);
  EXPECT_TRUE(IsLinear(trace));
}

TEST(TraceReaderTest, ConcurrentTransactionsNameTheirParents) {
  const Trace trace = ParseConcurrentTrace(
      2, R"({"parents":[],"agent":0,"patches":[]},{"parents":[],"agent":1,"patches":[]},)"
         R"({"parents":[1,0],"agent":1,"patches":[[0,0,"\ud83d\ude00\n"]]})");
  EXPECT_EQ(trace.kind(), Trace::Kind::kConcurrent);
  EXPECT_EQ(trace.agent(2), 1U);
  EXPECT_EQ(trace.parents(2)[0], 0U);
  EXPECT_EQ(trace.parents(2)[1], 1U);
  EXPECT_EQ(trace.patches(2).ToVector()[0].inserted, "\U0001f600\n");
  EXPECT_EQ(Heads(trace), std::vector<uint32_t>{2});
  EXPECT_FALSE(IsLinear(trace));
}

TEST(TraceReaderTest, KeysMayComeInAnyOrderAndUnknownOnesAreIgnored) {
  const Trace trace = ParseRightTrace(
      R"({"txns":[{"_dtSpan":[1,{"a":null}],"patches":[[0,0,"x","2020-01-01T00:00:00Z"]],)"
      R"("numChildren":0,"agent":1,"parents":[]}],"numAgents":2,"more":[true,-1.5e3,"\u00e9"],)"
      R"("endContent":"x","kind":"concurrent"})");
  EXPECT_EQ(trace.kind(), Trace::Kind::kConcurrent);
  EXPECT_EQ(trace.agent(0), 1U);
}

TEST(TraceReaderTest, ASequentialTraceHasNeitherParentsNorAgents) {
  const Trace trace =
      ParseRightTrace(Sequential(R"({"agent":"me","parents":null,"patches":[]},{"patches":[]})"));
  EXPECT_EQ(trace.parents(1)[0], 0U);
  EXPECT_EQ(trace.agent(1), 0U);
}

TEST(TraceReaderTest, StartContentIsATransactionThatMessagesDoNotCount) {
  const std::string start = R"({"txns":[{"patches":[[0,1,""]]},{"patches":[[9,0]]}],)"
                            R"("endContent":"","startContent":"äb"})";
  ExpectError(start, "t.json: transaction 1: patch 0: it is not [position, deleted, inserted]");
  const Trace trace =
      ParseRightTrace(R"({"startContent":"äb","endContent":"b","txns":[{"patches":[[0,1,""]]}]})");
  EXPECT_TRUE(trace.has_start_content());
  ASSERT_EQ(trace.transaction_count(), 2U);
  EXPECT_EQ(trace.patches(0).ToVector(), (std::vector{TracePatch{.inserted = "äb"}}));
  ExpectError(R"({"kind":"concurrent","startContent":"x","endContent":"","numAgents":1,"txns":[]})",
              "t.json: a concurrent trace cannot have a startContent");
}

TEST(TraceReaderTest, RefusesWhatIsNotJson) {
  ExpectError("", "t.json: not JSON: Empty: no JSON found");
  ExpectError("[]", "t.json: not a JSON object");
  ExpectError(Sequential("") + "{}", "t.json: not JSON: text behind the end");
  for (const std::string atom : {"tru", "nul", "nu1l", "nulll"}) {
    ExpectError(R"({"endContent":"","txns":[],"time":)" + atom + "}",
                "t.json: not JSON: The JSON element does not have the requested type");
  }
  for (const std::string& json :
       {Sequential(R"({"patches":[]},{"patches":[[0,0,"a"] [1,0,"b"]]})"),
        Sequential(R"({"patches":[]},{"patches":[[0,0,"\x"]]})"),
        Sequential(R"({"patches":[]},{"patches":[],"time":{"a":tru}})"),
        Sequential(R"({"patches":[]},{"patches":[],"time":)" + std::string(100, '[') +
                   std::string(100, ']') + "}")}) {
    const auto trace = ParseTrace(json, "t.json");
    ASSERT_FALSE(trace) << json;
    EXPECT_TRUE(trace.error().message.starts_with("t.json: transaction 1: ")) << json;
    EXPECT_NE(trace.error().message.find("not JSON"), std::string::npos) << trace.error().message;
  }
}

TEST(TraceReaderTest, RefusesEveryPrefixOfATrace) {
  const std::string whole = Concurrent(R"(,{"parents":[0],"agent":1,"patches":[[1,1,"\u00e9"]]})");
  ASSERT_TRUE(ParseTrace(whole, "t.json"));
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(ParseTrace(whole.substr(0, size), "t.json")) << size;
  }
}

TEST(TraceReaderTest, RefusesMissingAndRepeatedKeys) {
  ExpectError(R"({"endContent":""})", "t.json: has no \"txns\"");
  ExpectError(R"({"txns":[]})", "t.json: has no \"endContent\"");
  ExpectError(R"({"kind":"concurrent","endContent":"","txns":[]})", "t.json: has no \"numAgents\"");
  ExpectError(Sequential("{}"), "t.json: transaction 0: has no \"patches\"");
  ExpectError(Concurrent(R"(,{"agent":0,"patches":[]})"),
              "t.json: transaction 1: has no \"parents\"");
  ExpectError(Concurrent(R"(,{"parents":[0],"patches":[]})"),
              "t.json: transaction 1: has no \"agent\"");
  ExpectError(R"({"endContent":"","endContent":"","txns":[]})", "t.json: has two \"endContent\"");
  ExpectError(Sequential(R"({"patches":[],"patches":[]})"),
              "t.json: transaction 0: has two \"patches\"");
}

TEST(TraceReaderTest, RefusesWrongTypes) {
  ExpectError(R"({"kind":1,"endContent":"","txns":[]})", "t.json: kind is not a string");
  ExpectError(R"({"kind":"?","endContent":"","txns":[]})",
              "t.json: kind is neither \"sequential\" nor \"concurrent\"");
  ExpectError(R"({"endContent":null,"txns":[]})", "t.json: endContent is not a string");
  ExpectError(R"({"endContent":"","txns":{}})", "t.json: txns is not an array");
  ExpectError(Sequential("{\"patches\":[]},7"), "t.json: transaction 1: is not a JSON object");
  ExpectError(Sequential(R"({"patches":"x"})"), "t.json: transaction 0: patches is not an array");
  ExpectError(SecondPatch("3"), "t.json: transaction 1: patch 1: it is not an array");
  ExpectError(SecondPatch("[0,0]"),
              "t.json: transaction 1: patch 1: it is not [position, deleted, inserted]");
  ExpectError(SecondPatch(R"([0,0,"",1,2])"),
              "t.json: transaction 1: patch 1: it is not [position, deleted, inserted]");
  ExpectError(SecondPatch("[0,0,7]"),
              "t.json: transaction 1: patch 1: the inserted text is not a string");
  ExpectError(Concurrent(R"(,{"parents":0,"agent":0,"patches":[]})"),
              "t.json: transaction 1: parents is not an array");
}

TEST(TraceReaderTest, RefusesNumbersThatAreNotWholeOrOutOfRange) {
  const std::string range = " is not a whole number from 0 to 4294967295";
  for (const std::string& number : {"-1", "0.5", "1.0", "4294967296", "1e3", "99999999999999999999",
                                    "\"1\"", "null", "true", "[]", "01"}) {
    ExpectError(SecondPatch("[" + number + R"(,0,""])"),
                "t.json: transaction 1: patch 1: the position" + range);
    ExpectError(SecondPatch("[0," + number + R"(,""])"),
                "t.json: transaction 1: patch 1: the deleted length" + range);
    ExpectError(Concurrent(R"(,{"parents":[)" + number + R"(],"agent":0,"patches":[]})"),
                "t.json: transaction 1: a parent" + range);
    ExpectError(Concurrent(R"(,{"parents":[0],"agent":)" + number + R"(,"patches":[]})"),
                "t.json: transaction 1: the agent" + range);
    ExpectError(R"({"kind":"concurrent","endContent":"","txns":[],"numAgents":)" + number + "}",
                "t.json: numAgents" + range);
  }
  EXPECT_TRUE(ParseTrace(SecondPatch(R"([4294967295,0,""])"), "t.json"));
}

TEST(TraceReaderTest, RefusesParentsThatAreNotEarlierOrTwice) {
  ExpectError(Concurrent(R"(,{"parents":[0,1],"agent":0,"patches":[]})"),
              "t.json: transaction 1: parent 1 is no earlier transaction");
  ExpectError(Concurrent(R"(,{"parents":[0,0],"agent":0,"patches":[]})"),
              "t.json: transaction 1: parent 0 is named twice");
}

TEST(TraceReaderTest, RefusesAgentsOutOfRange) {
  ExpectError(Concurrent(R"(,{"parents":[0],"agent":2,"patches":[]})"),
              "t.json: transaction 1: agent 2 is not below numAgents, which is 2");
  ExpectError(R"({"kind":"concurrent","endContent":"","numAgents":65537,"txns":[]})",
              "t.json: numAgents is above 65536");
}

TEST(TraceReaderTest, RefusesAnAgentThatIsConcurrentWithItself) {
  ExpectError(Concurrent(R"(,{"parents":[],"agent":0,"patches":[]})"),
              "t.json: transaction 1: agent 0 is concurrent with itself: "
              "the parents miss an earlier transaction of it");
  // Transaction 3 has seen agent 0's first transaction, but not its second.
  ExpectError(Concurrent(R"(,{"parents":[0],"agent":0,"patches":[]})"
                         R"(,{"parents":[0],"agent":1,"patches":[]})"
                         R"(,{"parents":[2],"agent":0,"patches":[]})"),
              "t.json: transaction 3: agent 0 is concurrent with itself: "
              "the parents miss an earlier transaction of it");
  // Here it has, through agent 1.
  EXPECT_TRUE(ParseTrace(Concurrent(R"(,{"parents":[0],"agent":0,"patches":[]})"
                                    R"(,{"parents":[1],"agent":1,"patches":[]})"
                                    R"(,{"parents":[2],"agent":0,"patches":[]})"),
                         "t.json"));
}

TEST(TraceReaderTest, BadUtf8IsFoundInItsTransaction) {
  const std::string before = R"({"endContent":"","txns":[{"patches":[]},{"patches":[[0,0,"é)";
  for (const std::string& bytes :
       {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3"}) {
    ExpectError(before + bytes + R"("]]},{"patches":[[0,0,"é"]]}]})",
                "t.json: transaction 1: byte " + std::to_string(before.size()) +
                    " of the file is not valid UTF-8",
                ErrorCode::kInvalidUtf8);
  }
  ExpectError("{\"endContent\":\"\xff\",\"txns\":[]}",
              "t.json: byte 15 of the file is not valid UTF-8", ErrorCode::kInvalidUtf8);
  ExpectError("{\"txns\":[{\"patches\":[]}],\"endContent\":\"\xff\"}",
              "t.json: byte 39 of the file is not valid UTF-8", ErrorCode::kInvalidUtf8);
}

TEST(TraceReaderTest, SurrogatesMustComeInPairs) {
  const std::string error =
      "t.json: transaction 1: patch 1: not JSON: Problem while parsing a string";
  for (const std::string& first : {"\\ud800", "\\udbff", "\\udc00", "\\udfff"}) {
    for (const std::string& second : {"", "a", "\\n", "\\u0061", "\\ud7ff", "\\ud800", "\\ue000"}) {
      std::string text = first;
      text += second;
      ExpectError(SecondPatch("[0,0,\"" + text + "\"]"), error);
    }
  }
  ExpectError(SecondPatch(R"([0,0,"\udc00\udc00"])"), error);
  EXPECT_TRUE(ParseTrace(SecondPatch(R"([0,0,"\udbff\udfff"])"), "t.json"));
}

}  // namespace
}  // namespace cotext
