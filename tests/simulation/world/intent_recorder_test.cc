#include "simulation/world/intent_recorder.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/offset.h"
#include "document/random.h"
#include "document/utf8.h"
#include "simulation/check/check_intent.h"
#include "simulation/check/violation.h"
#include "simulation/world/user_action.h"
#include "simulation/world/user_actor.h"
#include "simulation/world/user_model.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

std::string Describe(const UserIntent& intent) {
  std::string text;
  const auto name = [](CharacterNumber character) {
    return character == 0 ? std::string("|") : std::string(1, static_cast<char>(character));
  };
  for (const InsertedCharacter& each : intent.inserted) {
    text += name(each.left) + "+" + name(each.character) + name(each.right) + " ";
  }
  for (const DeletedCharacter& each : intent.deleted) text += "-" + name(each.character) + " ";
  for (const CharacterNumber each : intent.brought_back) text += "*" + name(each) + " ";
  return text;
}

TEST(IntentRecorderTest, SaysBetweenWhichCharactersOthersWereInsertedAndWhichWereDeleted) {
  RgaDocument document(ReplicaId{1});
  ASSERT_TRUE(document.Insert(CodePointOffset{0}, "ad"));
  IntentRecorder recorder(document, 7);
  ASSERT_TRUE(document.Insert(CodePointOffset{1}, "bc"));
  recorder.EndIntent({.counter = 4, .replica = {1}});
  ASSERT_TRUE(document.Replace(CodePointOffset{0}, CodePointOffset{2}, "x"));
  recorder.EndIntent({.counter = 7, .replica = {1}});
  ASSERT_TRUE(document.Undo());
  recorder.EndIntent({.counter = 10, .replica = {1}});
  const std::vector<UserIntent> intents = recorder.Take();
  ASSERT_EQ(intents.size(), 3U);
  EXPECT_EQ(Describe(intents[0]), "a+bc b+cd ");
  EXPECT_EQ(Describe(intents[1]), "|+xa -a -b ");
  EXPECT_EQ(Describe(intents[2]), "-x *a *b ");
  EXPECT_EQ(intents[1].inserted[0].node, 7U);
  EXPECT_TRUE(recorder.text() == U"abcd");
}

TEST(UniqueTextTest, NobodyHasTheSameCharacterAsAnother) {
  UniqueText texts[] = {UniqueText(0, 3), UniqueText(1, 3), UniqueText(2, 3)};
  std::set<char32_t> seen;
  uint64_t count = 0;
  for (int round = 0; round < 30'000; ++round) {
    for (UniqueText& text : texts) {
      const std::string unique = text.InPlaceOf("\xc3\xa9x");
      ASSERT_TRUE(IsValidUtf8(unique));
      for (const char32_t character : CodePointsOf(unique)) seen.insert(character);
      count += 2;
    }
  }
  EXPECT_EQ(seen.size(), count);
  EXPECT_FALSE(texts[2].is_exhausted());
  UniqueText greedy(0, 1'000'000);
  greedy.InPlaceOf("abc");
  EXPECT_TRUE(greedy.is_exhausted());
}

// Users at documents that merge now and then: what they meant comes true without any network.
TEST(IntentRecorderTest, AnRgaKeepsEveryIntentOfConcurrentUsers) {
  ForEachSeed(300, [](Random& random) {
    const auto actions = GenerateUserActions({.seed = random.Next(), .replicas = 2, .edits = 20});
    RgaDocument documents[] = {RgaDocument(ReplicaId{1}), RgaDocument(ReplicaId{2})};
    UniqueText texts[] = {UniqueText(0, 2), UniqueText(1, 2)};
    const auto keyboard = [&](size_t i) {
      return [&texts, i](std::string_view text) { return texts[i].InPlaceOf(text); };
    };
    UserActor actors[] = {UserActor(documents[0], keyboard(0)),
                          UserActor(documents[1], keyboard(1))};
    IntentRecorder recorders[] = {{documents[0], 1}, {documents[1], 2}};
    const auto merge = [&] {
      ASSERT_TRUE(documents[0].Merge(*documents[1].EncodeSince(documents[0].version())));
      ASSERT_TRUE(documents[1].Merge(*documents[0].EncodeSince(documents[1].version())));
    };
    IntentRecord record;
    for (const UserAction& action : actions) {
      ASSERT_TRUE(actors[action.replica].Do(action));
      recorders[action.replica].EndIntent({});
      for (const UserIntent& intent : recorders[action.replica].Take()) {
        for (const auto& each : intent.inserted) record.inserted.push_back(each);
        for (const auto& each : intent.deleted) record.deleted.push_back(each);
        for (const auto each : intent.brought_back) record.brought_back.push_back(each);
      }
      if (random.Chance(20)) merge();
    }
    merge();
    for (const char32_t character : CodePointsOf(documents[0].Text())) {
      record.text.push_back(character);
    }
    EXPECT_TRUE(recorders[0].text() == recorders[1].text());
    const std::vector<Violation> found = CheckIntent(record);
    EXPECT_TRUE(found.empty()) << found[0].what;
  });
}

}  // namespace
}  // namespace cotext
