// Routes, rights and documents over a store in a folder, without sockets.
#include "net/endpoints/http_api.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "crdt/codec/document_file.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/document_id.h"
#include "document/random.h"
#include "net/access/access.h"
#include "net/driver/version_token.h"
#include "storage/compression.h"
#include "storage/sqlite_store.h"
#include "storage/stored_content.h"
#include "sync/store.h"
#include "tests/net/parsed_target.h"
#include "tests/net/served_documents.h"
#include "tests/support/temporary_folder.h"

namespace cotext::net {
namespace {

using Json = nlohmann::json;

class HttpApiTest : public TemporaryFolderTest {
 protected:
  HttpApiTest() { SetUpApi(sync::kAllRights); }

  void SetUpApi(std::optional<sync::Rights> anonymous, const std::string& web = {}) {
    api_.reset();
    watch_.reset();
    access_ = std::make_unique<Access>(AccessOptions{.anonymous_rights = anonymous}, std::nullopt,
                                       served_.random());
    watch_ = std::make_unique<AccessWatch>(*access_, served_.schedule(),
                                           [this] { return served_.now_ms(); });
    HttpApiParts parts{.driver = &served_.driver(),
                       .schedule = &served_.schedule(),
                       .watch = watch_.get(),
                       .catalog = &catalog_,
                       .metrics = &metrics_,
                       .random = served_.random()};
    HttpApiOptions options{
        .origins =
            OriginList::Parse({"https://notes.example"}, OriginList::Callers::kKnown).value()};
    options.web_folder = web;
    api_ = std::make_unique<HttpApi>(std::move(parts), std::move(options));
  }

  HttpResponse Ask(HttpMethod method, const std::string& target, const std::string& body = {}) {
    HttpRequest request;
    request.method = method;
    request.target = ParseTarget(target).value();
    request.host = "localhost";
    request.origin = origin_;
    request.accept = accept_;
    request.if_none_match = if_none_match_;
    request.if_match = if_match_;
    request.body = body;
    const HttpReply reply = api_->Handle(request);
    const KeptRequest kept = Begin(reply);
    for (int turn = 0; turn < 5'000 && !kept.is_answered(); ++turn) {
      served_.Run(1);
      RunPosted();
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    EXPECT_TRUE(kept.is_answered()) << target;
    HttpResponse response = kept.is_answered() ? kept.answer() : HttpResponse{.status = 0};
    for (const auto& field : reply.headers) response.headers.push_back(field);
    return response;
  }
  HttpResponse Get(const std::string& target) { return Ask(HttpMethod::kGet, target); }
  void RunPosted() {
    std::vector<std::function<void()>> posted;
    {
      const std::lock_guard lock(mutex_);
      posted.swap(posted_);
    }
    for (const auto& task : posted) task();
  }
  static std::string FieldOf(const HttpResponse& response, const std::string& name) {
    for (const auto& [field, value] : response.headers) {
      if (field == name) return value;
    }
    return {};
  }
  static std::string CodeOf(const HttpResponse& response) {
    return Json::parse(response.body).at("error").at("code");
  }
  DocumentId IdOf(const std::string& name) {
    DocumentId id;
    for (const sync::Record& record : served_.store().Synced(name).tail) {
      if (record.kind != sync::RecordKind::kIdentity) continue;
      std::copy(record.bytes.begin() + 1, record.bytes.end(), id.bytes.begin());
    }
    return id;
  }
  // Puts a document into the folder's store, as the server's own store would have.
  void Store(const std::string& name) {
    store_->Append(name, 1, {IdentityRecord({.engine = Engine::kRga, .id = {}})});
    while (store_->TakeAnswers().empty()) std::this_thread::yield();
  }

  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;
  ServedDocuments served_;
  std::unique_ptr<SqliteStore> store_ = SqliteStore::Open({.folder = Path("store")}).value();
  DocumentCatalog catalog_{*store_, [this](std::function<void()> task) {
                             const std::lock_guard lock(mutex_);
                             posted_.push_back(std::move(task));
                           }};
  Metrics metrics_;
  std::unique_ptr<Access> access_;
  std::unique_ptr<AccessWatch> watch_;
  std::unique_ptr<HttpApi> api_;
  std::string origin_;
  std::string accept_;
  std::string if_none_match_;
  std::string if_match_;
};

TEST_F(HttpApiTest, TheTextOfADocumentHasItsVersionAsTag) {
  ServedUser ada(served_, "ada", "notes/über", Engine::kRga);
  ada.Insert(0, "hällo");
  const HttpResponse first = Get("/v1/documents/notes%2F%C3%BCber");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "hällo");
  EXPECT_EQ(first.content_type, "text/plain; charset=utf-8");
  const std::string tag = FieldOf(first, "ETag");
  if_none_match_ = tag;
  EXPECT_EQ(Get("/v1/documents/notes/%C3%BCber").status, 304);
  ada.Insert(0, ">");
  served_.Run(20);
  EXPECT_EQ(Get("/v1/document?name=notes/%C3%BCber").body, ">hällo");
  if_none_match_.clear();
  const std::string version = tag.substr(1, tag.size() - 2);
  EXPECT_EQ(Get("/v1/document?name=notes/%C3%BCber&at=" + version).body, "hällo");
  EXPECT_EQ(CodeOf(Get("/v1/document?name=notes/%C3%BCber&at=x")), "invalid_version");
  EXPECT_EQ(Ask(HttpMethod::kHead, "/v1/document?name=notes/%C3%BCber").status, 200);
}

TEST_F(HttpApiTest, ADocumentIsGivenAsAFile) {
  ServedUser ada(served_, "ada", "d");
  ada.Insert(0, "text");
  ServedUser bob(served_, "bob", "o", Engine::kOt);
  bob.Insert(0, "\"of OT\"");
  accept_ = "application/octet-stream";
  const HttpResponse response = Get("/v1/documents/d");
  EXPECT_EQ(response.content_type, "application/octet-stream");
  auto document = RgaDocument::Open(response.body, ReplicaId{9}, NativeDecompressor());
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ((*document)->Text(), "text");
  // As `cotext export` writes it.
  const HttpResponse of_ot = Get("/v1/documents/o");
  EXPECT_EQ(of_ot.content_type, "application/json");
  const Json json = Json::parse(of_ot.body);
  EXPECT_EQ(json.at("engine"), "ot");
  EXPECT_EQ(json.at("revision"), 1);
  EXPECT_EQ(json.at("text"), "\"of OT\"");
  const sync::StoredLog log = served_.store().Synced("o");
  EXPECT_EQ(of_ot.body, ExportDocument(log, Profile::kSmall).value()) << "with its id";
  accept_.clear();
  EXPECT_EQ(Get("/v1/documents/d?as=file").body, response.body);
  EXPECT_EQ(Get("/v1/documents/o?as=file").body, of_ot.body);
  EXPECT_EQ(CodeOf(Get("/v1/documents/o?as=file&at=0")), "bad_request");
  if_none_match_ = FieldOf(of_ot, "ETag");
  EXPECT_EQ(Get("/v1/documents/o?as=file").status, 304);
  EXPECT_EQ(Get("/v1/documents/o").status, 200) << "the text has another tag";
  bob.Insert(0, "x");
  served_.Run(20);
  EXPECT_EQ(Get("/v1/documents/o?as=file").status, 200);
}

// More of them wrote at one time than a header could name.
TEST_F(HttpApiTest, AVersionOfVeryManyHeadsIsAShortTagThatHoldsEverywhere) {
  constexpr uint64_t kWriters = 400;
  ServedUser ada(served_, "ada", "d");
  auto& document = static_cast<RgaDocument&>(ada.document());
  for (uint64_t i = 1; i <= kWriters; ++i) {
    RgaDocument other(ReplicaId{kIdLimit - i});
    ASSERT_TRUE(other.Insert(CodePointOffset{0}, "x").has_value());
    ASSERT_TRUE(document.Merge(other.EncodeSince(VersionVector(), UINT64_MAX).value()).has_value());
  }
  ada.Settle();
  served_.Run(100);
  ASSERT_EQ(document.frontier().size(), kWriters);
  const HttpResponse first = Get("/v1/documents/d");
  ASSERT_EQ(first.body, std::string(kWriters, 'x'));
  const std::string tag = FieldOf(first, "ETag");
  EXPECT_LT(tag.size(), 40U);
  const std::string version = tag.substr(1, tag.size() - 2);
  if_none_match_ = tag;
  EXPECT_EQ(Get("/v1/documents/d").status, 304);
  if_none_match_.clear();
  EXPECT_EQ(Get("/v1/documents/d?at=" + version).body, first.body);
  if_match_ = tag;
  EXPECT_EQ(Ask(HttpMethod::kPost, "/v1/documents/d/edits", R"({"ops":[{"insert":"y"}]})").status,
            200);
  EXPECT_EQ(Ask(HttpMethod::kPost, "/v1/documents/d/edits", R"({"ops":[{"insert":"y"}]})").status,
            412);
  if_match_.clear();
  // What was said last is remembered.
  const HttpResponse edit = Ask(HttpMethod::kPost, "/v1/documents/d/edits",
                                Json{{"base", version}, {"text", "z" + first.body}}.dump());
  EXPECT_EQ(edit.status, 200) << edit.body;
  EXPECT_EQ(Get("/v1/documents/d?at=" + version).body, first.body);
  EXPECT_EQ(Get("/v1/documents/d").body.size(), kWriters + 2);
}

TEST_F(HttpApiTest, WhatIsThereIsComparedWithIfMatch) {
  ServedUser ada(served_, "ada", "d");
  ada.Insert(0, "x");
  if_match_ = FieldOf(Get("/v1/documents/d"), "ETag");
  EXPECT_EQ(Get("/v1/documents/d").status, 200);
  EXPECT_EQ(Get("/v1/documents/d?as=file").status, 412) << "a file is another thing";
  if_match_ = "W/" + if_match_;
  EXPECT_EQ(CodeOf(Get("/v1/documents/d")), "precondition_failed");
  if_match_ = "*";
  EXPECT_EQ(Get("/v1/documents/d").status, 200);
  EXPECT_EQ(CodeOf(Get("/v1/documents/none")), "not_found");
}

// Edits at random, and all texts that there were.
std::vector<std::string> EditAtRandom(ServedUser& user, Random& random, size_t edits) {
  std::vector<std::string> texts = {user.document().Text()};
  while (texts.size() <= edits) {
    const uint64_t length = user.document().metrics().code_points;
    if (length > 2 && random.Chance(40)) {
      const uint64_t at = random.Below(length - 1);
      user.Erase(at, 1 + random.Below(std::min<uint64_t>(length - at, 3)));
    } else {
      user.Insert(random.Below(length + 1), random.Chance(50) ? "ä😀" : "b\n");
    }
    texts.push_back(user.document().Text());
  }
  return texts;
}

TEST_F(HttpApiTest, ADocumentOfOtIsGivenAtEachRevisionThatReadersRemember) {
  constexpr uint64_t kSeed = 7;
  Random random(kSeed);
  ServedUser ada(served_, "ada", "d", Engine::kOt);
  EXPECT_EQ(Get("/v1/documents/d").body, "") << "from now on it is read";
  const std::vector<std::string> texts = EditAtRandom(ada, random, 40);
  served_.Run(20);
  for (size_t revision = 0; revision < texts.size(); ++revision) {
    const HttpResponse response = Get("/v1/documents/d?at=" + std::to_string(revision));
    ASSERT_EQ(response.status, 200) << response.body << " at " << revision;
    ASSERT_EQ(response.body, texts[revision]) << revision;
    EXPECT_EQ(FieldOf(response, "ETag"), '"' + TokenOf(IdOf("d"), revision) + '"');
    EXPECT_EQ(Get("/v1/documents/d?at=" + TokenOf(IdOf("d"), revision)).body, texts[revision]);
  }
}

TEST_F(HttpApiTest, ADocumentOfOtIsGivenAtEachRevisionThatItsLogHas) {
  constexpr uint64_t kSeed = 8;
  Random random(kSeed);
  ServedUser ada(served_, "ada", "d", Engine::kOt);
  const std::vector<std::string> texts = EditAtRandom(ada, random, 40);
  const size_t half = 20;
  // The same log, as a server with this store would have it: a snapshot, and what came behind it.
  const sync::StoredLog log = served_.store().Synced("d");
  sync::StoredLog begin;
  for (const sync::Record& record : log.tail) {
    if (ReadContent(begin).has_value() && ReadContent(begin)->ot->revision() == half) break;
    begin.tail.push_back(record);
  }
  std::vector<sync::Record> rest(log.tail.begin() + static_cast<ptrdiff_t>(begin.tail.size()),
                                 log.tail.end());
  const auto answer = [&] {
    auto answers = store_->TakeAnswers();
    for (; answers.empty(); answers = store_->TakeAnswers()) std::this_thread::yield();
    return answers[0].position.value();
  };
  store_->Append("d", 1, begin.tail);
  const uint64_t position = answer();
  store_->Compact("d", 2, position, MakeSnapshot(begin).value());
  answer();
  store_->Append("d", 3, rest);
  answer();
  // Clients do not say what they delete, so that of what is in the snapshot not all texts can be
  // made.
  size_t gone = 0;
  for (size_t revision = 0; revision < texts.size(); ++revision) {
    const HttpResponse response = Get("/v1/documents/d?at=" + std::to_string(revision));
    if (revision < half && response.status == 409) {
      EXPECT_EQ(CodeOf(response), "too_old");
      EXPECT_TRUE(FieldOf(response, "ETag").empty());
      ++gone;
      continue;
    }
    ASSERT_EQ(response.status, 200) << response.body << " at " << revision;
    ASSERT_EQ(response.body, texts[revision]) << revision;
    EXPECT_EQ(FieldOf(response, "ETag"), '"' + TokenOf(IdOf("d"), revision) + '"');
  }
  EXPECT_GT(gone, 0U);
  if_none_match_ = '"' + TokenOf(IdOf("d"), 3) + '"';
  EXPECT_EQ(Get("/v1/documents/d?at=3").status, 304);
  if_none_match_.clear();
  for (const char* none : {"41", "99999999999999999"}) {
    const HttpResponse response = Get("/v1/documents/d?at=" + std::string(none));
    EXPECT_EQ(response.status, 409);
    EXPECT_EQ(CodeOf(response), "unknown_revision");
  }
  EXPECT_EQ(CodeOf(Get("/v1/documents/d?at=99999999999999999999999")), "invalid_version");
  // Dropped: what is before that is gone, the rest is not.
  sync::Record truncation{.kind = sync::RecordKind::kTruncation, .bytes = "\x1e"};
  store_->Append("d", 4, {truncation});
  answer();
  const HttpResponse dropped = Get("/v1/documents/d?at=29");
  EXPECT_EQ(dropped.status, 409);
  EXPECT_EQ(CodeOf(dropped), "too_old");
  EXPECT_EQ(Get("/v1/documents/d?at=30").body, texts[30]);
}

TEST_F(HttpApiTest, ADocumentIsNotDeletedWhileAnEarlierTextOfItIsReadFromTheStore) {
  ServedUser ada(served_, "ada", "d", Engine::kOt);
  ada.Insert(0, "x");
  store_->Append("d", 1, served_.store().Synced("d").tail);
  while (store_->TakeAnswers().empty()) std::this_thread::yield();
  HttpRequest request;
  request.target = ParseTarget("/v1/documents/d?at=0").value();
  const KeptRequest kept = Begin(api_->Handle(request));
  served_.Run(50);
  EXPECT_FALSE(kept.is_answered()) << "what was posted did not run yet";
  EXPECT_FALSE(const_cast<DocumentReaders&>(api_->readers()).Forget("d"));
  for (int turn = 0; turn < 5'000 && !kept.is_answered(); ++turn) {
    RunPosted();
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  ASSERT_TRUE(kept.is_answered());
  EXPECT_EQ(kept.answer().body, "");
}

TEST_F(HttpApiTest, WhatIsNotThereIsNotFound) {
  for (const char* target : {"/", "/v1", "/v1/documents/none", "/v1/nothing", "/index.html"}) {
    EXPECT_EQ(CodeOf(Get(target)), "not_found") << target;
  }
  EXPECT_EQ(Ask(HttpMethod::kPut, "/v1/documents/d", "x").status, 405);
  EXPECT_EQ(Ask(HttpMethod::kGet, "/v1/documents/d/edits").status, 405);
  EXPECT_EQ(Ask(HttpMethod::kPost, "/v1/documents/d/events").status, 405);
}

TEST_F(HttpApiTest, WithoutATokenOnlyHealthIsToldWhereTokensAreNeeded) {
  SetUpApi(std::nullopt);
  for (const char* target : {"/v1/documents", "/v1/documents/d", "/v1/documents/d/events"}) {
    const HttpResponse response = Get(target);
    EXPECT_EQ(response.status, 401) << target;
    EXPECT_EQ(FieldOf(response, "WWW-Authenticate"), "Bearer");
  }
  EXPECT_EQ(Ask(HttpMethod::kPost, "/v1/documents/d/edits", R"({"text":"x"})").status, 401);
  EXPECT_EQ(Ask(HttpMethod::kPost, "/v1/connections").status, 401);
  EXPECT_EQ(Ask(HttpMethod::kPost, "/v1/tickets").status, 401);
  EXPECT_EQ(Ask(HttpMethod::kDelete, "/v1/documents/d").status, 401);
  EXPECT_EQ(Get("/healthz").status, 200);
  EXPECT_EQ(Get("/readyz").status, 200);
  EXPECT_TRUE(Get("/metrics").body.contains("cotext_"));
}

TEST_F(HttpApiTest, RightsAreThoseOfTheDocument) {
  SetUpApi(sync::kMayRead);
  ServedUser ada(served_, "ada", "d");
  EXPECT_EQ(Get("/v1/documents/d").status, 200);
  EXPECT_EQ(Ask(HttpMethod::kPost, "/v1/documents/d/edits", R"({"text":"x"})").status, 403);
  EXPECT_EQ(Ask(HttpMethod::kDelete, "/v1/documents/d").status, 403);
  SetUpApi(sync::kMayRead | sync::kMayWrite);
  EXPECT_EQ(Ask(HttpMethod::kDelete, "/v1/documents/d").status, 403);
  SetUpApi(sync::kMayWrite);
  EXPECT_EQ(Get("/v1/documents/d").status, 403);
  EXPECT_EQ(Get("/v1/documents/d/events").status, 403);
}

TEST_F(HttpApiTest, ATicketLetsInOnce) {
  const HttpResponse made = Ask(HttpMethod::kPost, "/v1/tickets");
  ASSERT_EQ(made.status, 201);
  const std::string ticket = Json::parse(made.body).at("ticket");
  EXPECT_EQ(Get("/v1/documents?ticket=" + ticket).status, 200);
  EXPECT_EQ(Get("/v1/documents?ticket=" + ticket).status, 401);
}

TEST_F(HttpApiTest, ATicketIsNotGivenForATicket) {
  const std::string ticket = Json::parse(Ask(HttpMethod::kPost, "/v1/tickets").body).at("ticket");
  EXPECT_EQ(Ask(HttpMethod::kPost, "/v1/tickets?ticket=" + ticket).status, 401);
}

TEST_F(HttpApiTest, DocumentsAreListedByPagesOfThoseThatMayBeRead) {
  for (const char* name : {"a", "b/1", "b/2", "c"}) Store(name);
  Json list = Json::parse(Get("/v1/documents").body);
  EXPECT_EQ(list.at("documents").size(), 4U);
  EXPECT_EQ(list.at("documents").at(1).at("name"), "b/1");
  EXPECT_EQ(list.at("documents").at(1).at("engine"), "rga");
  EXPECT_FALSE(list.contains("next"));
  list = Json::parse(Get("/v1/documents?limit=3").body);
  EXPECT_EQ(list.at("documents").size(), 3U);
  EXPECT_EQ(list.at("next"), "b/2");
  list = Json::parse(Get("/v1/documents?limit=3&after=b/2").body);
  EXPECT_EQ(list.at("documents").size(), 1U);
  for (const char* limit : {"0", "1001", "x", "-1"}) {
    EXPECT_EQ(Get("/v1/documents?limit=" + std::string(limit)).status, 400) << limit;
  }
  DocumentEndpoint endpoint(served_.driver(), const_cast<DocumentReaders&>(api_->readers()),
                            catalog_, served_.schedule());
  HttpRequest request;
  request.target = ParseTarget("/v1/documents").value();
  const auto list_for = [&](const std::string& target, std::vector<sync::Grant> grants) {
    request.target = ParseTarget(target).value();
    const KeptRequest kept =
        Begin(endpoint.List(request, {.user = "x", .grants = std::move(grants)}));
    while (!kept.is_answered()) RunPosted();
    return Json::parse(kept.answer().body);
  };
  EXPECT_EQ(list_for("/v1/documents", {{.documents = "b/*", .rights = sync::kMayRead}})
                .at("documents")
                .size(),
            2U);
  // Grants that are within others, beside them, of single documents, and of other rights.
  const std::vector<sync::Grant> several = {{.documents = "c", .rights = sync::kMayRead},
                                            {.documents = "b/*", .rights = sync::kMayRead},
                                            {.documents = "b/1", .rights = sync::kMayRead},
                                            {.documents = "*", .rights = sync::kMayWrite}};
  list = list_for("/v1/documents?limit=2", several);
  EXPECT_EQ(list.at("documents").at(0).at("name"), "b/1");
  EXPECT_EQ(list.at("next"), "b/2");
  list = list_for("/v1/documents?limit=2&after=b/2", several);
  ASSERT_EQ(list.at("documents").size(), 1U);
  EXPECT_EQ(list.at("documents").at(0).at("name"), "c");
  // Names that may not be read do not show as where to go on.
  list = list_for("/v1/documents?limit=1", {{.documents = "a", .rights = sync::kMayRead}});
  EXPECT_EQ(list.at("documents").size(), 1U);
  EXPECT_FALSE(list.contains("next"));
  list = list_for("/v1/documents", {});
  EXPECT_EQ(list.at("documents").size(), 0U);
  EXPECT_FALSE(list.contains("next"));
}

TEST_F(HttpApiTest, DeletingTakesADocumentOutOfTheStoreUnlessItIsOpen) {
  Store("d");
  EXPECT_EQ(Ask(HttpMethod::kDelete, "/v1/documents/d").status, 204);
  EXPECT_EQ(Ask(HttpMethod::kDelete, "/v1/documents/d").status, 404);
  EXPECT_EQ(Json::parse(Get("/v1/documents").body).at("documents").size(), 0U);
  {
    ServedUser ada(served_, "ada", "e");
    EXPECT_EQ(CodeOf(Ask(HttpMethod::kDelete, "/v1/documents/e")), "document_in_use");
  }
  Store("e");
  EXPECT_EQ(Ask(HttpMethod::kDelete, "/v1/documents/e").status, 204);
  EXPECT_EQ(served_.driver().server().FindHub("e"), nullptr);
}

TEST_F(HttpApiTest, WhoReadOrEditedADocumentLetsGoOfItWhenItIsDeleted) {
  {
    ServedUser ada(served_, "ada", "d");
  }
  EXPECT_EQ(Ask(HttpMethod::kPost, "/v1/documents/d/edits", R"({"text":"x"})").status, 200);
  EXPECT_EQ(Get("/v1/documents/d").body, "x");
  Store("d");
  EXPECT_EQ(Ask(HttpMethod::kDelete, "/v1/documents/d").status, 204);
}

TEST_F(HttpApiTest, PagesOfOtherOriginsAreLetInOnlyIfTheyAreListed) {
  ServedUser ada(served_, "ada", "d");
  origin_ = "https://notes.example";
  EXPECT_EQ(FieldOf(Get("/v1/documents/d"), "Access-Control-Allow-Origin"), origin_);
  EXPECT_EQ(FieldOf(Get("/v1/documents/none"), "Access-Control-Allow-Origin"), origin_);
  EXPECT_EQ(Ask(HttpMethod::kOptions, "/v1/documents/d/edits").status, 204);
  origin_ = "https://evil.example";
  EXPECT_EQ(Get("/v1/documents/d").status, 403);
  EXPECT_EQ(Ask(HttpMethod::kOptions, "/v1/documents/d/edits").status, 403);
}

TEST_F(HttpApiTest, AServerThatStopsIsNotReady) {
  api_->Drain();
  EXPECT_EQ(Get("/healthz").status, 200);
  EXPECT_EQ(CodeOf(Get("/readyz")), "shutting_down");
  EXPECT_EQ(Get("/v1/documents/d/events").status, 503);
  EXPECT_EQ(Ask(HttpMethod::kPost, "/v1/connections").status, 503);
  EXPECT_EQ(CodeOf(Ask(HttpMethod::kPost, "/v1/documents/d/edits", R"({"text":"x"})")),
            "shutting_down");
}

}  // namespace
}  // namespace cotext::net
