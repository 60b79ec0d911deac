// Who a caller is and what he may do: by a bearer token, by a ticket, or as nobody in particular.
//
// - A token is a JWT (jwt_verifier.h), in the header field Authorization.
// - A ticket stands for a token where no header can be set, as browsers cannot for a WebSocket: it
//   is made for whoever shows a token, holds for ticket_ms, and is taken once.
// - Without either a caller is anonymous, if that is allowed. A token that does not hold is
//   refused all the same.
//
// A user can be restricted: what he may do is cut down to some rights, or, to none, he is refused.
// That holds from then on for his tokens and tickets, and for his connections that are there. Those
// also end when the token ends that they were let in by. Both come as changes (TakeChanges), which
// whoever keeps the connections carries out; it tells what connections there are.
//
// Times are in milliseconds since 1970, as tokens have them; that clock may jump. What it costs: a
// token see JwtVerifier; else O(log n), Restrict linear in the connections. Thread-compatible.
#ifndef COTEXT_NET_ACCESS_ACCESS_H_
#define COTEXT_NET_ACCESS_ACCESS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/error.h"
#include "net/access/jwt_verifier.h"
#include "net/base/secret.h"
#include "sync/grants.h"
#include "sync/messages.h"

namespace cotext::net {

struct AccessOptions {
  // What somebody without a token may do with all documents; nothing: he is refused.
  std::optional<sync::Rights> anonymous_rights = std::nullopt;
  std::string anonymous_user = "anonymous";
  // Documents, as in grants, in which nobody writes but who may relay.
  std::vector<std::string> read_only = {};
  uint64_t ticket_ms = 30'000;
  size_t tickets_max = 10'000;
  size_t tickets_of_user_max = 32;
  size_t restrictions_max = 10'000;
};

// What a caller shows; empty: nothing.
struct Credentials {
  std::string_view authorization = {};  // The header field, "Bearer TOKEN".
  std::string_view ticket = {};
};

// Whom a caller was found to be.
struct Admission {
  sync::Identity identity;           // With what he may do now.
  std::vector<sync::Grant> granted;  // What he might, if he were not restricted.
  // When the token ends that says so; nothing: never.
  std::optional<uint64_t> expires_at_ms = std::nullopt;
};

// What is to be done with a connection that was let in.
struct AccessChange {
  uint64_t connection = 0;
  // What it may do from now on; or why it is to be closed.
  Expected<std::vector<sync::Grant>> grants;
};

class Access {
 public:
  // Without a verifier there are no tokens.
  Access(AccessOptions options, std::optional<JwtVerifier> verifier, RandomBits random);

  // Errors: kUnauthenticated, kForbidden for a user who is refused.
  Expected<Admission> Admit(const Credentials& credentials, uint64_t now_ms);

  // Makes a ticket for whoever was let in. Errors: kRateLimited, too many were not used yet.
  Expected<std::string> MakeTicket(const Admission& admission, uint64_t now_ms);

  // Leaves a user no more than those rights, with all documents. Errors: kTooLarge.
  Expected<void> Restrict(const std::string& user, sync::Rights rights);
  // Takes that back, for whoever is let in from now on and for those that are there.
  void Lift(const std::string& user);

  // Tells of a connection that was let in, and when it has ended. Numbers are the caller's.
  void OnConnect(uint64_t connection, Admission admission);
  void OnDisconnect(uint64_t connection);

  // A connection that is to be closed is not told of again.
  std::vector<AccessChange> TakeChanges(uint64_t now_ms);
  // Returns when TakeChanges has more to tell, if nothing else happens before.
  std::optional<uint64_t> NextTimeMs() const;

  size_t restrictions_max() const { return options_.restrictions_max; }
  size_t ticket_count() const { return tickets_.size(); }
  size_t connection_count() const { return connections_.size(); }

 private:
  struct Ticket {
    Admission admission;
    uint64_t ends_at_ms = 0;
  };

  Expected<Admission> AdmitByToken(std::string_view authorization, uint64_t now_ms);
  Expected<Admission> AdmitByTicket(std::string_view ticket, uint64_t now_ms);
  Expected<Admission> AdmitAnybody() const;
  void DropTickets(uint64_t now_ms);
  void EraseTicket(std::map<std::string, Ticket>::iterator ticket);
  // Returns what he may do of what he was granted.
  Expected<std::vector<sync::Grant>> Cut(const Admission& admission) const;
  void MarkConnections(const std::string& user);

  AccessOptions options_;
  std::optional<JwtVerifier> verifier_;
  RandomBits random_;

  std::map<std::string, Ticket> tickets_;                   // By hash.
  std::set<std::pair<uint64_t, std::string>> ticket_ends_;  // When, and of which hash.
  std::map<std::string, size_t, std::less<>> tickets_of_user_;

  std::map<std::string, sync::Rights, std::less<>> restrictions_;  // By user.
  std::map<uint64_t, Admission> connections_;
  std::set<std::pair<uint64_t, uint64_t>> expiries_;  // When, and of which connection.
  std::set<uint64_t> changed_;                        // Connections.
};

}  // namespace cotext::net

#endif  // COTEXT_NET_ACCESS_ACCESS_H_
