#include "crdt/rga.h"

#include <algorithm>
#include <string>

#include "crdt/change_export.h"
#include "document/check.h"
#include "document/utf8.h"

namespace cotext {

Rga::Rga(ReplicaId replica, const SequenceOptions& options)
    : replica_(replica), sequence_(options) {
  COTEXT_CHECK(IsValid(replica));
}

void Rga::SetReplica(ReplicaId replica) {
  COTEXT_CHECK(IsValid(replica));
  replica_ = replica;
}

// Local edits.

Expected<void> Rga::CheckRoom(uint64_t operations, uint64_t bytes) const {
  if (history_.graph.end().value + operations > kIndexLimit ||
      history_.text.bytes() + bytes > kIndexLimit || next_counter() > kIdLimit - operations) {
    return MakeError(ErrorCode::kTooLarge, "the document would have too many operations");
  }
  return {};
}

Expected<Rga::Edit> Rga::Replace(uint64_t position, uint64_t count, std::string_view text) {
  const uint64_t length = sequence_.metrics().code_points;
  if (position > length || count > length - position) {
    return MakeError(ErrorCode::kOutOfRange, "[" + std::to_string(position) + ", +" +
                                                 std::to_string(count) +
                                                 ") is not within the document's " +
                                                 std::to_string(length) + " characters");
  }
  if (!IsValidUtf8(text)) return MakeError(ErrorCode::kInvalidUtf8, "the text is not UTF-8");
  COTEXT_RETURN_IF_ERROR(CheckRoom(count + text.size(), text.size()));
  Edit edit{.erased = {}, .inserted = {.first = history_.text.end(), .length = 0}};
  if (count > 0) edit.erased = EraseLocally(position, static_cast<uint32_t>(count));
  const auto inserted = static_cast<uint32_t>(CountCodePoints(text));
  if (inserted > 0) edit.inserted = InsertLocally(position, text, inserted);
  return edit;
}

OpId Rga::AppendLocal(uint32_t count) {
  const OpId first{.counter = next_counter(), .replica = replica_};
  history_.graph.Append(first, count, history_.graph.Heads());
  return first;
}

ElementRanges Rga::EraseLocally(uint64_t position, uint32_t count) {
  AppendLocal(count);
  ElementRanges erased = sequence_.EraseVisible(history_, position, count);
  for (const ElementRange& range : erased) {
    history_.log.AppendDelete(range.length, range.first, /*backward=*/false);
  }
  return erased;
}

ElementRange Rga::InsertLocally(uint64_t position, std::string_view text, uint32_t count) {
  const Sequence::Gap gap = sequence_.GapAt(position);
  const OpId id = AppendLocal(count);
  const Lv first = history_.text.end();
  history_.AppendInsert(text, count, gap.origin);
  // The id is greater than all others: nothing is skipped.
  sequence_.Insert(history_, gap, first, count, id);
  return ElementRange{.first = first, .length = count};
}

// Remote changes.

Expected<std::vector<Rga::Effect>> Rga::Integrate(const ChangeView& change, Effects effects) {
  auto resolved = ResolveChange(history_, change);
  if (!resolved) return std::unexpected(std::move(resolved).error());
  std::vector<Effect> done;
  if (resolved->length == 0) return done;
  history_.graph.Append(resolved->first, resolved->length, resolved->parents);
  OpId id = resolved->first;
  for (const Step& step : resolved->steps) {
    if (step.is_insert) {
      const ElementRange inserted = ApplyInsert(step, id);
      if (effects == Effects::kCollect) {
        done.push_back(Effect{.position = sequence_.RankOf(inserted.first).position,
                              .erased = 0,
                              .inserted = inserted});
      }
    } else {
      const std::vector<Effect> erased = ApplyDelete(step, effects);
      done.insert(done.end(), erased.begin(), erased.end());
    }
    id.counter += step.length;
  }
  return done;
}

ElementRange Rga::ApplyInsert(const Step& step, OpId id) {
  const Lv first = history_.text.end();
  history_.AppendInsert(step.text, step.length, step.reference);
  const Sequence::Gap gap = sequence_.IntegrationGap(history_, step.reference, id);
  sequence_.Insert(history_, gap, first, step.length, id);
  return ElementRange{.first = first, .length = step.length};
}

std::vector<Rga::Effect> Rga::ApplyDelete(const Step& step, Effects effects) {
  history_.log.AppendDelete(step.length, step.reference, step.backward);
  std::vector<Effect> done;
  Lv at = step.backward ? step.reference - (step.length - 1) : step.reference;
  for (uint32_t left = step.length; left > 0;) {
    const uint64_t position =
        effects == Effects::kCollect ? sequence_.RankOf(at).position : uint64_t{0};
    const Sequence::Erased erased = sequence_.EraseElements(history_, at, left);
    if (effects == Effects::kCollect && erased.was_visible) {
      done.push_back(Effect{
          .position = position, .erased = erased.length, .inserted = {.first = at, .length = 0}});
    }
    at = at + erased.length;
    left -= erased.length;
  }
  return done;
}

// Export.

Update Rga::ChangesSince(const VersionVector& known) const {
  return ExportChanges(history_, history_.graph.Since(known));
}

Update Rga::OwnChangesFrom(uint64_t counter) const {
  return ExportChanges(history_, history_.graph.OfReplica(replica_, counter));
}

void Rga::CheckInvariants() const {
  history_.CheckInvariants();
  sequence_.CheckInvariants(history_);
}

}  // namespace cotext
