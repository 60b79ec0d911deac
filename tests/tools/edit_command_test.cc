// `cotext edit` and `cotext tail` against `cotext serve`, the real binary.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/temporary_folder.h"
#include "tests/tools/served_cotext.h"

namespace cotext {
namespace {

using Json = nlohmann::json;

class EditCommandTest : public TemporaryFolderTest {
 protected:
  EditCommandTest() : server_(Path("store")) {}

  std::unique_ptr<ChildProcess> Edit(const std::string& document,
                                     const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = {"edit", server_.url(), document, "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return StartCotext(arguments);
  }

  // Gives a line and returns what it is answered: the first object with that field.
  static Json Ask(ChildProcess& edit, const std::string& line, const std::string& field = "do") {
    edit.Write(line + "\n");
    while (const auto answer = edit.ReadLine(kWaitMs)) {
      Json json = Json::parse(*answer, nullptr, false);
      if (json.contains(field)) return json;
    }
    ADD_FAILURE() << "no answer to " << line;
    return Json::object();
  }
  static std::string TextOf(ChildProcess& edit) {
    const std::string text = Ask(edit, "print", "text").value("text", "");
    EXPECT_TRUE(edit.ReadLine(kWaitMs)) << "the answer to print itself";
    return text;
  }
  static bool ComesToRead(ChildProcess& edit, const std::string& text) {
    for (int i = 0; i < 3'000; ++i) {
      if (TextOf(edit) == text) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
  // Reads events until each of these was there; returns those that were not.
  using Event = std::function<bool(Json)>;
  static size_t Misses(ChildProcess& tail, std::vector<Event> wanted) {
    while (!wanted.empty()) {
      const auto line = tail.ReadLine(kWaitMs);
      if (!line) break;
      const Json json = Json::parse(*line, nullptr, false);
      std::erase_if(wanted, [&](const Event& is_it) { return json.is_object() && is_it(json); });
    }
    return wanted.size();
  }
  static bool Sees(ChildProcess& tail, const Event& is_it) { return Misses(tail, {is_it}) == 0; }

  ServedCotext server_;
};

TEST_F(EditCommandTest, TwoEditorsAndAFollowerSeeEachOther) {
  const auto ada = Edit("notes/a", {"--user", "ada"});
  EXPECT_EQ(Ask(*ada, "insert 0 Hello"), (Json{{"line", 1}, {"do", "insert"}, {"ok", true}}));
  EXPECT_EQ(Ask(*ada, "wait")["ok"], true);
  const auto tail = StartCotext({"tail", server_.url(), "notes/a", "--json"});
  EXPECT_TRUE(Sees(*tail, [](Json it) { return it["event"] == "text" && it["text"] == "Hello"; }));
  const auto bob = Edit("notes/a");
  EXPECT_EQ(TextOf(*bob), "Hello");
  Ask(*bob, R"(insert 5 ", wörld\n")");
  EXPECT_TRUE(ComesToRead(*ada, "Hello, wörld\n"));
  Ask(*ada, "delete 0 5");
  EXPECT_TRUE(ComesToRead(*bob, ", wörld\n"));
  Ask(*ada, "insert 0 x");
  // Who types is told at once, edits when they are durable.
  const auto is_insert = [](Json it) { return it["delta"] == Json::parse(R"([5,", wörld\n"])"); };
  const auto is_delete = [](Json it) { return it["delta"] == Json::parse(R"([{"d":5}])"); };
  const auto types = [](Json it) { return it["event"] == "typing" && it["is_typing"] == true; };
  const auto has_caret = [](Json it) {
    return it["event"] == "caret" && it["position"] == 1 && it["name"] == "ada";
  };
  EXPECT_EQ(Misses(*tail, {is_insert, is_delete, types, has_caret}), 0U);
  ada->CloseInput();
  EXPECT_EQ(ada->Wait(kWaitMs), 0);
  EXPECT_TRUE(Sees(*tail, [](Json it) { return it["event"] == "left" && it["name"] == "ada"; }));
  tail->Signal(SIGTERM);
  EXPECT_EQ(tail->Wait(kWaitMs), 0);
}

TEST_F(EditCommandTest, ForPeopleThereAreLines) {
  const auto edit = StartCotext({"edit", server_.url(), "a"});
  const auto tail = StartCotext({"tail", server_.url(), "a"});
  const auto sees = [&](const std::string& wanted) {
    while (const auto line = tail->ReadLine(kWaitMs)) {
      if (*line == wanted) return true;
    }
    return false;
  };
  EXPECT_TRUE(sees("* connected"));
  EXPECT_TRUE(sees("= \"\""));
  edit->Write("insert 0 one\nwait\ninsert 3 \" two\\n\"\nprint\nquit\n");
  EXPECT_EQ(edit->ReadLine(kWaitMs), "one two");
  EXPECT_TRUE(sees("+ 3 \" two\\n\""));
  EXPECT_EQ(edit->Wait(kWaitMs), 0);
}

TEST_F(EditCommandTest, EditsWaitWhileTheServerIsAway) {
  const auto ada = Edit("a");
  const auto bob = Edit("a");
  Ask(*ada, "insert 0 before");
  EXPECT_EQ(Ask(*ada, "wait")["ok"], true);
  server_.Kill();
  EXPECT_EQ(Ask(*ada, "insert 6 <a>")["ok"], true);
  EXPECT_EQ(Ask(*ada, "status", "unsent")["not_durable"].is_number(), true);
  server_.Start();
  EXPECT_TRUE(ComesToRead(*bob, "before<a>"));
}

TEST_F(EditCommandTest, WhatIsSavedAndWasNotSentComesWithTheNextRun) {
  {
    const auto edit = Edit("a", {"--save", Path("a.cotext")});
    Ask(*edit, "insert 0 one");
    EXPECT_EQ(Ask(*edit, "wait")["ok"], true);
    server_.Kill();
    EXPECT_EQ(Ask(*edit, "insert 3 \" two\"")["ok"], true);
    edit->Signal(SIGKILL);
    edit->Wait(kWaitMs);
  }
  {
    const auto offline = Edit("a", {"--save", Path("a.cotext"), "--timeout", "1"});
    EXPECT_EQ(Ask(*offline, "insert 7 \" three\"")["ok"], true);
    offline->CloseInput();
    EXPECT_EQ(offline->Wait(kWaitMs), 3) << "not everything is durable";
  }
  server_.Start();
  const auto edit = Edit("a", {"--save", Path("a.cotext")});
  EXPECT_EQ(Ask(*edit, "wait")["ok"], true);
  EXPECT_EQ(TextOf(*Edit("a")), "one two three");
  const auto second = Edit("a", {"--save", Path("a.cotext")});
  EXPECT_EQ(second->Wait(kWaitMs), 2) << "the file is in use";
}

TEST_F(EditCommandTest, WhatCannotBeSavedIsToldAndNotSent) {
  const auto edit = Edit("a", {"--save", Path("a.cotext")});
  Ask(*edit, "insert 0 one");
  EXPECT_EQ(Ask(*edit, "wait")["ok"], true);
  std::ofstream(Path("a.cotext"), std::ios::trunc) << "another program's";
  const Json answer = Ask(*edit, "insert 3 \" two\"");
  EXPECT_EQ(answer["ok"], false);
  EXPECT_TRUE(answer["error"].is_string());
  EXPECT_EQ(TextOf(*Edit("a")), "one");
  edit->CloseInput();
  EXPECT_EQ(edit->Wait(kWaitMs), 2);
  EXPECT_EQ(TextOf(*Edit("a")), "one");
}

TEST_F(EditCommandTest, ADocumentThatWasReplacedByOneOfTheOtherEngineTakesNoEditsInSilence) {
  {
    ServedCotext other(Path("other"));
    const auto ot = StartCotext({"edit", other.url(), "a", "--json", "--engine", "ot"});
    Ask(*ot, "insert 0 other");
    EXPECT_EQ(Ask(*ot, "wait")["ok"], true);
  }
  const auto edit = Edit("a");
  Ask(*edit, "insert 0 one");
  EXPECT_EQ(Ask(*edit, "wait")["ok"], true);
  server_.Kill();
  EXPECT_EQ(Ask(*edit, "insert 3 \" two\"")["ok"], true);
  std::filesystem::rename(Path("store"), Path("former"));
  std::filesystem::rename(Path("other"), Path("store"));
  server_.Start();
  EXPECT_EQ(edit->Wait(kWaitMs), 2);
  EXPECT_EQ(TextOf(*Edit("a")), "other");
}

TEST_F(EditCommandTest, TheEngineIsThatOfTheDocument) {
  const auto ot = Edit("ot", {"--engine", "ot"});
  EXPECT_EQ(Ask(*ot, "insert 0 text")["ok"], true);
  EXPECT_EQ(Ask(*ot, "wait")["ok"], true);
  const auto other = Edit("ot");
  EXPECT_EQ(TextOf(*other), "text");
  EXPECT_EQ(Ask(*other, "status", "engine")["engine"], "ot");
  const auto wrong = Edit("ot", {"--engine", "rga"});
  EXPECT_EQ(wrong->Wait(kWaitMs), 2);
}

TEST_F(EditCommandTest, LinesThatAreNoneAreToldAndTheOthersDone) {
  const auto edit = Edit("a");
  EXPECT_EQ(Ask(*edit, "insert 0 x")["ok"], true);
  Json past_the_end = Ask(*edit, "insert 7 y");
  EXPECT_EQ(past_the_end["ok"], false);
  EXPECT_EQ(past_the_end["line"], 2);
  EXPECT_EQ(Ask(*edit, "delete 0 18446744073709551615")["ok"], false);
  EXPECT_EQ(Ask(*edit, "delete 1 18446744073709551615")["ok"], false);
  EXPECT_EQ(Ask(*edit, "what")["ok"], false);
  EXPECT_EQ(Ask(*edit, "insert 1 z")["ok"], true);
  EXPECT_EQ(TextOf(*edit), "xz");
  edit->CloseInput();
  EXPECT_EQ(edit->Wait(kWaitMs), 2);
}

TEST_F(EditCommandTest, ExitCodesTellTheNetworkFromTheRest) {
  server_.Kill();
  EXPECT_EQ(Edit("a", {"--timeout", "1"})->Wait(kWaitMs), 3);
  EXPECT_EQ(StartCotext({"edit", "nowhere", "a"})->Wait(kWaitMs), 2);
  EXPECT_EQ(StartCotext({"edit", server_.url()})->Wait(kWaitMs), 2);
  EXPECT_EQ(StartCotext({"edit", server_.url(), "a", "--token-file", Path("none")})->Wait(kWaitMs),
            2);
  EXPECT_EQ(StartCotext({"tail", "ws://", "a"})->Wait(kWaitMs), 2);
  EXPECT_EQ(StartCotext({"cat", server_.url(), "a"})->Wait(kWaitMs), 3);
  EXPECT_EQ(StartCotext({"ls", server_.url()})->Wait(kWaitMs), 3);
}

TEST_F(EditCommandTest, AServerThatDoesNotAnswerIsWaitedForAsLongAsIsSaid) {
  server_.Kill();
  for (const char* const command : {"edit", "tail"}) {
    EXPECT_EQ(StartCotext({command, server_.url(), "a", "--timeout", "1"})->Wait(kWaitMs), 3)
        << command;
  }
  for (const char* const wrong : {"0", "-1", "x", "1000001"}) {
    EXPECT_EQ(StartCotext({"tail", server_.url(), "a", "--timeout", wrong})->Wait(kWaitMs), 2)
        << wrong;
  }
}

TEST_F(EditCommandTest, ATailThatHasBegunWaitsForAServerThatIsAway) {
  const auto tail = StartCotext({"tail", server_.url(), "a", "--json", "--timeout", "10"});
  ASSERT_TRUE(Sees(*tail, [](Json it) { return it["event"] == "text"; }));
  server_.Kill();
  ASSERT_TRUE(Sees(*tail, [](Json it) { return it["status"] == "reconnecting"; }));
  EXPECT_FALSE(tail->Wait(12'000).has_value());
  server_.Start();
  EXPECT_TRUE(Sees(*tail, [](Json it) { return it["status"] == "connected"; }));
}

TEST_F(EditCommandTest, ATokenFileWithoutATokenIsWrongUse) {
  for (const char* const content : {"", "\n", " \t\r\n\n"}) {
    std::ofstream(Path("token")) << content;
    for (const char* const command : {"edit", "tail", "cat"}) {
      const auto run = StartCotext({command, server_.url(), "a", "--token-file", Path("token")});
      EXPECT_EQ(run->Wait(kWaitMs), 2) << command;
    }
  }
}

TEST_F(EditCommandTest, ASignalEndsItAndOthersSeeItLeave) {
  const auto tail = StartCotext({"tail", server_.url(), "a", "--json"});
  ASSERT_TRUE(Sees(*tail, [](Json it) { return it["event"] == "text"; }));
  const auto edit = Edit("a");
  Ask(*edit, "insert 0 x");
  EXPECT_EQ(Ask(*edit, "wait")["ok"], true);
  ASSERT_TRUE(Sees(*tail, [](Json it) { return it["event"] == "joined"; }));
  edit->Signal(SIGINT);
  EXPECT_EQ(edit->Wait(kWaitMs), 0);
  EXPECT_TRUE(Sees(*tail, [](Json it) { return it["event"] == "left"; }));
}

}  // namespace
}  // namespace cotext
