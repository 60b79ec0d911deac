// What a hub does with edits: from a session to the store, and from there to all.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crdt/codec/update_codec.h"
#include "crdt/codec/update_tools.h"
#include "crdt/ids.h"
#include "crdt/version_vector.h"
#include "document/check.h"
#include "document/sort.h"
#include "sync/hub.h"

namespace cotext::sync {
namespace {

// Good as long as the member.
Uploader UploaderOf(SessionId session, const HubMember& member) {
  return Uploader{
      .session = session, .user = member.user, .rights = member.rights, .writer = member.writer};
}

}  // namespace

bool Hub::CanTake(SessionId session, Engine engine, size_t bytes) {
  if (engine != engine_) {
    Expel(session, {ErrorCode::kBadMessage, "an edit for a document of the other engine"});
    return false;
  }
  const size_t all = pending_bytes_ + early_bytes_ + bytes;
  if (state_ != State::kReady || all > options_.pending_bytes_max) {
    SendError(session, {.channel = channel_,
                        .code = ErrorCode::kStorageFailed,
                        .retry_after_ms = options_.store_retry_ms,
                        .text = "the store does not take anything now"});
    return false;
  }
  return true;
}

void Hub::OnUpdate(SessionId session, HubMember& member, const Message& message, uint64_t now_ms) {
  Expected<UpdateMessage> read = ReadUpdate(message);
  if (!read) return Expel(session, std::move(read.error()));
  if (!CanTake(session, Engine::kRga, read->update.size())) return;
  uploaded_at_ms_ = now_ms;
  if (!early_.empty() || !IsPrepared()) {
    early_bytes_ += read->update.size();
    early_.push_back(Early{.session = session, .update = std::move(read->update)});
    return;
  }
  TakeUpdate(session, member, std::move(read->update), now_ms);
  TakeWaiting(now_ms);
}

void Hub::TakeUpdate(SessionId session, HubMember& member, std::string update, uint64_t now_ms) {
  const Uploader uploader = UploaderOf(session, member);
  Expected<RgaHost::Taken> taken = rga_.Take(uploader, std::move(update));
  if (!taken) return RefuseUpload(session, std::move(taken.error()));
  if (taken->outcome == RgaHost::Outcome::kDropped) {
    // To ask at once would make it come again and again.
    dropped_.insert(session);
    return;
  }
  if (taken->outcome == RgaHost::Outcome::kWaiting) {
    if (std::exchange(member.is_asked, true)) return;
    return Send(session,
                ToMessage(Request{.channel = channel_, .version = rga_.accepted().Encode()}));
  }
  if (taken->outcome == RgaHost::Outcome::kAppend) {
    may_ask_dropped_ = true;
    Append(std::move(taken->records), AppendKind::kUpload);
  }
  if (taken->refused) return RefuseUpload(session, *std::move(taken->refused));
  member.is_asked = false;
  for (const VersionVector::Entry& entry : taken->reaches.entries()) {
    Unacknowledged& mark = member.unacknowledged[entry.replica.value];
    mark.upto = std::max(mark.upto, entry.counter);
    NoteUpload({session, entry.replica.value}, mark, now_ms);
  }
  if (taken->outcome != RgaHost::Outcome::kAppend) AcknowledgeDurable();
}

void Hub::RefuseUpload(SessionId session, Error error) {
  if (error.code == ErrorCode::kHistoryTrimmed) return TurnAway(session, std::move(error));
  Expel(session, std::move(error));
}

// Nobody is told how it went. What is not to be taken now never is: nobody would send what it
// lacks.
void Hub::TakeOfWhoLeft(Early early) {
  const Expected<RgaHost::Taken> taken = rga_.Take({.session = early.session,
                                                    .user = early.left->user,
                                                    .rights = early.left->rights,
                                                    .writer = early.left->writer},
                                                   std::move(early.update));
  if (!taken) return;
  if (taken->outcome == RgaHost::Outcome::kWaiting && !members_.contains(early.session)) {
    rga_.DropFrom(early.session);
  }
  if (taken->outcome != RgaHost::Outcome::kAppend) return;
  may_ask_dropped_ = true;
  Append(taken->records, AppendKind::kUpload);
}

void Hub::TakeWaiting(uint64_t now_ms) {
  may_have_ready_ = false;
  for (size_t bytes = 0; rga_.has_waiting() && IsPrepared();) {
    may_have_ready_ = bytes >= options_.merge_bytes;
    if (may_have_ready_) break;
    auto waiting = rga_.TakeReady();
    if (!waiting) break;
    may_ask_dropped_ = true;
    bytes += waiting->update.size();
    const auto member = members_.find(waiting->from);
    if (member == members_.end()) continue;
    TakeUpdate(waiting->from, member->second, std::move(waiting->update), now_ms);
  }
  if (may_ask_dropped_) AskDropped();
}

// There may be room again for what found none, or what it lacked.
void Hub::AskDropped() {
  may_ask_dropped_ = false;
  if (dropped_.empty()) return;
  const std::string version = rga_.accepted().Encode();
  for (const SessionId session : std::exchange(dropped_, {})) {
    members_.at(session).is_asked = true;
    Send(session, ToMessage(Request{.channel = channel_, .version = version}));
  }
}

void Hub::OnSubmit(SessionId session, HubMember& member, const Message& message, uint64_t now_ms) {
  Expected<Submit> submit = ReadSubmit(message);
  if (!submit) return Expel(session, std::move(submit.error()));
  if (!CanTake(session, Engine::kOt, submit->operation.size())) return;
  const Uploader uploader = UploaderOf(session, member);
  Expected<OtHost::Taken> taken = ot_->Take(uploader, *submit);
  if (!taken) return Expel(session, std::move(taken.error()));
  if (taken->answer) return Send(session, std::move(*taken->answer));
  Unacknowledged& mark = member.unacknowledged[submit->client];
  mark.upto = submit->seq;
  NoteUpload({session, submit->client}, mark, now_ms);
  if (!taken->records.empty()) Append(std::move(taken->records), AppendKind::kUpload);
}

// Whose an id is.

void Hub::OnWriter(SessionId session, HubMember& member, const Message& message) {
  Expected<WriterMessage> named = ReadWriter(message);
  if (!named) return Expel(session, std::move(named.error()));
  if (!CanTake(session, Engine::kRga, named->user.size())) return;
  const Uploader uploader{.session = session, .user = member.user, .rights = member.rights};
  Expected<std::vector<Record>> records = rga_.Name(uploader, *named);
  if (!records) return Expel(session, std::move(records.error()));
  if (!records->empty()) Append(std::move(*records), AppendKind::kUpload);
}

void Hub::TellAllWriters(HubMember& member) const {
  member.untold_writers.clear();
  if (ot_ || (member.rights & kMayRelay) == 0) return;
  const std::vector<uint64_t> writers = rga_.Writers();
  member.untold_writers.insert(writers.begin(), writers.end());
}

void Hub::TellWriters(const std::vector<uint64_t>& writers) {
  if (writers.empty()) return;
  for (auto& [session, member] : members_) {
    if ((member.rights & kMayRelay) == 0) continue;
    for (const uint64_t writer : writers) {
      if (member.is_live) {
        TellWriter(session, writer);
      } else {
        member.untold_writers.insert(writer);
      }
    }
  }
}

void Hub::TellWriter(SessionId session, uint64_t writer) {
  Send(session, ToMessage(WriterMessage{
                    .channel = channel_, .writer = writer, .user = rga_.UserOf(writer)}));
}

void Hub::OnUpdateAppended() {
  Expected<RgaHost::Appended> appended = rga_.OnAppended();
  // It was checked before it was appended.
  COTEXT_CHECK(appended.has_value());
  // Ahead of the update: a relay passes both on in this order.
  TellWriters(appended->writers);
  if (appended->update.empty()) return;
  // What is told together is to fit a piece.
  if (fresh_bytes_ + appended->update.size() > kPieceBytesMax) TellFresh();
  fresh_bytes_ += appended->update.size();
  fresh_.push_back({.session = appended->from, .update = std::move(appended->update)});
}

// A thousand readers are sent one message instead of twenty. Who uploaded some of it gets the
// others one by one: what he has himself he need not get back.
void Hub::TellFresh() {
  if (fresh_.empty()) return;
  std::vector<Upload> fresh = std::exchange(fresh_, {});
  fresh_bytes_ = 0;
  std::vector<SessionId> uploaders;
  std::vector<std::string_view> parts;
  for (const Upload& upload : fresh) {
    uploaders.push_back(upload.session);
    parts.emplace_back(upload.update);
  }
  Sort(uploaders);
  const auto is_uploader = [&](SessionId session) {
    return std::ranges::binary_search(uploaders, session);
  };
  Expected<std::string> merged = std::string();
  if (fresh.size() > 1) merged = MergeUpdates(parts, {}, UpdateLimits::ForAccepted());
  // What is too much to be one update stays several.
  const bool is_one = fresh.size() > 1 && merged.has_value();
  std::vector<SessionId> apart;
  std::vector<SessionId> together;
  for (const auto& [session, member] : members_) {
    if (member.is_live) (is_one && !is_uploader(session) ? together : apart).push_back(session);
  }
  if (is_one) {
    SendToAll(std::move(together),
              ToMessage(UpdateMessage{.channel = channel_, .update = *std::move(merged)}));
  }
  for (Upload& upload : fresh) {
    std::vector<SessionId> to = apart;
    std::erase(to, upload.session);
    SendToAll(std::move(to),
              ToMessage(UpdateMessage{.channel = channel_, .update = std::move(upload.update)}));
  }
  AcknowledgeDurable();
}

void Hub::OnSubmissionAppended() {
  const OtHost::Decided decided = ot_->OnAppended();
  const auto from = members_.find(decided.from);
  if (from != members_.end()) from->second.unacknowledged.erase(decided.client);
  if (decided.commit) Broadcast(*decided.commit, 0);
  if (decided.hash) Broadcast(*decided.hash, 0);
  if (decided.refusal && from != members_.end()) Send(decided.from, *decided.refusal);
  if (auto truncation = ot_->Truncate(options_.commits_max)) {
    Append({*std::move(truncation)}, AppendKind::kTruncation);
  }
}

void Hub::AcknowledgeDurable() {
  for (auto& [session, member] : members_) {
    std::erase_if(member.unacknowledged, [&](const auto& entry) {
      const auto& [writer, mark] = entry;
      if (rga_.version().CounterOf(ReplicaId{.value = writer}) < mark.upto) return false;
      Send(session, ToMessage(Ack{.channel = channel_,
                                  .level = AckLevel::kDurable,
                                  .writer = writer,
                                  .upto = mark.upto}));
      return true;
    });
  }
}

}  // namespace cotext::sync
