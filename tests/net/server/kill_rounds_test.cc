// Server and clients are killed (SIGKILL) at random moments, round after round: what was told to be
// durable is in the dead server's store, what was saved arrives, nothing comes twice, and the store
// is whole.
//
// Three rounds, or as many as COTEXT_KILL_ROUNDS says; COTEXT_SEED makes others.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "document/random.h"
#include "tests/support/child_process.h"
#include "tests/support/random_text.h"
#include "tests/support/temporary_folder.h"
#include "tests/tools/served_cotext.h"

namespace cotext {
namespace {

using Json = nlohmann::json;

uint64_t Rounds() {
  const char* const asked = std::getenv("COTEXT_KILL_ROUNDS");
  return asked == nullptr ? 3 : std::stoull(asked);
}

// A person with `cotext edit` and a file.
struct Person {
  std::string name;
  std::string file;
  std::unique_ptr<ChildProcess> edit;
  uint64_t words = 0;
  std::vector<std::string> asked;  // Words, by the line that inserts them; empty: another line.
  std::vector<std::string> saved = {};  // In the file, and not told to be durable yet.
};

class KillRoundsTest : public TemporaryFolderTest {
 protected:
  KillRoundsTest() : seed_(SeedFromEnvironment(1)), random_(seed_), server_(Path("store")) {
    for (const char* const name : {"ada", "bob", "eve"}) {
      people_.push_back({.name = name, .file = Path(name), .edit = {}, .words = 0, .asked = {}});
      Begin(people_.back());
    }
  }

  void Begin(Person& person) {
    constexpr const char* kTransports[] = {"auto", "websocket", "poll"};
    person.asked.clear();
    person.edit =
        StartCotext({"edit", server_.url(), "notes", "--json", "--save", person.file, "--user",
                     person.name, "--timeout", "20", "--transport", kTransports[random_.Below(3)]});
  }

  void Tell(Person& person, const std::string& line, const std::string& word = "") {
    person.edit->Write(line + "\n");
    person.asked.push_back(word);
  }

  // Takes the answers that are there.
  void TakeAnswers(Person& person, uint64_t wait_ms) {
    while (const auto line = person.edit->ReadLine(wait_ms)) {
      TakeAnswer(person, Json::parse(*line, nullptr, false));
    }
  }

  // What is answered is in the file, and at the server when that is what was waited for.
  void TakeAnswer(Person& person, const Json& answer) {
    if (!answer.is_object() || !answer.contains("line") || answer["ok"] != true) return;
    const std::string& word = person.asked.at(answer["line"].get<size_t>() - 1);
    if (!word.empty()) {
      saved_.insert(word);
      person.saved.push_back(word);
    }
    if (answer["do"] != "wait") return;
    durable_.insert(person.saved.begin(), person.saved.end());
    person.saved.clear();
  }

  // What the server has on its disk, though nobody may upload anything again: it is dead.
  std::string StoredText() {
    const std::string file = Path("stored");
    if (StartCotext({"export", Path("store"), "notes", "-o", file})->Wait(kWaitMs) != 0) return "";
    const auto line = StartCotext({"checkout", file, "--json"})->ReadLine(kWaitMs);
    return line ? Json::parse(*line).at("text") : "";
  }

  void CheckStored() {
    for (Person& person : people_) TakeAnswers(person, 0);
    const std::string text = StoredText();
    for (const std::string& word : durable_) {
      EXPECT_NE(text.find(word), text.npos) << word << " was durable and is lost, seed " << seed_;
    }
  }

  void Step() {
    Person& person = people_[random_.Below(people_.size())];
    if (random_.Chance(15)) {
      Tell(person, "wait");
    } else {
      const std::string word = "<" + person.name + std::to_string(person.words++) + ">";
      written_.push_back(word);
      Tell(person, "insert 0 " + word, word);
    }
    TakeAnswers(person, 0);
    std::this_thread::sleep_for(std::chrono::milliseconds(random_.Below(15)));
  }

  void Round() {
    const uint64_t steps = random_.Between(10, 60);
    const uint64_t server_dies = random_.Below(2 * steps);
    for (uint64_t step = 0; step < steps; ++step) {
      Step();
      if (step == server_dies) {
        server_.Kill();
        CheckStored();
        if (random_.Chance(50)) Step();
        server_.Start();
      }
      if (random_.Chance(3)) {
        Person& person = people_[random_.Below(people_.size())];
        TakeAnswers(person, 0);
        person.edit->Signal(SIGKILL);
        TakeAnswers(person, 0);
        Begin(person);
      }
    }
  }

  // Waits until everything of a person is durable.
  void Settle(Person& person) {
    Tell(person, "wait");
    const size_t last = person.asked.size();
    while (const auto line = person.edit->ReadLine(kWaitMs)) {
      const Json answer = Json::parse(*line, nullptr, false);
      if (!answer.contains("line")) continue;
      EXPECT_EQ(answer["ok"], true) << *line << ", seed " << seed_;
      TakeAnswer(person, answer);
      if (answer["line"] == last) return;
    }
    FAIL() << person.name << " has no answer, seed " << seed_;
  }

  std::string TextOf(Person& person) {
    Tell(person, "print");
    while (const auto line = person.edit->ReadLine(kWaitMs)) {
      const Json answer = Json::parse(*line, nullptr, false);
      if (answer.contains("text")) return answer["text"];
    }
    ADD_FAILURE() << person.name << " has no text, seed " << seed_;
    return "";
  }

  void CheckAll() {
    for (Person& person : people_) Settle(person);
    std::string text;
    for (int tries = 0; tries < 200; ++tries) {
      text = TextOf(people_[0]);
      if (TextOf(people_[1]) == text && TextOf(people_[2]) == text) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_EQ(TextOf(people_[1]), text) << "seed " << seed_;
    EXPECT_EQ(TextOf(people_[2]), text) << "seed " << seed_;
    for (const std::string& word : written_) {
      const size_t first = text.find(word);
      EXPECT_FALSE(saved_.contains(word) && first == text.npos)
          << word << " is lost, seed " << seed_;
      EXPECT_EQ(first == text.npos ? first : text.find(word, first + 1), text.npos)
          << word << " is there twice, seed " << seed_;
    }
  }

  uint64_t seed_;
  Random random_;
  ServedCotext server_;
  std::vector<Person> people_;
  std::vector<std::string> written_;
  std::set<std::string> saved_;  // Answered: in the person's file, and perhaps durable.
  std::set<std::string> durable_;
};

TEST_F(KillRoundsTest, NothingThatWasAcknowledgedIsLost) {
  const uint64_t rounds = Rounds();
  for (uint64_t round = 0; round < rounds && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    Round();
    if (round + 1 == rounds || random_.Chance(20)) CheckAll();
  }
  for (Person& person : people_) {
    person.edit->CloseInput();
    EXPECT_EQ(person.edit->Wait(kWaitMs), 0);
  }
  EXPECT_EQ(server_.Stop(), 0);
  EXPECT_EQ(StartCotext({"check", Path("store")})->Wait(kWaitMs), 0);
  std::printf("%zu words written, %zu answered, %zu of them waited for, in %lu rounds\n",
              written_.size(), saved_.size(), durable_.size(), static_cast<unsigned long>(rounds));
}

}  // namespace
}  // namespace cotext
