// What a document at a server is, for a search through its states (description.h).
#include <optional>

#include "crdt/version_vector.h"
#include "document/check.h"
#include "sync/description.h"
#include "sync/hub.h"

namespace cotext::sync {

void Hub::Describe(Description& to) const {
  COTEXT_CHECK(!ot_);
  COTEXT_CHECK(!has_fresh());
  to.Number(static_cast<uint64_t>(state_));
  to.Number(static_cast<uint64_t>(identity_));
  for (const uint8_t byte : id_.bytes) to.Number(byte);
  rga_.Describe(to);
  to.Number(members_.size());
  for (const auto& [session, member] : members_) {
    to.Number(session);
    DescribeMember(member, to);
  }
  to.Number(was_entered_ ? 1 : 0);
  to.Number(opening_.size());
  for (const Opening& opening : opening_) {
    to.Number(opening.session);
    to.Bytes(opening.user);
    to.Number(opening.rights);
    to.Add(ToMessage(opening.open));
  }
  presence_.Describe(to);
  shared_.Describe(to);
  DescribeCalls(to);
}

void Hub::DescribeMember(const HubMember& member, Description& to) const {
  to.Bytes(member.user);
  to.Number(member.rights);
  to.Number(member.writer);
  to.Number(member.is_seen ? 1 : 0);
  to.Number(member.is_live ? 1 : 0);
  // When it falls behind, it has all that is durable then, too, and looks for more at the end.
  VersionVector known = member.known;
  if (member.is_live) known.Join(rga_.version());
  to.Bytes(known.Encode());
  to.Number(member.is_live ? 0 : member.position);
  to.Number(member.base_sent);
  to.Number(member.untold_writers.size());
  for (const uint64_t writer : member.untold_writers) to.Number(writer);
  to.Number(member.news.size());
  for (const SessionId other : member.news) to.Number(other);
  to.Number(member.left.size());
  for (const SessionId other : member.left) to.Number(other);
  to.Number(member.is_asked ? 1 : 0);
  to.Number(member.unacknowledged.size());
  for (const auto& [writer, mark] : member.unacknowledged) {
    to.Number(writer);
    to.Number(mark.upto);
    to.Number(mark.is_received_told ? 1 : 0);
    const uint64_t tell_ms = mark.since_ms + options_.received_ack_ms;
    to.Due(mark.is_received_told ? std::nullopt : std::optional(tell_ms));
  }
}

void Hub::DescribeCalls(Description& to) const {
  to.Number(calls_);
  to.Number(has_failed_ ? 1 : 0);
  to.Due(state_ == State::kFailed ? std::optional(retry_at_ms_) : std::nullopt);
  to.Number(appending_.size());
  for (const Appending& appending : appending_) {
    to.Number(appending.bytes);
    to.Number(static_cast<uint64_t>(appending.kind));
  }
  to.Number(position_);
  to.Number(appended_bytes_);
  to.Number(snapshot_bytes_);
  to.Number(is_compacting_ ? 1 : 0);
  to.Number(failed_snapshots_);
  // What is read or copied is known from the store and what is there.
  to.Number(restoring_ ? restoring_->log.position() : 0);
  to.Number(restoring_ ? restoring_->next : 0);
  to.Number(compacting_ ? compacting_->up_to : 0);
  to.Number(compacting_ ? compacting_->next : 0);
  to.Number(compacting_ ? compacting_->pieces : 0);
  to.Number(is_preparing_ ? 1 : 0);
  to.Due(RestDue());
  to.Number(early_.size());
  for (const Early& early : early_) {
    to.Number(early.session);
    to.Bytes(early.update);
    to.Number(early.left ? 1 : 0);
    if (!early.left) continue;
    to.Bytes(early.left->user);
    to.Number(early.left->rights);
    to.Number(early.left->writer);
  }
  to.Number(may_have_ready_ ? 1 : 0);
  to.Number(dropped_.size());
  for (const SessionId session : dropped_) to.Number(session);
  to.Number(may_ask_dropped_ ? 1 : 0);
}

}  // namespace cotext::sync
