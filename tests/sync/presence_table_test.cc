#include "sync/presence_table.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "sync/messages.h"
#include "sync/presence_view.h"

namespace cotext::sync {
namespace {

constexpr Channel kChannel = 4;

TEST(PresenceTableTest, WhoEntersAndLeavesIsTold) {
  PresenceTable table(kChannel);
  const auto entered = table.Enter(1, "ann");
  ASSERT_TRUE(entered.has_value());
  const auto join = ReadJoin(entered->message);
  ASSERT_TRUE(join.has_value());
  EXPECT_EQ(join->user, "ann");
  EXPECT_EQ(join->session, 1U);
  EXPECT_FALSE(table.Enter(1, "ann").has_value());
  EXPECT_TRUE(table.Leave(1).has_value());
  EXPECT_FALSE(table.Leave(1).has_value());
}

TEST(PresenceTableTest, AStateThatChangesOftenIsToldNowAndThenAndAtLastAsItIs) {
  PresenceTable table(kChannel);
  table.Enter(1, "ann");
  EXPECT_EQ(table.SetState(1, "a", 1000)->size(), 1U);
  for (uint64_t i = 1; i < 10; ++i) {
    EXPECT_TRUE(table.SetState(1, "a" + std::to_string(i), 1000 + i)->empty());
  }
  EXPECT_EQ(table.NextTimeMs(), std::optional<uint64_t>(1000 + PresenceTable::kTellEveryMs));
  EXPECT_TRUE(table.OnTick(1049).empty());
  const auto told = table.OnTick(1050);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(ReadPresence(told[0].message)->state, "a9");
  EXPECT_FALSE(table.NextTimeMs().has_value());
}

TEST(PresenceTableTest, TypingEndsByItselfUnlessItGoesOn) {
  PresenceTable table(kChannel);
  table.Enter(1, "ann");
  EXPECT_EQ(table.SetTyping(1, true, 0)->size(), 1U);
  EXPECT_TRUE(table.SetTyping(1, true, 3000)->empty());
  EXPECT_TRUE(table.OnTick(5000).empty());
  const auto told = table.OnTick(8000);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_FALSE(ReadTyping(told[0].message)->is_typing);
  EXPECT_TRUE(table.SetTyping(1, false, 8001)->empty());
}

TEST(PresenceTableTest, WhoTogglesTypingIsHeardNowAndThenAndAtLastAsItIs) {
  PresenceTable table(kChannel);
  table.Enter(1, "ann");
  size_t told = 0;
  for (uint64_t i = 0; i < 1000; ++i) told += table.SetTyping(1, i % 2 == 0, 1000 + i / 10)->size();
  // In a tenth of a second.
  EXPECT_LE(told, 2U);
  // It ended with typing not: so does what is told, and nothing is to be told then.
  const auto last = table.OnTick(1200);
  if (!last.empty()) EXPECT_FALSE(ReadTyping(last.back().message)->is_typing);
  EXPECT_TRUE(table.About(1).size() == 1);
  EXPECT_FALSE(table.NextTimeMs().has_value());
  // One that ended with typing.
  EXPECT_EQ(table.SetTyping(1, true, 2000)->size(), 1U);
  EXPECT_TRUE(table.SetTyping(1, false, 2010)->empty());
  EXPECT_TRUE(table.SetTyping(1, true, 2020)->empty());
  EXPECT_TRUE(table.OnTick(2050).empty());
  EXPECT_TRUE(table.SetTyping(1, false, 2060)->size() == 1);
  EXPECT_TRUE(table.SetTyping(1, true, 2070)->empty());
  EXPECT_EQ(table.NextTimeMs(), std::optional<uint64_t>(2060 + PresenceTable::kTellEveryMs));
  const auto typing = table.OnTick(2110);
  ASSERT_EQ(typing.size(), 1U);
  EXPECT_TRUE(ReadTyping(typing[0].message)->is_typing);
}

TEST(PresenceTableTest, OfWhoIsGoneThereIsToTellThatHeIs) {
  PresenceTable table(kChannel);
  const auto news = table.About(7);
  ASSERT_EQ(news.size(), 1U);
  EXPECT_EQ(news[0].message.kind, MessageKind::kPart);
}

TEST(PresenceTableTest, WhoIsUnseenShowsNothing) {
  PresenceTable table(kChannel);
  EXPECT_EQ(table.SetState(1, "a", 0).error().code, ErrorCode::kForbidden);
  EXPECT_EQ(table.SetTyping(1, true, 0).error().code, ErrorCode::kForbidden);
}

TEST(PresenceTableTest, NoMoreThanItsMaximumIsSeen) {
  PresenceTable table(kChannel);
  for (SessionId session = 1; session <= PresenceTable::kSessionsMax; ++session) {
    ASSERT_TRUE(table.Enter(session, "u").has_value());
  }
  EXPECT_FALSE(table.Enter(PresenceTable::kSessionsMax + 1, "u").has_value());
  EXPECT_EQ(table.Sessions().size(), PresenceTable::kSessionsMax);
}

TEST(PresenceViewTest, AJoinSaysAllThereIsToSay) {
  PresenceView view;
  EXPECT_TRUE(view.OnJoin({.session = 1, .user = "ann", .state = "s"}));
  EXPECT_TRUE(view.OnTyping({.session = 1, .is_typing = true}));
  EXPECT_TRUE(view.OnJoin({.session = 1, .user = "ann", .state = "s"}));
  EXPECT_FALSE(view.users().at(1).is_typing);
  EXPECT_FALSE(view.OnPresence({.session = 2, .state = "ghost"}));
  EXPECT_TRUE(view.OnPart({.session = 1}));
  EXPECT_FALSE(view.OnPart({.session = 1}));
}

TEST(PresenceViewTest, AServerThatSendsWithoutEndIsNotKept) {
  PresenceView view;
  for (SessionId session = 1; session <= PresenceView::kSessionsMax + 10; ++session) {
    view.OnJoin({.session = session, .user = "u"});
  }
  EXPECT_EQ(view.users().size(), PresenceView::kSessionsMax);
}

}  // namespace
}  // namespace cotext::sync
