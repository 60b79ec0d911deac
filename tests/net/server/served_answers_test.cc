// What a whole server answers where something is not as the client thinks: another document has the
// name, the version is another one, the request is refused, the store is damaged or slow, the
// server ends.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <time.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "document/text_diff.h"
#include "net/server/server_options.h"
#include "sync/grants.h"
#include "tests/net/raw_http.h"
#include "tests/net/running_server.h"
#include "tests/support/temporary_folder.h"

namespace cotext::net {
namespace {

using Json = nlohmann::json;

constexpr char kTarget[] = "/v1/documents/d";

std::string TagOf(const RawResponse& response) {
  const auto tag = response.headers.find("etag");
  return tag == response.headers.end() ? std::string() : tag->second;
}

std::string CodeOf(const RawResponse& response) {
  const Json body = Json::parse(response.body, nullptr, false);
  if (!body.is_object() || !body.contains("error")) return {};
  return body.at("error").at("code");
}

class ServedAnswersTest : public TemporaryFolderTest {
 protected:
  // Whoever comes may do everything.
  ServerOptions Options() const {
    ServerOptions options;
    options.data_folder = Path("store");
    options.http.anonymous_rights = sync::kAllRights;
    options.http.allowed_origins = {"https://notes.example"};
    return options;
  }
  static RawResponse Ask(uint16_t port, const std::string& method, const std::string& target,
                         const std::string& more = {},
                         const std::optional<std::string>& body = std::nullopt,
                         int wait_ms = 60'000) {
    RawHttp client(port);
    EXPECT_TRUE(client.Ask(method, target, more, body));
    return client.Read(wait_ms).value_or(RawResponse{});
  }
  static RawResponse Edit(uint16_t port, const Json& edit, const std::string& more = {}) {
    return Ask(port, "POST", std::string(kTarget) + "/edits", more, edit.dump());
  }
  // Deletes the document as soon as nobody has it.
  static void Delete(uint16_t port) {
    RawResponse deleted = Ask(port, "DELETE", kTarget);
    for (int i = 0; deleted.status == 409 && i < 50; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      deleted = Ask(port, "DELETE", kTarget);
    }
    EXPECT_EQ(deleted.status, 204) << deleted.body;
  }
  sqlite3* OpenDatabase() const {
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open(Path("store/store.db").c_str(), &database), SQLITE_OK);
    return database;
  }
};

TEST_F(ServedAnswersTest, AVersionOfADocumentThatWasReplacedIsNoneOfTheNew) {
  const RunningServer server(Options());
  for (const char* engine : {"rga", "ot"}) {
    ASSERT_EQ(Edit(server.port(), {{"text", "old"}, {"engine", engine}}).status, 200);
    const std::string tag = TagOf(Ask(server.port(), "GET", kTarget));
    const std::string version = tag.substr(1, tag.size() - 2);
    EXPECT_EQ(Ask(server.port(), "GET", kTarget, "If-None-Match: " + tag + "\r\n").status, 304);
    Delete(server.port());
    ASSERT_EQ(Edit(server.port(), {{"text", "new"}, {"engine", engine}}).status, 200);

    const std::string condition = "If-None-Match: " + tag + "\r\n";
    EXPECT_EQ(Ask(server.port(), "GET", kTarget, condition).body, "new") << engine;
    const std::string at = std::string(kTarget) + "?at=" + version;
    EXPECT_EQ(CodeOf(Ask(server.port(), "GET", at)), "document_replaced") << engine;
    EXPECT_EQ(Ask(server.port(), "GET", at, condition).status, 409) << engine;
    const RawResponse edit = Edit(server.port(), {{"text", "x"}, {"base", version}});
    EXPECT_EQ(edit.status, 409);
    EXPECT_EQ(CodeOf(edit), "document_replaced") << engine;
    RawHttp feed(server.port());
    ASSERT_TRUE(
        feed.Ask("GET", std::string(kTarget) + "/events", "Last-Event-ID: " + version + "\r\n"));
    EXPECT_TRUE(feed.ReadTo("event: snapshot\n").has_value()) << engine;
    EXPECT_TRUE(feed.ReadTo("\"text\":\"new\"").has_value()) << engine;
    feed.Close();
    Delete(server.port());
  }
}

TEST_F(ServedAnswersTest, AnEditIsMadeOnlyOfAVersionThatItsConditionNames) {
  const RunningServer server(Options());
  for (const char* engine : {"rga", "ot"}) {
    const RawResponse none =
        Edit(server.port(), {{"text", "x"}, {"engine", engine}}, "If-Match: *\r\n");
    EXPECT_EQ(none.status, 412) << engine;
    EXPECT_EQ(CodeOf(none), "precondition_failed");
    EXPECT_EQ(Ask(server.port(), "GET", kTarget).status, 404) << "nothing was made";
    const RawResponse made = Edit(server.port(), {{"text", "one"}, {"engine", engine}});
    ASSERT_EQ(made.status, 200) << made.body;
    const std::string first = TagOf(made);
    const auto edit_if = [&](const std::string& condition, const std::string& text) {
      return Edit(server.port(), {{"text", text}}, "If-Match: " + condition + "\r\n");
    };
    EXPECT_EQ(edit_if("W/" + first, "weak").status, 412) << engine;
    EXPECT_EQ(edit_if("\"none\"", "none").status, 412) << engine;
    const RawResponse second = edit_if("\"none\", " + first, "two");
    ASSERT_EQ(second.status, 200) << engine << second.body;
    const RawResponse late = edit_if(first, "late");
    EXPECT_EQ(late.status, 412) << engine;
    EXPECT_EQ(CodeOf(late), "precondition_failed");
    EXPECT_EQ(Ask(server.port(), "GET", kTarget).body, "two");
    EXPECT_EQ(TagOf(Ask(server.port(), "GET", kTarget)), TagOf(second));
    EXPECT_EQ(edit_if("*", "three").status, 200);

    const RawResponse kept = Ask(server.port(), "DELETE", kTarget, "If-Match: " + first + "\r\n");
    EXPECT_EQ(kept.status, 412) << engine;
    const std::string latest = TagOf(Ask(server.port(), "GET", kTarget));
    EXPECT_EQ(Ask(server.port(), "GET", kTarget, "If-Match: " + first + "\r\n").status, 412);
    EXPECT_EQ(Ask(server.port(), "DELETE", kTarget, "If-Match: " + latest + "\r\n").status, 204);
    EXPECT_EQ(Ask(server.port(), "DELETE", kTarget, "If-Match: " + latest + "\r\n").status, 404);
  }
}

TEST_F(ServedAnswersTest, PagesThatAreLetInCanReadWhyTheirRequestWasRefused) {
  ServerOptions options = Options();
  options.http.requests = {.per_s = 1, .burst = 4};
  const RunningServer server(options);
  const std::string page = "Origin: https://notes.example\r\n";
  const std::string edits = std::string(kTarget) + "/edits";
  const auto origin_of = [](const RawResponse& response) {
    const auto found = response.headers.find("access-control-allow-origin");
    return found == response.headers.end() ? std::string() : found->second;
  };
  const RawResponse chunked =
      Ask(server.port(), "POST", edits, page + "Transfer-Encoding: chunked\r\n");
  EXPECT_EQ(chunked.status, 411);
  EXPECT_EQ(origin_of(chunked), "https://notes.example");
  const RawResponse large =
      Ask(server.port(), "POST", edits, page + "Content-Length: 99999999\r\n");
  EXPECT_EQ(large.status, 413);
  EXPECT_EQ(origin_of(large), "https://notes.example");
  const RawResponse twice = Ask(server.port(), "GET", std::string(kTarget) + "?at=1&at=2", page);
  EXPECT_EQ(twice.status, 400);
  EXPECT_EQ(origin_of(twice), "https://notes.example");
  const RawResponse elsewhere = Ask(server.port(), "POST", edits,
                                    "Origin: https://evil.example\r\n"
                                    "Transfer-Encoding: chunked\r\n");
  EXPECT_EQ(elsewhere.status, 411);
  EXPECT_EQ(origin_of(elsewhere), "");
  RawResponse limited;
  for (int i = 0; i < 6 && limited.status != 429; ++i) {
    limited = Ask(server.port(), "GET", kTarget, page);
  }
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(origin_of(limited), "https://notes.example");
  EXPECT_TRUE(limited.headers["access-control-expose-headers"].contains("Retry-After"));
}

TEST_F(ServedAnswersTest, ADamagedDocumentIsSaidToBeAtOnce) {
  {
    const RunningServer server(Options());
    ASSERT_EQ(Edit(server.port(), {{"text", "x"}}).status, 200);
  }
  sqlite3* const database = OpenDatabase();
  for (const char* damage : {"UPDATE records SET bytes = x'ff00' WHERE kind <> 1",
                             "UPDATE records SET bytes = x'ff00'"}) {
    ASSERT_EQ(sqlite3_exec(database, damage, nullptr, nullptr, nullptr), SQLITE_OK);
    ASSERT_GT(sqlite3_changes(database), 0);
    const RunningServer server(Options());
    const RawResponse text = Ask(server.port(), "GET", kTarget, "", std::nullopt, 8'000);
    EXPECT_EQ(text.status, 500);
    EXPECT_EQ(CodeOf(text), "malformed_file");
    const RawResponse edit = Edit(server.port(), {{"text", "y"}});
    EXPECT_EQ(edit.status, 500);
    EXPECT_EQ(CodeOf(edit), "malformed_file");
    EXPECT_EQ(Ask(server.port(), "GET", std::string(kTarget) + "/events").status, 500);
  }
  sqlite3_close(database);
}

TEST_F(ServedAnswersTest, EditsThatWaitForTheDiskAreAnsweredBeforeTheServerEnds) {
  RunningServer server(Options());
  ASSERT_EQ(Edit(server.port(), {{"text", "x"}}).status, 200);
  // Nothing can be written meanwhile.
  sqlite3* const database = OpenDatabase();
  ASSERT_EQ(sqlite3_exec(database, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  RawHttp script(server.port());
  ASSERT_TRUE(script.Ask("POST", std::string(kTarget) + "/edits", "", R"({"text":"xy"})"));
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  server.BeginDrain();
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  ASSERT_EQ(sqlite3_exec(database, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
  const auto answer = script.Read();
  ASSERT_TRUE(answer.has_value()) << "the connection was closed without a word";
  EXPECT_EQ(answer->status, 200) << answer->body;
  server.Drain();
  const RunningServer next(Options());
  EXPECT_EQ(Ask(next.port(), "GET", kTarget).body, "xy");
}

// A text of so many letters, of which the next differs everywhere.
std::string Letters(size_t count, uint32_t seed) {
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    seed = seed * 1664525U + 1013904223U;
    text += static_cast<char>('a' + (seed >> 24U) % 26);
  }
  return text;
}

// Of this thread's processor.
uint64_t TimeUs(const std::function<void()>& work) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<uint64_t>(time.tv_sec) * 1'000'000 +
           static_cast<uint64_t>(time.tv_nsec) / 1'000;
  };
  const uint64_t begin = now();
  work();
  return now() - begin;
}

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kTimesMeanLittle = true;
#else
constexpr bool kTimesMeanLittle = false;
#endif

TEST_F(ServedAnswersTest, NoRequestKeepsTheOthersWaitingForLong) {
  RunningServer server(Options());
  constexpr size_t kLetters = 1'000'000;
  ASSERT_EQ(Edit(server.port(), {{"text", Letters(kLetters, 1)}}).status, 200);
  server.TakeLongestTurnUs();
  ASSERT_EQ(Edit(server.port(), {{"text", Letters(kLetters, 2)}}).status, 200);
  const uint64_t replaced_us = server.TakeLongestTurnUs();
  std::printf("another text: %llu us\n", static_cast<unsigned long long>(replaced_us));
  const uint64_t compared_us =
      TimeUs([] { EXPECT_FALSE(DiffTexts(Letters(kLetters, 1), Letters(kLetters, 2)).empty()); });
  EXPECT_TRUE(kTimesMeanLittle || replaced_us < compared_us)
      << replaced_us << " us, though comparing alone takes no more than " << compared_us;
  EXPECT_EQ(Ask(server.port(), "GET", kTarget).body, Letters(kLetters, 2));

  const std::string file = std::string(kTarget) + "?as=file";
  server.TakeLongestTurnUs();
  const RawResponse first = Ask(server.port(), "GET", file);
  const uint64_t first_us = server.TakeLongestTurnUs();
  const RawResponse second = Ask(server.port(), "GET", file);
  const uint64_t second_us = server.TakeLongestTurnUs();
  EXPECT_EQ(first.body, second.body);
  std::printf("a file: %llu us, again: %llu us\n", static_cast<unsigned long long>(first_us),
              static_cast<unsigned long long>(second_us));
  EXPECT_TRUE(kTimesMeanLittle || second_us < first_us / 4);
}

}  // namespace
}  // namespace cotext::net
