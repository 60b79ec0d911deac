// Edits over HTTP: what becomes of them beside those of others, and what their makers are told.
#include "net/endpoints/edit_endpoint.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "crdt/rga_document.h"
#include "document/document_id.h"
#include "document/quill_delta.h"
#include "document/random.h"
#include "net/base/base64url.h"
#include "net/driver/document_readers.h"
#include "net/driver/version_token.h"
#include "net/endpoints/read_task.h"
#include "tests/net/served_documents.h"

namespace cotext::net {
namespace {

using Json = nlohmann::json;

constexpr sync::Rights kReadWrite = sync::kMayRead | sync::kMayWrite | sync::kMayShow;

class EditEndpointTest : public testing::TestWithParam<Engine> {
 protected:
  KeptRequest Start(const Json& body, const std::string& document = "d") {
    HttpRequest request;
    request.body = body.is_string() ? body.get<std::string>() : body.dump();
    return Begin(edits_.Post(request, identity_, document));
  }
  HttpResponse Post(const Json& body, const std::string& document = "d") {
    const KeptRequest request = Start(body, document);
    EXPECT_TRUE(served_.RunUntil([&] { return request.is_answered(); }));
    served_.Run(20);
    return request.answer();
  }
  std::string Version() {
    const KeptRequest request =
        Begin(ReadDocument(readers_, served_.schedule(), "d", [](const DocumentReader& reader) {
          return TextResponse(reader.Version());
        }));
    served_.RunUntil([&] { return request.is_answered(); });
    return request.answer().body;
  }
  static std::string CodeOf(const HttpResponse& response) {
    return Json::parse(response.body).at("error").at("code");
  }

  ServedDocuments served_;
  sync::Identity identity_{.user = "script", .grants = {{.documents = "*", .rights = kReadWrite}}};
  DocumentReaders readers_{served_.driver(), served_.schedule(), served_.random()};
  EditEndpoint edits_{served_.driver(), readers_, served_.schedule(), served_.random()};
  static constexpr size_t kFewBytes = 10'000;
  EditEndpoint few_edits_{served_.driver(),
                          readers_,
                          served_.schedule(),
                          served_.random(),
                          {.writers_max = 3, .waiting_bytes_max = kFewBytes}};
};

TEST_P(EditEndpointTest, AnEditReachesTheOthersBeforeItIsAnswered) {
  ServedUser ada(served_, "ada", "d", GetParam());
  ada.Insert(0, "hello");
  const HttpResponse response = Post({{"ops", {{{"retain", 5}}, {{"insert", " world"}}}}});
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(ada.document().Text(), "hello world");
  EXPECT_EQ(Json::parse(response.body).at("version"), Version());
}

TEST_P(EditEndpointTest, AnEditOfAnEarlierTextIsMergedWithWhatHasHappenedSince) {
  ServedUser ada(served_, "ada", "d", GetParam());
  ada.Insert(0, "abc");
  const std::string base = Version();
  ada.Insert(0, "12");
  ada.Erase(3, 1);
  const HttpResponse response =
      Post({{"base", base}, {"ops", {{{"retain", 3}}, {{"insert", "!"}}}}});
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(ada.document().Text(), "12ac!");
  // What leads from what the script had to what there is.
  const Json answer = Json::parse(response.body);
  const std::string quill = Json{{"ops", answer.at("ops")}}.dump();
  EXPECT_EQ(Apply(DeltaFromQuill(quill, QuillUnit::kCodePoints).value(), "abc").value(), "12ac!");
  EXPECT_EQ(answer.at("version"), Version());
}

TEST_P(EditEndpointTest, AllOfATextIsComparedWithTheTextThatItIsMadeOf) {
  ServedUser ada(served_, "ada", "d", GetParam());
  ada.Insert(0, "one two three");
  EXPECT_EQ(Post({{"text", "one 2 three"}}).status, 200);
  EXPECT_EQ(ada.document().Text(), "one 2 three");
  const std::string base = Version();
  ada.Insert(0, "zero ");
  ada.Erase(5, 3);
  const HttpResponse response = Post({{"base", base}, {"text", "one 2 three four"}});
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(ada.document().Text(), "zero  2 three four");
}

TEST_P(EditEndpointTest, AnEditOfAnEarlierTextMayCountUtf16) {
  ServedUser ada(served_, "ada", "d", GetParam());
  ada.Insert(0, "😀b");
  const std::string base = Version();
  ada.Erase(0, 1);
  ada.Insert(0, "ü😀");
  const HttpResponse response =
      Post({{"base", base}, {"unit", "utf16"}, {"ops", {{{"retain", 3}}, {{"insert", "x"}}}}});
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(ada.document().Text(), "ü😀bx");
  EXPECT_EQ(Json::parse(response.body).at("ops").at(0).at("insert"), "ü😀");
}

TEST_P(EditEndpointTest, CountsUtf16WhereItIsAskedTo) {
  ServedUser ada(served_, "ada", "d", GetParam());
  ada.Insert(0, "😀b");
  const std::string base = Version();
  const HttpResponse response =
      Post({{"base", base}, {"unit", "utf16"}, {"ops", {{{"retain", 2}}, {{"insert", "x"}}}}});
  EXPECT_EQ(ada.document().Text(), "😀xb");
  EXPECT_EQ(Json::parse(response.body).at("unit"), "utf16");
  EXPECT_EQ(Json::parse(response.body).at("ops").at(0).at("retain"), 2);
  EXPECT_EQ(CodeOf(Post({{"unit", "utf16"}, {"ops", {{{"retain", 1}}, {{"insert", "x"}}}}})),
            "inside_character");
}

TEST_P(EditEndpointTest, ADocumentThatIsNotThereIsMade) {
  const std::string engine = GetParam() == Engine::kRga ? "rga" : "ot";
  const HttpResponse response = Post({{"text", "first"}, {"engine", engine}});
  EXPECT_EQ(response.status, 200) << response.body;
  ServedUser ada(served_, "ada", "d", GetParam());
  EXPECT_FALSE(ada.error().has_value());
  EXPECT_EQ(ada.document().Text(), "first");
  EXPECT_EQ(Post({{"text", "second"}}).status, 200);
  served_.Run(20);
  EXPECT_EQ(ada.document().Text(), "second");
}

TEST_P(EditEndpointTest, ManyAtOnceAreAllMade) {
  ServedUser ada(served_, "ada", "d", GetParam());
  std::vector<KeptRequest> requests;
  for (int i = 0; i < 20; ++i) requests.push_back(Start({{"ops", {{{"insert", "x"}}}}}));
  ada.Insert(0, "y");
  for (const KeptRequest& request : requests) {
    ASSERT_TRUE(served_.RunUntil([&] { return request.is_answered(); }));
    EXPECT_EQ(request.answer().status, 200);
  }
  served_.Run(20);
  EXPECT_EQ(ada.document().Text().size(), 21U);
}

INSTANTIATE_TEST_SUITE_P(Engines, EditEndpointTest, testing::Values(Engine::kRga, Engine::kOt));

TEST_F(EditEndpointTest, EditsOfOneUserShareAnId) {
  ServedUser ada(served_, "ada", "d");
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(Post({{"ops", {{{"insert", "x"}}}}}).status, 200);
    served_.Run(15'000);
    EXPECT_EQ(edits_.writer_count(), 0U);
  }
  served_.Run(20);
  const auto& document = static_cast<const RgaDocument&>(ada.document());
  EXPECT_EQ(document.Text(), "xxxxx");
  EXPECT_EQ(document.version_vector().entries().size(), 1U);
}

TEST_F(EditEndpointTest, RandomEditsOfAnyVersionLeaveTheScriptWithTheTextOfOthers) {
  constexpr uint64_t kSeed = 5;
  Random random(kSeed);
  ServedUser ada(served_, "ada", "d");
  ada.Insert(0, "start");
  std::string text = "start";
  std::string version = Version();
  for (int round = 0; round < 60; ++round) {
    for (uint64_t edits = random.Below(3); edits > 0; --edits) {
      const uint64_t length = ada.document().metrics().code_points;
      if (length > 1 && random.Chance(50)) {
        ada.Erase(random.Below(length), 1);
      } else {
        ada.Insert(random.Below(length + 1), "ä");
      }
    }
    const uint64_t length = static_cast<uint64_t>(
        std::ranges::count_if(text, [](char byte) { return (byte & 0xc0) != 0x80; }));
    Json ops = Json::array();
    if (const uint64_t at = random.Below(length + 1); at > 0) ops.push_back({{"retain", at}});
    ops.push_back({{"insert", std::to_string(round)}});
    const HttpResponse response = Post({{"base", version}, {"ops", ops}});
    ASSERT_EQ(response.status, 200) << response.body << " seed " << kSeed;
    const Json answer = Json::parse(response.body);
    const std::string quill = Json{{"ops", answer.at("ops")}}.dump();
    text = Apply(DeltaFromQuill(quill, QuillUnit::kCodePoints).value(), text).value();
    version = answer.at("version");
    ASSERT_EQ(text, ada.document().Text()) << "seed " << kSeed << " round " << round;
  }
}

TEST_F(EditEndpointTest, WhatIsNoEditIsRefused) {
  ServedUser ada(served_, "ada", "d");
  for (const char* body :
       {"", "[]", "{}", "nonsense", R"({"text":1})", R"({"text":"a","ops":[]})", R"({"ops":{}})",
        R"({"text":"a","unit":"bytes"})", R"({"text":"a","engine":"git"})",
        R"({"text":"a","base":7})", R"({"text":"\ud800"})"}) {
    EXPECT_EQ(CodeOf(Post(Json(body))), "bad_request") << body;
  }
  EXPECT_EQ(CodeOf(Post(R"({"ops":[{"insert":{"image":1}}]})")), "invalid_delta");
  EXPECT_EQ(CodeOf(Post({{"ops", {{{"retain", 9}}, {{"insert", "x"}}}}})), "delta_mismatch");
  EXPECT_EQ(CodeOf(Post({{"base", "nonsense"}, {"text", "x"}})), "invalid_version");
  const std::string unknown = ToBase64Url(FromBase64Url(Version()).value() + "\x05\x07");
  EXPECT_EQ(CodeOf(Post({{"base", unknown}, {"text", "x"}})), "unknown_version");
  const std::string other = TokenOf(DocumentId{}, 0);
  EXPECT_EQ(CodeOf(Post({{"base", other}, {"text", "x"}})), "document_replaced");
  EXPECT_EQ(ada.document().Text(), "");
  EXPECT_EQ(Post({{"text", "x"}}).status, 200) << "what was refused leaves nothing behind";
}

TEST_F(EditEndpointTest, DeepNestingIsRefusedAndTakesNoStack) {
  const std::string deep = R"({"ops":)" + std::string(1'000'000, '[');
  EXPECT_EQ(CodeOf(Post(Json(deep))), "bad_request");
  const std::string closed =
      R"({"ops":)" + std::string(500'000, '[') + std::string(500'000, ']') + "}";
  EXPECT_EQ(CodeOf(Post(Json(closed))), "bad_request");
}

TEST_F(EditEndpointTest, WhoMayNotWriteIsRefusedByTheServer) {
  ServedUser ada(served_, "ada", "d");
  identity_.grants[0].rights = sync::kMayRead;
  EXPECT_EQ(Post({{"text", "x"}}).status, 403);
  EXPECT_EQ(ada.document().Text(), "");
}

TEST_F(EditEndpointTest, AStoreThatDoesNotAnswerIsTold) {
  ServedUser ada(served_, "ada", "d");
  Version();
  served_.store().SetFaults({.delay_min_ms = 100'000, .delay_max_ms = 100'000});
  const KeptRequest request = Start({{"text", "x"}});
  served_.Run(31'000);
  ASSERT_TRUE(request.is_answered());
  EXPECT_EQ(request.answer().status, 503);
  EXPECT_EQ(CodeOf(request.answer()), "not_durable_yet");
  EXPECT_FALSE(Json::parse(request.answer().body).at("error").contains("retry_after_ms"))
      << "whoever tries again may make it twice";
}

TEST_F(EditEndpointTest, WhenTheServerEndsThoseThatWaitAreTold) {
  ServedUser ada(served_, "ada", "d");
  Version();
  served_.store().SetFaults({.delay_min_ms = 40'000, .delay_max_ms = 40'000});
  const KeptRequest begun = Start({{"ops", {{{"insert", "a"}}}}});
  served_.Run(1'000);
  const KeptRequest waiting = Start({{"ops", {{{"insert", "b"}}}}});
  served_.Run(1'000);
  EXPECT_EQ(edits_.waiting_count(), 2U);
  edits_.GiveUpAll();
  EXPECT_EQ(edits_.waiting_count(), 0U);
  EXPECT_EQ(CodeOf(begun.answer()), "not_durable_yet");
  EXPECT_EQ(CodeOf(waiting.answer()), "storage_failed");
  served_.Run(60'000);
  EXPECT_EQ(ada.document().Text(), "a");
}

TEST_F(EditEndpointTest, WhatWasGivenUpBeforeItWasBegunIsNotMadeLater) {
  ServedUser ada(served_, "ada", "d");
  Version();
  served_.store().SetFaults({.delay_min_ms = 40'000, .delay_max_ms = 40'000});
  const KeptRequest begun = Start({{"ops", {{{"insert", "a"}}}}});
  served_.Run(1'000);
  const KeptRequest waiting = Start({{"ops", {{{"insert", "b"}}}}});
  served_.Run(31'000);
  EXPECT_EQ(CodeOf(begun.answer()), "not_durable_yet");
  EXPECT_EQ(CodeOf(waiting.answer()), "storage_failed");
  EXPECT_TRUE(Json::parse(waiting.answer().body).at("error").contains("retry_after_ms"));
  served_.store().SetFaults({});
  served_.Run(60'000);
  EXPECT_EQ(ada.document().Text(), "a");
  EXPECT_EQ(edits_.writer_count(), 0U) << "who has nothing to do lets go";
}

TEST_F(EditEndpointTest, WhoHasNothingToDoMakesRoomForOthers) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Post({{"text", "x"}}, "d" + std::to_string(i)).status, 200) << i;
  }
  EXPECT_EQ(few_edits_.writer_count(), 0U);
  for (int i = 0; i < 10; ++i) {
    HttpRequest request;
    request.body = R"({"text":"y"})";
    const KeptRequest kept = Begin(few_edits_.Post(request, identity_, "d" + std::to_string(i)));
    EXPECT_TRUE(served_.RunUntil([&] { return kept.is_answered(); }));
    EXPECT_EQ(kept.answer().status, 200) << i << kept.answer().body;
    EXPECT_LE(few_edits_.writer_count(), 3U);
  }
}

TEST_F(EditEndpointTest, EditsThatWaitTakeSoMuchRoomAndNoMore) {
  ServedUser ada(served_, "ada", "d");
  Version();
  served_.store().SetFaults({.delay_min_ms = 5'000, .delay_max_ms = 5'000});
  HttpRequest request;
  request.body = Json{{"text", std::string(kFewBytes / 2 - 100, 'x')}}.dump();
  const KeptRequest first = Begin(few_edits_.Post(request, identity_, "d"));
  const KeptRequest second = Begin(few_edits_.Post(request, identity_, "d"));
  const KeptRequest third = Begin(few_edits_.Post(request, identity_, "d"));
  served_.Run(100);
  ASSERT_TRUE(third.is_answered());
  EXPECT_EQ(CodeOf(third.answer()), "storage_failed");
  EXPECT_FALSE(second.is_answered());
  served_.Run(20'000);
  EXPECT_EQ(second.answer().status, 200);
  const KeptRequest fourth = Begin(few_edits_.Post(request, identity_, "d"));
  served_.Run(20'000);
  EXPECT_EQ(fourth.answer().status, 200) << "what is made gives its room back";
}

}  // namespace
}  // namespace cotext::net
