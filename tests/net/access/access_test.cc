#include "net/access/access.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/error.h"
#include "document/random.h"
#include "net/access/jwt_key.h"
#include "net/access/jwt_verifier.h"
#include "sync/grants.h"
#include "sync/messages.h"
#include "tests/net/signed_token.h"

namespace cotext::net {
namespace {

using sync::kMayRead;
using sync::kMayWrite;

constexpr uint64_t kNowMs = 1'000'000'000;
constexpr uint64_t kExpiresMs = (1'000'100 + kJwtLeewayS) * 1000;

JwtVerifier Verifier() { return {{MakeJwtKey(JwtAlgorithm::kHs256, kSecret).value()}, JwtRules()}; }

RandomBits Bits() {
  return [random = std::make_shared<Random>(1)] { return random->Next(); };
}

Access Strict(AccessOptions options = {}) { return {std::move(options), Verifier(), Bits()}; }

std::string Bearer(std::string_view user = "ann") {
  return "Bearer " + Sign(R"({"sub":")" + std::string(user) +
                              R"(","exp":1000100,"documents":[{"name":"a","rights":)"
                              R"(["read","write"]}]})",
                          "HS256", kSecret);
}

Admission Enter(Access& access, std::string_view user = "ann") {
  const std::string bearer = Bearer(user);
  return access.Admit({.authorization = bearer}, kNowMs).value();
}

ErrorCode CodeOf(const Expected<Admission>& admission) {
  EXPECT_FALSE(admission.has_value());
  return admission ? ErrorCode{} : admission.error().code;
}

TEST(AccessTest, ATokenSaysWhoItIs) {
  Access access = Strict();
  const Admission admission = Enter(access);
  EXPECT_EQ(admission.identity.user, "ann");
  EXPECT_EQ(sync::RightsOf(admission.identity, "a"), kMayRead | kMayWrite);
  EXPECT_EQ(sync::RightsOf(admission.identity, "b"), 0U);
  EXPECT_EQ(admission.expires_at_ms, kExpiresMs);
  std::string lower = Bearer();
  lower.replace(0, 7, "bEARER   ");
  EXPECT_TRUE(access.Admit({.authorization = lower}, kNowMs).has_value());
}

TEST(AccessTest, WithoutATokenNobodyIsLetIn) {
  Access access = Strict();
  const std::string bearer = Bearer();
  EXPECT_EQ(CodeOf(access.Admit({}, kNowMs)), ErrorCode::kUnauthenticated);
  for (const std::string& header : {std::string("Bearer"), std::string("Bearer "),
                                    std::string("Basic YTpi"), bearer.substr(7), bearer + "x"}) {
    EXPECT_EQ(CodeOf(access.Admit({.authorization = header}, kNowMs)), ErrorCode::kUnauthenticated)
        << header;
  }
  EXPECT_EQ(CodeOf(access.Admit({.authorization = bearer}, kExpiresMs)),
            ErrorCode::kUnauthenticated);
  EXPECT_EQ(CodeOf(access.Admit({.ticket = "0123"}, kNowMs)), ErrorCode::kUnauthenticated);
}

TEST(AccessTest, AnonymousCallersAreLetInIfAsked) {
  Access access = Strict({.anonymous_rights = kMayRead});
  const Admission admission = access.Admit({}, kNowMs).value();
  EXPECT_EQ(admission.identity.user, "anonymous");
  EXPECT_EQ(sync::RightsOf(admission.identity, "whatever"), kMayRead);
  EXPECT_EQ(admission.expires_at_ms, std::nullopt);
  // What somebody shows has to hold all the same.
  EXPECT_EQ(CodeOf(access.Admit({.authorization = "Bearer x.y.z"}, kNowMs)),
            ErrorCode::kUnauthenticated);
  EXPECT_EQ(CodeOf(access.Admit({.ticket = "x"}, kNowMs)), ErrorCode::kUnauthenticated);
}

TEST(AccessTest, WithoutKeysNoTokenHolds) {
  Access access({.anonymous_rights = kMayRead}, std::nullopt, Bits());
  const std::string bearer = Bearer();
  EXPECT_EQ(CodeOf(access.Admit({.authorization = bearer}, kNowMs)), ErrorCode::kUnauthenticated);
}

TEST(AccessTest, ATicketIsTakenOnce) {
  Access access = Strict();
  const std::string ticket = access.MakeTicket(Enter(access), kNowMs).value();
  EXPECT_EQ(ticket.size(), 32U);
  const auto admission = access.Admit({.ticket = ticket}, kNowMs + 1);
  ASSERT_TRUE(admission.has_value());
  EXPECT_EQ(admission->identity.user, "ann");
  EXPECT_EQ(admission->expires_at_ms, kExpiresMs);
  EXPECT_EQ(CodeOf(access.Admit({.ticket = ticket}, kNowMs + 1)), ErrorCode::kUnauthenticated);
  EXPECT_EQ(access.ticket_count(), 0U);
}

TEST(AccessTest, ATicketHoldsForAWhile) {
  Access access = Strict({.ticket_ms = 1000});
  const Admission ann = Enter(access);
  const std::string early = access.MakeTicket(ann, kNowMs).value();
  const std::string late = access.MakeTicket(ann, kNowMs + 500).value();
  EXPECT_EQ(CodeOf(access.Admit({.ticket = early}, kNowMs + 1000)), ErrorCode::kUnauthenticated);
  EXPECT_TRUE(access.Admit({.ticket = late}, kNowMs + 1499).has_value());
  // Nor longer than the token.
  const std::string last = access.MakeTicket(ann, kExpiresMs - 1).value();
  EXPECT_EQ(CodeOf(access.Admit({.ticket = last}, kExpiresMs)), ErrorCode::kUnauthenticated);
}

TEST(AccessTest, ATicketOfAClockThatWasSetBackIsNone) {
  Access access = Strict({.ticket_ms = 1000});
  const Admission ann = Enter(access);
  const std::string ticket = access.MakeTicket(ann, kNowMs + 5000).value();
  EXPECT_EQ(CodeOf(access.Admit({.ticket = ticket}, kNowMs)), ErrorCode::kUnauthenticated);
  EXPECT_EQ(access.ticket_count(), 0U);
}

TEST(AccessTest, TicketsAreBounded) {
  Access access = Strict({.ticket_ms = 1000, .tickets_max = 3, .tickets_of_user_max = 2});
  const Admission ann = Enter(access, "ann");
  const Admission bob = Enter(access, "bob");
  const std::string first = access.MakeTicket(ann, kNowMs).value();
  EXPECT_TRUE(access.MakeTicket(ann, kNowMs).has_value());
  EXPECT_EQ(access.MakeTicket(ann, kNowMs).error().code, ErrorCode::kRateLimited);
  EXPECT_TRUE(access.MakeTicket(bob, kNowMs).has_value());
  EXPECT_EQ(access.MakeTicket(bob, kNowMs).error().code, ErrorCode::kRateLimited);
  EXPECT_TRUE(access.Admit({.ticket = first}, kNowMs).has_value());
  EXPECT_TRUE(access.MakeTicket(bob, kNowMs).has_value());
  EXPECT_TRUE(access.MakeTicket(ann, kNowMs + 1000).has_value());
  EXPECT_EQ(access.ticket_count(), 1U);
}

TEST(AccessTest, ConnectionsEndWithTheirTokens) {
  Access access = Strict();
  access.OnConnect(1, Enter(access));
  access.OnConnect(2, Enter(access));
  access.OnDisconnect(2);
  EXPECT_EQ(access.NextTimeMs(), kExpiresMs);
  EXPECT_TRUE(access.TakeChanges(kExpiresMs - 1).empty());
  const auto changes = access.TakeChanges(kExpiresMs);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].connection, 1U);
  EXPECT_EQ(changes[0].grants.error().code, ErrorCode::kUnauthenticated);
  EXPECT_TRUE(access.TakeChanges(kExpiresMs + 1).empty());
  EXPECT_EQ(access.NextTimeMs(), std::nullopt);
  EXPECT_EQ(access.connection_count(), 0U);
}

TEST(AccessTest, AUserIsRestrictedWhileConnected) {
  Access access = Strict();
  access.OnConnect(1, Enter(access, "ann"));
  access.OnConnect(2, Enter(access, "bob"));
  ASSERT_TRUE(access.Restrict("ann", kMayRead).has_value());
  EXPECT_EQ(access.NextTimeMs(), 0U);
  const auto changes = access.TakeChanges(kNowMs);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].connection, 1U);
  EXPECT_EQ(changes[0].grants->at(0).rights, kMayRead);
  EXPECT_EQ(sync::RightsOf(Enter(access, "ann").identity, "a"), kMayRead);
  EXPECT_EQ(sync::RightsOf(Enter(access, "bob").identity, "a"), kMayRead | kMayWrite);

  access.Lift("ann");
  const auto lifted = access.TakeChanges(kNowMs);
  ASSERT_EQ(lifted.size(), 1U);
  EXPECT_EQ(lifted[0].grants->at(0).rights, kMayRead | kMayWrite);
}

TEST(AccessTest, AUserWhoIsRefusedIsClosed) {
  Access access = Strict();
  const Admission ann = Enter(access);
  const std::string ticket = access.MakeTicket(ann, kNowMs).value();
  access.OnConnect(1, ann);
  ASSERT_TRUE(access.Restrict("ann", 0).has_value());
  const auto changes = access.TakeChanges(kNowMs);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].grants.error().code, ErrorCode::kForbidden);
  const std::string bearer = Bearer();
  EXPECT_EQ(CodeOf(access.Admit({.authorization = bearer}, kNowMs)), ErrorCode::kForbidden);
  EXPECT_EQ(CodeOf(access.Admit({.ticket = ticket}, kNowMs)), ErrorCode::kForbidden);
  EXPECT_EQ(access.connection_count(), 0U);
}

TEST(AccessTest, InADocumentThatIsReadOnlyNobodyWritesButWhoMayRelay) {
  Access access({.anonymous_rights = kMayRead | kMayWrite, .read_only = {"manual", "old/*"}},
                std::nullopt, [] { return 1; });
  const sync::Identity anybody = access.Admit({}, kNowMs)->identity;
  EXPECT_EQ(sync::RightsOf(anybody, "manual"), kMayRead);
  EXPECT_EQ(sync::RightsOf(anybody, "old/notes"), kMayRead);
  EXPECT_EQ(sync::RightsOf(anybody, "old"), kMayRead | kMayWrite);
  sync::Identity bridge = anybody;
  bridge.grants.push_back({.documents = "*", .rights = sync::kMayRelay});
  EXPECT_EQ(sync::RightsOf(bridge, "manual"), kMayRead | kMayWrite | sync::kMayRelay);
  // What he may not do in one document, the restriction of a user allows in none.
  ASSERT_TRUE(access.Restrict("anonymous", kMayRead).has_value());
  EXPECT_EQ(sync::RightsOf(access.Admit({}, kNowMs)->identity, "old"), kMayRead);
}

TEST(AccessTest, ARestrictionHoldsForTicketsOfBefore) {
  Access access = Strict();
  const std::string ticket = access.MakeTicket(Enter(access), kNowMs).value();
  ASSERT_TRUE(access.Restrict("ann", kMayRead).has_value());
  EXPECT_EQ(sync::RightsOf(access.Admit({.ticket = ticket}, kNowMs)->identity, "a"), kMayRead);
}

TEST(AccessTest, RestrictionsAreBounded) {
  Access access = Strict({.restrictions_max = 1});
  EXPECT_TRUE(access.Restrict("ann", 0).has_value());
  EXPECT_TRUE(access.Restrict("ann", kMayRead).has_value());
  EXPECT_EQ(access.Restrict("bob", 0).error().code, ErrorCode::kTooLarge);
  access.Lift("ann");
  EXPECT_TRUE(access.Restrict("bob", 0).has_value());
}

}  // namespace
}  // namespace cotext::net
