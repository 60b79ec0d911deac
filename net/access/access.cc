#include "net/access/access.h"

#include <algorithm>

namespace cotext::net {
namespace {

constexpr uint64_t kMsPerS = 1000;

std::unexpected<Error> Unauthenticated(std::string message) {
  return MakeError(ErrorCode::kUnauthenticated, std::move(message));
}

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, [](char left, char right) {
    const bool is_upper = left >= 'A' && left <= 'Z';
    return (is_upper ? static_cast<char>(left - 'A' + 'a') : left) == right;
  });
}

// Returns the token of "Bearer TOKEN".
std::optional<std::string_view> BearerToken(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (!EqualsIgnoringCase(authorization.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  std::string_view token = authorization.substr(kScheme.size());
  while (token.starts_with(' ')) token.remove_prefix(1);
  return token;
}

Error Expired() {
  return {.code = ErrorCode::kUnauthenticated, .message = "the token has expired"};
}

}  // namespace

Access::Access(AccessOptions options, std::optional<JwtVerifier> verifier, RandomBits random)
    : options_(std::move(options)), verifier_(std::move(verifier)), random_(std::move(random)) {}

Expected<Admission> Access::Admit(const Credentials& credentials, uint64_t now_ms) {
  Expected<Admission> admission =
      !credentials.authorization.empty() ? AdmitByToken(credentials.authorization, now_ms)
      : !credentials.ticket.empty()      ? AdmitByTicket(credentials.ticket, now_ms)
                                         : AdmitAnybody();
  if (!admission) return admission;
  Expected<std::vector<sync::Grant>> grants = Cut(*admission);
  if (!grants) return std::unexpected(std::move(grants).error());
  admission->identity.grants = *std::move(grants);
  return admission;
}

Expected<Admission> Access::AdmitByToken(std::string_view authorization, uint64_t now_ms) {
  const auto token = BearerToken(authorization);
  if (!token) return Unauthenticated("an authorization that is no bearer token");
  if (!verifier_) return Unauthenticated("this server knows no keys of tokens");
  Expected<JwtClaims> claims = verifier_->Verify(*token, now_ms / kMsPerS);
  if (!claims) return std::unexpected(std::move(claims).error());
  return Admission{.identity = {.user = std::move(claims->identity.user), .grants = {}},
                   .granted = std::move(claims->identity.grants),
                   .expires_at_ms = (claims->expires_at_s + kJwtLeewayS) * kMsPerS};
}

Expected<Admission> Access::AdmitByTicket(std::string_view ticket, uint64_t now_ms) {
  DropTickets(now_ms);
  const auto found = tickets_.find(HashSecret(ticket));
  if (found == tickets_.end()) return Unauthenticated("a ticket that was used, or is none");
  Admission admission = found->second.admission;
  EraseTicket(found);
  if (admission.expires_at_ms && now_ms >= *admission.expires_at_ms) {
    return std::unexpected(Expired());
  }
  return admission;
}

Expected<Admission> Access::AdmitAnybody() const {
  if (!options_.anonymous_rights) return Unauthenticated("a token is needed");
  const sync::Grant all{.documents = "*", .rights = *options_.anonymous_rights};
  return Admission{.identity = {.user = options_.anonymous_user, .grants = {}}, .granted = {all}};
}

Expected<std::string> Access::MakeTicket(const Admission& admission, uint64_t now_ms) {
  DropTickets(now_ms);
  size_t& of_user = tickets_of_user_[admission.identity.user];
  if (of_user >= options_.tickets_of_user_max || tickets_.size() >= options_.tickets_max) {
    if (of_user == 0) tickets_of_user_.erase(admission.identity.user);
    return MakeError(ErrorCode::kRateLimited, "too many tickets were not used yet");
  }
  ++of_user;
  std::string ticket = MakeSecret(random_);
  const std::string hash = HashSecret(ticket);
  const uint64_t ends_at_ms = now_ms + options_.ticket_ms;
  tickets_[hash] = {.admission = admission, .ends_at_ms = ends_at_ms};
  ticket_ends_.emplace(ends_at_ms, hash);
  return ticket;
}

void Access::DropTickets(uint64_t now_ms) {
  while (!ticket_ends_.empty() && ticket_ends_.begin()->first <= now_ms) {
    EraseTicket(tickets_.find(ticket_ends_.begin()->second));
  }
  // Those that end later than one made now were made before the clock was set back.
  while (!ticket_ends_.empty() && ticket_ends_.rbegin()->first > now_ms + options_.ticket_ms) {
    EraseTicket(tickets_.find(ticket_ends_.rbegin()->second));
  }
}

void Access::EraseTicket(std::map<std::string, Ticket>::iterator ticket) {
  const auto of_user = tickets_of_user_.find(ticket->second.admission.identity.user);
  if (--of_user->second == 0) tickets_of_user_.erase(of_user);
  ticket_ends_.erase({ticket->second.ends_at_ms, ticket->first});
  tickets_.erase(ticket);
}

Expected<void> Access::Restrict(const std::string& user, sync::Rights rights) {
  if (!restrictions_.contains(user) && restrictions_.size() >= options_.restrictions_max) {
    return MakeError(ErrorCode::kTooLarge, "too many users are restricted");
  }
  restrictions_[user] = rights;
  MarkConnections(user);
  return {};
}

void Access::Lift(const std::string& user) {
  if (restrictions_.erase(user) > 0) MarkConnections(user);
}

void Access::MarkConnections(const std::string& user) {
  for (const auto& [connection, admission] : connections_) {
    if (admission.identity.user == user) changed_.insert(connection);
  }
}

void Access::OnConnect(uint64_t connection, Admission admission) {
  if (admission.expires_at_ms) expiries_.emplace(*admission.expires_at_ms, connection);
  connections_.insert_or_assign(connection, std::move(admission));
}

void Access::OnDisconnect(uint64_t connection) {
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return;
  if (const auto at_ms = found->second.expires_at_ms) expiries_.erase({*at_ms, connection});
  changed_.erase(connection);
  connections_.erase(found);
}

std::vector<AccessChange> Access::TakeChanges(uint64_t now_ms) {
  std::vector<AccessChange> changes;
  while (!expiries_.empty() && expiries_.begin()->first <= now_ms) {
    const uint64_t connection = expiries_.begin()->second;
    changes.push_back({.connection = connection, .grants = std::unexpected(Expired())});
    OnDisconnect(connection);
  }
  for (const uint64_t connection : std::exchange(changed_, {})) {
    changes.push_back({.connection = connection, .grants = Cut(connections_.at(connection))});
    if (!changes.back().grants) OnDisconnect(connection);
  }
  return changes;
}

std::optional<uint64_t> Access::NextTimeMs() const {
  if (!changed_.empty()) return 0;
  if (expiries_.empty()) return std::nullopt;
  return expiries_.begin()->first;
}

Expected<std::vector<sync::Grant>> Access::Cut(const Admission& admission) const {
  std::vector<sync::Grant> grants = admission.granted;
  const auto found = restrictions_.find(admission.identity.user);
  if (found != restrictions_.end()) {
    if (found->second == 0) {
      return MakeError(ErrorCode::kForbidden, "this user is not let in any more");
    }
    for (sync::Grant& grant : grants) grant.rights &= found->second;
  }
  for (const std::string& documents : options_.read_only) {
    grants.push_back({.documents = documents, .is_read_only = true});
  }
  return grants;
}

}  // namespace cotext::net
