// What a hub does in steps, so that no input holds up its server: it reads a long log, builds the
// document that uploads need, takes what came too early, copies the pieces of a snapshot. The first
// step is done at once, which for most documents is all.
//
// While it goes on, everything else does, too. What is appended meanwhile comes behind the snapshot
// that is being made: its pieces do not change, and it has had the rest since it was begun; of an
// OT document, since its text was copied. Uploads that come too early wait, those of all sessions
// in one row, and count as on their way to the store; also those of who has left meanwhile, of whom
// it is remembered what he might do.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sync/hub.h"

namespace cotext::sync {

void Hub::Step(uint64_t now_ms) {
  if (restoring_) return RestoreSome(now_ms);
  // Neither holds up the other.
  if (compacting_) CopySome();
  if (!has_upload_steps()) return;
  is_preparing_ = false;
  TakeEarly(now_ms);
}

// Loading.

void Hub::RestoreSome(uint64_t now_ms) {
  StoredLog& log = restoring_->log;
  const size_t count = log.snapshot.size() + log.tail.size();
  for (size_t bytes = 0; restoring_->next < count; ++restoring_->next) {
    if (bytes >= options_.copy_bytes) return;
    const size_t place = restoring_->next;
    const size_t behind = place - std::min(place, log.snapshot.size());
    Record& record = place < log.snapshot.size() ? log.snapshot[place] : log.tail[behind];
    bytes += record.bytes.size();
    restoring_->bytes_left -= record.bytes.size();
    if (auto restored = RestoreRecord(record); !restored) {
      SetEngine(restoring_->engine_before);  // Whoever has it open still speaks of that.
      restoring_.reset();
      return OnLoadFailed(std::move(restored).error(), now_ms);
    }
    record.bytes = std::string();
  }
  restoring_.reset();
  state_ = State::kReady;
  has_failed_ = false;
  if (!ot_) AcknowledgeDurable();
  // What the store was not known to have may be there.
  for (auto& [session, member] : members_) TellAllWriters(member);
  AdmitAll();
}

// Uploads.

bool Hub::IsPrepared() {
  if (is_preparing_) return false;
  const Expected<bool> is_there = rga_.Prepare(options_.merge_bytes);
  // What is wrong with the history Take finds again, and says.
  is_preparing_ = is_there.has_value() && !*is_there;
  return !is_preparing_;
}

bool Hub::CanRest() const {
  const bool is_needed = has_upload_steps() || rga_.has_waiting() || !rga_.is_idle();
  return !ot_ && rga_.has_document() && !is_needed;
}

std::optional<uint64_t> Hub::RestDue() const {
  if (!CanRest()) return std::nullopt;
  return uploaded_at_ms_ + options_.rest_ms;
}

void Hub::Rest(uint64_t idle_ms, uint64_t now_ms) {
  if (CanRest() && now_ms >= uploaded_at_ms_ + idle_ms) rga_.Rest();
}

void Hub::TakeEarly(uint64_t now_ms) {
  uploaded_at_ms_ = now_ms;
  for (size_t bytes = 0; !early_.empty() && bytes < options_.merge_bytes && IsPrepared();) {
    Early early = std::move(early_.front());
    early_.pop_front();
    bytes += early.update.size();
    early_bytes_ -= early.update.size();
    if (early.left) {
      TakeOfWhoLeft(std::move(early));
    } else {
      TakeUpdate(early.session, members_.at(early.session), std::move(early.update), now_ms);
    }
  }
  if (early_.empty()) TakeWaiting(now_ms);
}

// Snapshots.

// For one that fails all was written in vain: the next is made when twice as much was appended.
void Hub::MaybeCompact() {
  constexpr size_t kDoublingsMax = 6;
  const size_t doublings = std::min(failed_snapshots_, kDoublingsMax);
  const size_t due = std::max(options_.compact_bytes_min, snapshot_bytes_) << doublings;
  if (appended_bytes_ < due || is_compacting_ || (ot_ && ot_->is_truncating())) return;
  is_compacting_ = true;
  appended_bytes_ = 0;
  compacting_ = Compacting{.up_to = position_};
  compacting_->records.push_back(IdentityRecord());
  if (ot_) {
    ot_->BeginSnapshot();
  } else {
    std::ranges::move(rga_.FirstRecords(), std::back_inserter(compacting_->records));
    compacting_->pieces = rga_.piece_count();
    compacting_->open = rga_.OpenRecords();
  }
  CopySome();
}

void Hub::CopySome() {
  Compacting& made = *compacting_;
  if (ot_) {
    std::optional<OtHost::Made> whole = ot_->MakeSnapshot(options_.copy_bytes, position_);
    if (!whole) return;
    made.up_to = whole->up_to;
    made.open = std::move(whole->records);
  }
  for (size_t bytes = 0; made.next < made.pieces; ++made.next) {
    if (bytes >= options_.copy_bytes) return;
    made.records.push_back(rga_.PieceRecord(made.next));
    bytes += made.records.back().bytes.size();
  }
  std::ranges::move(made.open, std::back_inserter(made.records));
  Compact(made.up_to, std::move(made.records));
  compacting_.reset();
}

}  // namespace cotext::sync
