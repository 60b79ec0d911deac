// How a session that is behind gets what it lacks, a piece at a time: a hub remembers of it no more
// than how far it is.
//
// What is cut for one session is sent to all who need the same while it is on its way to any
// (shared_messages.h): a thousand that come back at once to where a server was cost one copy. The
// text of an OT document is sent as it was when the first of them asked, and the commits since
// follow; so there is one copy of it for all who come meanwhile, and never more than kTextsMax.
#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crdt/codec/update_tools.h"
#include "document/check.h"
#include "sync/hub.h"

namespace cotext::sync {
namespace {

// What a session is told at a time of who is there.
constexpr size_t kNewsAtOnce = 8;

}  // namespace

bool Hub::Pull(SessionId session) {
  const auto found = members_.find(session);
  if (found == members_.end() || found->second.is_live || state_ != State::kReady) return false;
  HubMember& member = found->second;
  // Edits come first, as others' carets are among them. But who has gone is not seen for as long as
  // a slow line takes for the edits of those who go on.
  if (TellWhoLeft(session, member)) return true;
  if (!member.untold_writers.empty()) {
    TellWriter(session, *member.untold_writers.begin());
    member.untold_writers.erase(member.untold_writers.begin());
    return true;
  }
  if (const std::optional<MessageRef> next = ot_ ? NextOfOt(member) : NextUpdate(member)) {
    output_.sends.push_back(HubSend{.to = {session}, .message = *next});
    return true;
  }
  member.is_live = member.news.empty();
  return TellWhatWasMissed(session, member);
}

std::optional<MessageRef> Hub::NextUpdate(HubMember& member) {
  if (!member.known.Covers(rga_.horizon())) return NextOfBase(member);
  if (member.known.Covers(rga_.version())) return std::nullopt;
  std::string key = "u" + member.known.Encode();
  std::optional<MessageRef> ref = shared_.Find(key);
  if (!ref) {
    Expected<UpdateLog::Piece> piece = rga_.NextPiece(member.known, member.position);
    // The log was checked when it was read and written.
    COTEXT_CHECK(piece.has_value());
    member.position = piece->position;
    ref = shared_.Put(std::move(key), ToMessage(UpdateMessage{.channel = channel_,
                                                              .update = std::move(piece->update)}));
  }
  const Expected<UpdateRange> range = RangeOfUpdate(pool_->Get(*ref).bytes[0]);
  COTEXT_CHECK(range.has_value());
  member.known.Join(range->reaches);
  return ref;
}

MessageRef Hub::NextOfBase(HubMember& member) {
  const std::string& base = rga_.base();
  const size_t offset = member.base_sent;
  const size_t size = std::min(kPieceBytesMax, base.size() - offset);
  std::string key = "b" + std::to_string(offset);
  std::optional<MessageRef> ref = shared_.Find(key);
  if (!ref) {
    ref = shared_.Put(std::move(key), ToMessage(BaseMessage{.channel = channel_,
                                                            .offset = offset,
                                                            .total = base.size(),
                                                            .piece = base.substr(offset, size)}));
  }
  member.base_sent += size;
  if (member.base_sent == base.size()) {
    member.base_sent = 0;
    member.known = rga_.horizon();
  }
  return *ref;
}

std::optional<MessageRef> Hub::NextOfOt(HubMember& member) {
  if (member.revision && !ot_->CanFollow(*member.revision)) NeedText(member, 0);
  if (!member.revision) return NextOfText(member);
  if (*member.revision == ot_->revision()) return std::nullopt;
  const uint64_t revision = ++*member.revision;
  std::string key = "c" + std::to_string(revision);
  if (const auto ref = shared_.Find(key)) return ref;
  return shared_.Put(std::move(key), ot_->CommitOf(revision));
}

void Hub::NeedText(HubMember& member, uint64_t from) {
  StopReading(member);
  member.revision.reset();
  member.text_from = from;
}

void Hub::StopReading(HubMember& member) {
  const auto found = texts_.find(std::exchange(member.text, 0));
  if (found != texts_.end() && --found->second.readers == 0) texts_.erase(found);
}

MessageRef Hub::NextOfText(HubMember& member) {
  if (!texts_.contains(member.text)) {
    member.text = FindText(member.text_from);
    member.text_sent = 0;
    ++texts_.at(member.text).readers;
  }
  const OtText& text = texts_.at(member.text);
  const size_t offset = member.text_sent;
  const size_t size = std::min(kPieceBytesMax, text.text.size() - offset);
  std::string key = "t" + std::to_string(member.text) + "+" + std::to_string(offset);
  std::optional<MessageRef> ref = shared_.Find(key);
  if (!ref) {
    ref = shared_.Put(std::move(key), ToMessage(Snapshot{.channel = channel_,
                                                         .revision = text.revision,
                                                         .offset = offset,
                                                         .total = text.text.size(),
                                                         .piece = text.text.substr(offset, size)}));
  }
  member.text_sent += size;
  if (member.text_sent == text.text.size()) {
    member.revision = text.revision;
    StopReading(member);
  }
  return *ref;
}

uint64_t Hub::FindText(uint64_t from) {
  if (!texts_.empty()) {
    const auto& [id, latest] = *texts_.rbegin();
    if (latest.revision >= from && ot_->CanFollow(latest.revision)) return id;
  }
  // Who was reading the earliest begins anew.
  if (texts_.size() >= kTextsMax) texts_.erase(texts_.begin());
  const uint64_t id = next_text_++;
  texts_.emplace(id, OtText{.revision = ot_->revision(), .text = ot_->Text()});
  return id;
}

void Hub::Lag(SessionId session) {
  const auto found = members_.find(session);
  if (found == members_.end() || !found->second.is_live) return;
  HubMember& member = found->second;
  // What it is said to have below.
  TellFresh();
  member.is_live = false;
  if (ot_) {
    member.revision = ot_->revision();
  } else {
    member.known.Join(rga_.version());
    member.position = rga_.end_position();
  }
}

bool Hub::TellWhoLeft(SessionId session, HubMember& member) {
  size_t told = 0;
  for (; told < kNewsAtOnce && !member.left.empty(); ++told) {
    const SessionId other = *member.left.begin();
    member.left.erase(member.left.begin());
    // Who has come back since is among the rest.
    if (presence_.Has(other)) continue;
    member.news.erase(other);
    for (PresenceTable::News& news : presence_.About(other)) Send(session, std::move(news.message));
  }
  return told > 0;
}

bool Hub::TellWhatWasMissed(SessionId session, HubMember& member) {
  const bool has_missed = !member.news.empty();
  for (size_t told = 0; told < kNewsAtOnce && !member.news.empty(); ++told) {
    const SessionId other = *member.news.begin();
    member.news.erase(member.news.begin());
    for (PresenceTable::News& news : presence_.About(other)) Send(session, std::move(news.message));
  }
  return has_missed;
}

void Hub::Tell(const std::vector<PresenceTable::News>& all) {
  for (const PresenceTable::News& news : all) {
    std::vector<SessionId> to;
    for (auto& [session, member] : members_) {
      if (session == news.session) continue;
      if (member.is_live) {
        to.push_back(session);
        continue;
      }
      if (news.message.kind == MessageKind::kPart) member.left.insert(news.session);
      if (member.news.insert(news.session).second && member.news.size() == kNewsMax) {
        output_.expels.push_back(
            {.session = session,
             .error = {ErrorCode::kTooSlow, "more have come and gone than it may miss"}});
      }
    }
    SendToAll(std::move(to), news.message);
  }
}

void Hub::Broadcast(const Message& message, SessionId but) {
  std::vector<SessionId> to;
  for (const auto& [session, member] : members_) {
    if (member.is_live && session != but) to.push_back(session);
  }
  SendToAll(std::move(to), message);
}

void Hub::SendToAll(std::vector<SessionId> to, const Message& message) {
  if (to.empty()) return;
  output_.sends.push_back(HubSend{.to = std::move(to), .message = pool_->Put(message)});
}

}  // namespace cotext::sync
