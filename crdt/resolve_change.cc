#include "crdt/resolve_change.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>

#include "crdt/codec/packed_update.h"
#include "crdt/element_range.h"
#include "crdt/run_finder.h"
#include "document/check.h"
#include "document/sort.h"
#include "document/utf8.h"

namespace cotext {
namespace {

using Step = ResolvedChange::Step;

std::string Describe(OpId id) {
  return std::to_string(id.counter) + "@" + std::to_string(id.replica.value);
}

// Checks what can be seen without the history.

Expected<void> CheckParents(const ChangeView& change) {
  OpId previous = kRoot;
  for (const OpId parent : change.parents) {
    if (!IsValid(parent)) return MakeError(ErrorCode::kInvalidId, "a parent's id is out of range");
    if (parent <= previous) {
      return MakeError(ErrorCode::kInvalidChange, "the parents are not in ascending order");
    }
    if (parent.counter >= change.first_counter) {
      return MakeError(ErrorCode::kWrongCounter,
                       "parent " + Describe(parent) + " is not before the change");
    }
    previous = parent;
  }
  return {};
}

Expected<void> CheckOperation(const Operation& operation, std::string_view text) {
  if (operation.length == 0 || operation.length >= kIndexLimit) {
    return MakeError(ErrorCode::kInvalidChange, "an operation of impossible length");
  }
  const OpId reference = operation.reference;
  if (operation.kind == Operation::Kind::kInsert) {
    if (reference != kRoot && !IsValid(reference)) {
      return MakeError(ErrorCode::kInvalidId, "an origin's id is out of range");
    }
    if (text.empty() || IsContinuationByte(text.front()) ||
        CountCodePoints(text) != operation.length) {
      return MakeError(ErrorCode::kInvalidChange, "an insert whose text has another length");
    }
    return {};
  }
  const uint64_t reach = operation.length - 1;
  const bool in_range =
      IsValid(reference) &&
      (operation.backward ? reference.counter > reach : kIdLimit - reference.counter > reach);
  if (!in_range) return MakeError(ErrorCode::kInvalidId, "a target's id is out of range");
  if (operation.text_bytes > 0) {
    return MakeError(ErrorCode::kInvalidChange, "a delete with text");
  }
  return {};
}

Expected<void> CheckShape(const ChangeView& change) {
  if (!IsValid(change.replica) || change.first_counter == 0) {
    return MakeError(ErrorCode::kInvalidId, "the change's id is out of range");
  }
  if (change.operations.empty()) {
    return MakeError(ErrorCode::kInvalidChange, "a change without operations");
  }
  COTEXT_RETURN_IF_ERROR(CheckParents(change));
  if (!IsValidUtf8(change.text)) {
    return MakeError(ErrorCode::kInvalidUtf8, "the inserted text is not UTF-8");
  }
  std::string_view text = change.text;
  for (const Operation& operation : change.operations) {
    if (operation.text_bytes > text.size()) {
      return MakeError(ErrorCode::kInvalidChange, "the inserted text is too short");
    }
    COTEXT_RETURN_IF_ERROR(CheckOperation(operation, text.substr(0, operation.text_bytes)));
    text.remove_prefix(operation.text_bytes);
  }
  if (!text.empty()) return MakeError(ErrorCode::kInvalidChange, "the inserted text is too long");
  const uint64_t length = change.Length();
  if (length >= kIdLimit || change.first_counter > kIdLimit - length) {
    return MakeError(ErrorCode::kInvalidId, "the change's counters are out of range");
  }
  return {};
}

// Whether the parents cover an operation: whoever made it named it, or knew it by way of others.
bool CoverOwnLast(const History& history, std::span<const OpIndex> parents,
                  std::optional<OpIndex> own_last) {
  return !own_last || std::ranges::binary_search(parents, *own_last) ||
         history.graph.Covers(parents, *own_last);
}

// Whether two texts are of the same characters, as far as both are known.
bool TextsAgree(std::string_view left, std::string_view right) {
  if (left == right) return true;
  while (!left.empty() && !right.empty()) {
    const size_t left_bytes = CharacterBytes(left.front());
    const size_t right_bytes = CharacterBytes(right.front());
    const bool is_known =
        left.front() != PackedUpdate::kSubstitute && right.front() != PackedUpdate::kSubstitute;
    if (is_known && left.substr(0, left_bytes) != right.substr(0, right_bytes)) return false;
    left.remove_prefix(left_bytes);
    right.remove_prefix(right_bytes);
  }
  return left.empty() && right.empty();
}

// Compares operations that are here already with what a change says of them.
class KnownPart {
 public:
  KnownPart(const History& history, const ChangeView& change)
      : history_(history), change_(change) {}

  // Returns whether the operations with counters from `first` to `last` are here with the same
  // content.
  bool Agrees(uint64_t first, uint64_t last) const {
    uint64_t counter = change_.first_counter;
    std::string_view text = change_.text;
    for (const Operation& operation : change_.operations) {
      if (counter > last) break;
      const auto known =
          static_cast<uint32_t>(std::min<uint64_t>(operation.length, last - counter + 1));
      const auto skipped = static_cast<uint32_t>(
          counter < first ? std::min<uint64_t>(known, first - counter) : uint64_t{0});
      if (!OperationAgrees(operation, counter, {.first = skipped, .last = known},
                           text.substr(0, operation.text_bytes))) {
        return false;
      }
      text.remove_prefix(operation.text_bytes);
      counter += operation.length;
    }
    return true;
  }

 private:
  // Characters [first, last) of an operation.
  struct Part {
    uint32_t first;
    uint32_t last;
  };

  bool OperationAgrees(const Operation& operation, uint64_t counter, Part part,
                       std::string_view text) const {
    if (part.first > 0 && operation.kind == Operation::Kind::kInsert) {
      text.remove_prefix(ByteOfCodePoint(text, part.first));
    }
    for (uint32_t done = part.first; done < part.last;) {
      const OpId id{.counter = counter + done, .replica = change_.replica};
      const OpId before{.counter = id.counter - 1, .replica = id.replica};
      const std::optional<OpIndex> at = history_.graph.IndexOf(id);
      if (!at || !ParentsAgree(*at, id, before)) return false;
      const OpLog::Run run = history_.log.At(*at);
      const uint32_t length =
          std::min({run.length, part.last - done, history_.graph.StretchAt(*at).length});
      if (run.is_insert != (operation.kind == Operation::Kind::kInsert)) return false;
      if (run.is_insert) {
        if (!OriginAgrees(done == 0 ? operation.reference : before, run)) return false;
        const size_t bytes = ByteOfCodePoint(text, length);
        if (!TextsAgree(text.substr(0, bytes), history_.text.Slice(run.element, length))) {
          return false;
        }
        text.remove_prefix(bytes);
      } else if (!TargetsAgree(operation, done, run, length)) {
        return false;
      }
      done += length;
    }
    return true;
  }

  // Consecutive counters need not be one stretch of the graph: each operation of a change but the
  // first has the one before it as its sole parent.
  bool ParentsAgree(OpIndex at, OpId id, OpId before) const {
    const std::span<const OpId> parents =
        id.counter == change_.first_counter ? change_.parents : std::span(&before, 1);
    return std::ranges::equal(history_.graph.ParentsOf(at), parents);
  }

  bool OriginAgrees(OpId origin, const OpLog::Run& run) const {
    return run.reference ==
           (origin == kRoot ? kNoLv : history_.ElementOf(origin).value_or(run.element));
  }

  bool TargetsAgree(const Operation& operation, uint32_t done, const OpLog::Run& run,
                    uint32_t length) const {
    if (length > 1 && operation.backward != run.backward) {
      return TargetsAgreeTurned(operation, done, run, length);
    }
    const uint32_t reach = length - 1;
    OpId id = operation.reference;
    id.counter = operation.backward ? id.counter - done - reach : id.counter + done;
    const Lv lowest = run.backward ? run.reference - reach : run.reference;
    // Not one by one: a few bytes can repeat the deletion of a whole text.
    for (uint32_t i = 0; i < length;) {
      const std::optional<ElementRange> range = history_.ElementsFrom(id, length - i);
      if (!range || range->first != lowest + i) return false;
      id.counter += range->length;
      i += range->length;
    }
    return true;
  }

  // Likewise where upwards by ids is downwards here: in a base, elements are numbered as they
  // stand.
  bool TargetsAgreeTurned(const Operation& operation, uint32_t done, const OpLog::Run& run,
                          uint32_t length) const {
    for (uint32_t i = 0; i < length; ++i) {
      OpId id = operation.reference;
      id.counter = operation.backward ? id.counter - done - i : id.counter + done + i;
      if (history_.ElementOf(id) != (run.backward ? run.reference - i : run.reference + i)) {
        return false;
      }
    }
    return true;
  }

  const History& history_;
  const ChangeView& change_;
};

// Resolves what is new.
class Resolver {
 public:
  Resolver(const History& history, const ChangeView& change)
      : history_(history), change_(change), next_element_(history.text.end()) {}

  Expected<ResolvedChange> Resolve() {
    const uint64_t length = change_.Length();
    const uint64_t last = change_.first_counter + length - 1;
    known_ = history_.graph.CounterOf(change_.replica);
    if (change_.first_counter <= known_) {
      const uint64_t trimmed = history_.graph.horizon().version.CounterOf(change_.replica);
      if (!KnownPart(history_, change_).Agrees(trimmed + 1, std::min(known_, last))) {
        return MakeError(ErrorCode::kReplicaConflict,
                         "replica " + std::to_string(change_.replica.value) +
                             " did something else at or before counter " +
                             std::to_string(std::min(known_, last)));
      }
      if (last <= known_) return std::move(resolved_);
    }
    COTEXT_RETURN_IF_ERROR(CheckRoom(length));
    resolved_.first =
        OpId{.counter = std::max(change_.first_counter, known_ + 1), .replica = change_.replica};
    resolved_.length = static_cast<uint32_t>(last - resolved_.first.counter + 1);
    COTEXT_RETURN_IF_ERROR(ResolveParents());
    COTEXT_RETURN_IF_ERROR(ResolveOperations());
    return std::move(resolved_);
  }

 private:
  // Elements inserted by the change itself, by the counter of the first.
  struct OwnElements {
    uint64_t counter;
    ElementRange range;
  };

  Expected<void> CheckRoom(uint64_t length) const {
    // No more than one update can hold.
    if (history_.graph.end().value + length > PackedUpdate::kOperationsMax ||
        history_.text.bytes() + change_.text.size() > kIndexLimit) {
      return MakeError(ErrorCode::kTooLarge, "the document would have too many operations");
    }
    return {};
  }

  Expected<void> ResolveParents() {
    if (resolved_.first.counter > change_.first_counter) {
      // The rest of a change whose beginning is here continues it.
      const OpId previous{.counter = resolved_.first.counter - 1, .replica = change_.replica};
      return ResolveRest(previous);
    }
    if (!IsHorizon(change_.parents)) COTEXT_RETURN_IF_ERROR(FindParents());
    const uint64_t greatest = change_.parents.empty() ? 0 : change_.parents.back().counter;
    if (change_.first_counter != greatest + 1) {
      return MakeError(ErrorCode::kWrongCounter, "change " + Describe(resolved_.first) +
                                                     " should begin at counter " +
                                                     std::to_string(greatest + 1));
    }
    if (!std::ranges::is_sorted(resolved_.parents)) Sort(resolved_.parents);
    return CheckComplete();
  }

  Expected<void> FindParents() {
    if (change_.parents.empty() && !horizon().empty()) return NotBehindHorizon();
    for (const OpId parent : change_.parents) {
      const std::optional<OpIndex> at = history_.graph.IndexOf(parent);
      if (!at) return MissingParent(parent);
      resolved_.parents.push_back(*at);
    }
    return {};
  }

  // The rest of a change whose operations up to `previous` are here, or were trimmed.
  Expected<void> ResolveRest(OpId previous) {
    if (IsHorizon(std::span(&previous, 1))) return {};
    if (horizon().Covers(previous)) return NotBehindHorizon();
    const std::optional<OpIndex> at = history_.graph.IndexOf(previous);
    COTEXT_CHECK(at.has_value());
    resolved_.parents.push_back(*at);
    return {};
  }

  const Horizon& horizon() const { return history_.graph.horizon(); }
  // Whether parents are what was trimmed, all of it: then there are none here.
  bool IsHorizon(std::span<const OpId> parents) const {
    return !horizon().empty() && std::ranges::equal(parents, horizon().frontier);
  }
  std::unexpected<Error> NotBehindHorizon() const {
    return MakeError(ErrorCode::kHistoryTrimmed, "change " + Describe(resolved_.first) +
                                                     " does not come after what was trimmed");
  }
  // Says that an element is not here.
  std::unexpected<Error> MissingElement(ErrorCode code, const std::string& what, OpId id) const {
    if (!horizon().Covers(id)) return MakeError(code, what + " is not here");
    return MakeError(ErrorCode::kHistoryTrimmed, what + " was trimmed");
  }

  std::unexpected<Error> MissingParent(OpId parent) const {
    if (horizon().Covers(parent)) return NotBehindHorizon();
    // A replica's operations come in order: one that was passed over never comes.
    if (parent.counter < history_.graph.CounterOf(parent.replica)) {
      return MakeError(ErrorCode::kInvalidChange,
                       "parent " + Describe(parent) + " is no operation of its replica");
    }
    return MakeError(ErrorCode::kMissingDependency, "parent " + Describe(parent) + " is not here");
  }

  Expected<void> CheckComplete() const {
    const std::optional<OpIndex> own_last =
        known_ == 0 ? std::nullopt
                    : history_.graph.IndexOf(OpId{.counter = known_, .replica = change_.replica});
    if (AreCompleteParents(history_, resolved_.parents, own_last)) return {};
    if (!CoverOwnLast(history_, resolved_.parents, own_last)) {
      return MakeError(ErrorCode::kIncompleteParents,
                       "change " + Describe(resolved_.first) +
                           " does not come after its replica's previous one");
    }
    return MakeError(ErrorCode::kIncompleteParents,
                     "a parent of " + Describe(resolved_.first) + " comes before another");
  }

  Expected<void> ResolveOperations() {
    resolved_.steps.reserve(change_.operations.size());
    uint64_t counter = change_.first_counter;
    std::string_view text = change_.text;
    for (const Operation& operation : change_.operations) {
      const uint64_t skipped =
          counter >= resolved_.first.counter
              ? 0
              : std::min<uint64_t>(operation.length, resolved_.first.counter - counter);
      if (skipped < operation.length) {
        const auto skip = static_cast<uint32_t>(skipped);
        COTEXT_RETURN_IF_ERROR(
            operation.kind == Operation::Kind::kInsert
                ? ResolveInsert(operation, counter, skip, text.substr(0, operation.text_bytes))
                : ResolveDelete(operation, skip));
      }
      text.remove_prefix(operation.text_bytes);
      counter += operation.length;
    }
    return {};
  }

  Expected<void> ResolveInsert(const Operation& operation, uint64_t counter, uint32_t skip,
                               std::string_view text) {
    const OpId id{.counter = counter + skip, .replica = change_.replica};
    OpId origin = operation.reference;
    if (skip > 0) {
      text.remove_prefix(ByteOfCodePoint(text, skip));
      origin = OpId{.counter = id.counter - 1, .replica = id.replica};
    }
    if (origin >= id) {
      return MakeError(ErrorCode::kOriginNotSmaller,
                       "origin " + Describe(origin) + " of " + Describe(id) + " is not smaller");
    }
    Lv reference = kNoLv;
    if (origin != kRoot) {
      const std::optional<ElementRange> found = ElementsFrom(origin, 1);
      if (!found) {
        return MissingElement(ErrorCode::kUnknownOrigin,
                              "origin " + Describe(origin) + " of " + Describe(id), origin);
      }
      reference = found->first;
    }
    const uint32_t length = operation.length - skip;
    own_finder_.Add(OffsetOf(id.counter), static_cast<uint32_t>(own_.size()));
    OwnElements& own = own_.emplace_back();
    own.counter = id.counter;
    own.range.first = next_element_;
    own.range.length = length;
    next_element_ = next_element_ + length;
    AddStep(/*is_insert=*/true, /*backward=*/false, length, reference).text = text;
    return {};
  }

  Expected<void> ResolveDelete(const Operation& operation, uint32_t skip) {
    const uint32_t length = operation.length - skip;
    OpId low = operation.reference;
    low.counter = operation.backward ? low.counter - skip - (length - 1) : low.counter + skip;
    const size_t first_step = resolved_.steps.size();
    for (uint32_t left = length; left > 0;) {
      const std::optional<ElementRange> found = ElementsFrom(low, left);
      if (!found) {
        return MissingElement(ErrorCode::kUnknownTarget, "target " + Describe(low), low);
      }
      const Lv reference = operation.backward ? found->first + (found->length - 1) : found->first;
      AddStep(/*is_insert=*/false, operation.backward, found->length, reference);
      low.counter += found->length;
      left -= found->length;
    }
    if (operation.backward) {
      std::ranges::reverse(resolved_.steps.begin() + static_cast<ptrdiff_t>(first_step),
                           resolved_.steps.end());
    }
    return {};
  }

  // Field by field: a copy of a step just written would wait until the writes are done.
  Step& AddStep(bool is_insert, bool backward, uint32_t length, Lv reference) {
    Step& step = resolved_.steps.emplace_back();
    step.is_insert = is_insert;
    step.backward = backward;
    step.length = length;
    step.reference = reference;
    return step;
  }

  // Returns the elements with ids from `id` on that are also consecutive here, at most `limit`.
  std::optional<ElementRange> ElementsFrom(OpId id, uint32_t limit) const {
    if (id.replica == change_.replica && id.counter >= resolved_.first.counter) {
      return OwnElementsFrom(id.counter, limit);
    }
    if (id.replica != change_.replica) {
      // Whatever the author knew of others has a lesser counter than the change.
      if (id.counter >= change_.first_counter) return std::nullopt;
      limit = static_cast<uint32_t>(std::min<uint64_t>(limit, change_.first_counter - id.counter));
    }
    return history_.ElementsFrom(id, limit);
  }

  // Returns the number of operations from the first new one to the one with this counter.
  // REQUIRES: it is of the change, and new.
  uint32_t OffsetOf(uint64_t counter) const {
    return static_cast<uint32_t>(counter - resolved_.first.counter);
  }

  std::optional<ElementRange> OwnElementsFrom(uint64_t counter, uint32_t limit) const {
    const auto offset_of = [this](uint32_t i) { return OffsetOf(own_[i].counter); };
    if (own_.empty() || counter < own_.front().counter ||
        counter - own_.front().counter > kIndexLimit) {
      return std::nullopt;
    }
    const OwnElements& found =
        own_[own_finder_.Find(OffsetOf(counter), static_cast<uint32_t>(own_.size()), offset_of)];
    const uint64_t offset = counter - found.counter;
    if (offset >= found.range.length) return std::nullopt;
    const auto skipped = static_cast<uint32_t>(offset);
    return ElementRange{.first = found.range.first + skipped,
                        .length = std::min(limit, found.range.length - skipped)};
  }

  const History& history_;
  const ChangeView& change_;
  ResolvedChange resolved_;
  absl::InlinedVector<OwnElements, 4> own_;
  RunFinder own_finder_;  // By offset.
  Lv next_element_;
  uint64_t known_ = 0;
};

}  // namespace

bool AreCompleteParents(const History& history, std::span<const OpIndex> parents,
                        std::optional<OpIndex> own_last) {
  // Whoever knew all that is here is complete; so it is in almost every live session.
  return history.graph.IsWholeFrontier(parents) ||
         (CoverOwnLast(history, parents, own_last) && history.graph.IsFrontier(parents));
}

Expected<ResolvedChange> ResolveChange(const History& history, const ChangeView& change) {
  COTEXT_RETURN_IF_ERROR(CheckShape(change));
  return Resolver(history, change).Resolve();
}

}  // namespace cotext
