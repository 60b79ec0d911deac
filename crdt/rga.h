// The RGA sequence CRDT (Roh, Jeon, Kim, Lee: "Replicated abstract data types: Building blocks for
// collaborative applications", JPDC 2011): one replica's document.
//
// Any set of replicas that integrated the same changes, in any order that respects their parents,
// hold the same text. Deleting leaves tombstones; deleting twice is deleting once.
//
// Each local edit takes one Lamport counter per deleted and per inserted character, deletes first,
// and becomes part of a change whose parents are everything known then. Edits without a remote
// change in between are one change.
//
// Positions and lengths count code points. A local edit is O(log n) beyond the text it touches, and
// O(1) amortised near the last one; integrating is O(log n) per run. A value: copying is a fork, to
// be followed by SetReplica, since a replica has one writer. Thread-compatible.
#ifndef COTEXT_CRDT_RGA_H_
#define COTEXT_CRDT_RGA_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "crdt/change.h"
#include "crdt/codec/base_codec.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/small_update.h"
#include "crdt/element_range.h"
#include "crdt/history.h"
#include "crdt/horizon.h"
#include "crdt/ids.h"
#include "crdt/resolve_change.h"
#include "crdt/resolve_packed.h"
#include "crdt/sequence.h"
#include "crdt/stored_text.h"
#include "crdt/trim.h"
#include "crdt/version_vector.h"
#include "document/error.h"
#include "document/offset.h"

namespace cotext {

class Rga {
 public:
  // What a local edit did.
  struct Edit {
    ElementRanges erased;
    ElementRange inserted;
  };

  // What one step of a remote change did to the visible text: `erased` characters removed at
  // `position`, or the elements `inserted` put there.
  struct Effect {
    uint64_t position;
    uint32_t erased;
    ElementRange inserted;
  };
  // Effects cost a look-up each; whoever has no listeners leaves them out.
  enum class Effects : uint8_t { kIgnore, kCollect };

  // REQUIRES: IsValid(replica).
  explicit Rga(ReplicaId replica, const SequenceOptions& options = {});
  // To be copied is to be read.
  Rga(const Rga& other)
      : replica_(other.replica_), history_(other.history_), sequence_(other.sequence_.Settled()) {}
  Rga(Rga&& other) = default;
  Rga& operator=(const Rga& other) { return *this = Rga(other); }
  Rga& operator=(Rga&& other) = default;
  ~Rga() = default;

  // Returns a replica with the operations of an update that has no text, and the text by itself:
  // that of the visible elements in document order, and of the deleted ones in the order in which
  // they were inserted; or of the latter none, if it was left out. If it was trimmed, it begins
  // with `base`. kMalformedFile: they do not fit together.
  // REQUIRES: IsValid(replica); the texts are valid UTF-8.
  static Expected<Rga> Load(ReplicaId replica, const PackedUpdate& update, const StoredText& text,
                            const SequenceOptions& options = {}, Base base = {});

  ReplicaId replica() const { return replica_; }
  // Goes on under another identity.
  // REQUIRES: IsValid(replica).
  void SetReplica(ReplicaId replica);

  // Replaces `count` characters from `position` by `text`, which goes right behind its left
  // neighbour, before the tombstones. kInvalidUtf8, kOutOfRange or kTooLarge change nothing.
  Expected<Edit> Replace(uint64_t position, uint64_t count, std::string_view text);

  // The same without saying what was done, or why nothing was: returns whether it was done.
  bool ReplaceIfValid(uint64_t position, uint64_t count, std::string_view text);

  // Makes an edit that is as simple as typing an ASCII character, or deleting one, where the last
  // local edit was; returns whether it did. If not, nothing has changed and Replace is to be asked.
  // It and what it calls cost half as part of their only caller.
  [[gnu::always_inline]] inline bool TryReplace(uint64_t position, uint64_t count,
                                                std::string_view text) {
    if (count == 0 && text.size() == 1) return TryType(position, text[0]);
    return count == 1 && text.empty() && TryErase(position);
  }

  // Integrates a change of another replica, or does nothing if it is here already. The errors, of
  // which none changes anything, are those of ResolveChange.
  Expected<std::vector<Effect>> Integrate(const ChangeView& change, Effects effects);

  // Integrates changes in order, up to one that is refused, whose error is returned. A large update
  // takes a fraction of the time of its changes one by one.
  Expected<void> IntegrateAll(const Update& update);

  // What became of an update: what its changes did, in order, up to the first that was refused.
  struct Integration {
    std::vector<Effect> effects;
    Expected<void> result;
  };
  // The same for an update that was decoded. Effects are collected one change after another, which
  // is slower. The update is given back to memory before what it says is put in order, which takes
  // as much again; the second copies it.
  Integration IntegratePacked(PackedUpdate&& update, Effects effects);
  Integration IntegratePacked(const PackedUpdate& update, Effects effects) {
    return IntegratePacked(PackedUpdate(update), effects);
  }
  // The same for an update as small as a keystroke, if it is as simple as most are; returns its
  // effects. If it is not, nothing has changed and IntegratePacked is to be asked.
  std::optional<std::vector<Effect>> TryIntegrate(const SmallUpdate& update, Effects effects);

  // Drops all history below a version; the errors, of which none changes anything, are those of
  // TrimHistory. Elements and operations are numbered anew.
  Expected<Renumbering> Trim(const VersionVector& version);
  // What was trimmed: empty if nothing was.
  const Horizon& horizon() const { return history_.graph.horizon(); }

  // Return what a holder of `known` lacks, in an order that respects parents. If `known` does not
  // cover the horizon, the holder lacks more than that.
  Update ChangesSince(const VersionVector& known) const;
  PackedUpdate PackedSince(const VersionVector& known) const;
  // Returns the first `operations_max` operations of that.
  PackedUpdate PackedSince(const VersionVector& known, uint64_t operations_max) const;
  // Returns how many operations of a replica are behind a counter. O(its changes there).
  uint64_t CountBehind(ReplicaId replica, uint64_t counter) const;
  // Returns this replica's own operations from `counter` on, as far as they were not trimmed.
  Update OwnChangesFrom(uint64_t counter) const;

  // Returns the counter of the next local operation.
  uint64_t next_counter() const { return history_.graph.max_counter() + 1; }
  VersionVector version_vector() const { return history_.graph.Version(); }
  std::vector<OpId> frontier() const { return history_.graph.Frontier(); }

  const History& history() const { return history_; }
  const Sequence& sequence() const { return sequence_; }

  // Returns the bytes that this document has allocated, approximately.
  uint64_t AllocatedBytes() const { return history_.AllocatedBytes() + sequence_.AllocatedBytes(); }

  // Returns whether so many operations, with so much text in them, can still be made here.
  bool HasRoom(uint64_t operations, uint64_t bytes) const {
    return history_.graph.end().value + operations <= PackedUpdate::kOperationsMax &&
           history_.text.bytes() + bytes <= kIndexLimit && next_counter() <= kIdLimit - operations;
  }

  void CheckInvariants() const;

 private:
  using Step = ResolvedChange::Step;

  std::unexpected<Error> RangeError(uint64_t position, uint64_t count) const;
  [[gnu::always_inline]] inline bool TryType(uint64_t position, char character) {
    const Lv element = history_.text.end();
    if (static_cast<unsigned char>(character) >= 0x80U || !HasRoom(1, 1) ||
        !sequence_.TryType(position, element, character)) {
      return false;
    }
    history_.graph.AppendLatest(replica_, 1);
    history_.text.AppendAscii(character);
    history_.log.AppendInsert(1, element - 1);
    return true;
  }
  [[gnu::always_inline]] inline bool TryErase(uint64_t position) {
    if (!HasRoom(1, 0)) return false;
    const ElementRange erased = sequence_.TryErase(history_, position, 1);
    if (erased.length == 0) return false;
    history_.graph.AppendLatest(replica_, 1);
    history_.log.AppendDelete(1, erased.first, /*backward=*/false);
    return true;
  }
  // Integrates a character that somebody typed or deleted who knew all that is here, where the last
  // remote edit was, if it is that.
  [[gnu::always_inline]] inline bool TryKeystroke(const SmallUpdate& update) {
    if (update.length != 1 || update.parent_count != 1 ||
        !history_.graph.IsLatest(update.parents[0])) {
      return false;
    }
    const SmallUpdate::Operation& operation = update.operations[0];
    if (operation.kind != PackedOperation::Kind::kInsert) {
      const std::optional<OpIndex> insert = history_.graph.IndexOf(operation.reference);
      const std::optional<Lv> target = insert ? history_.log.ElementOf(*insert) : std::nullopt;
      if (!target || !sequence_.TryEraseRemotely(history_, *target)) return false;
      history_.graph.AppendLatest(update.first.replica, 1);
      history_.log.AppendDelete(1, *target, /*backward=*/false);
      return true;
    }
    const Lv element = history_.text.end();
    if (update.text.size() != 1 || operation.reference != update.parents[0] ||
        !history_.log.EndsWithInsert() || !sequence_.TryTypeRemotely(element, update.text[0])) {
      return false;
    }
    history_.graph.AppendLatest(update.first.replica, 1);
    history_.text.AppendAscii(update.text[0]);
    history_.log.AppendInsert(1, element - 1);
    return true;
  }
  // Returns whether so many characters can be replaced by a text of this size, none if it is no
  // UTF-8.
  bool MayReplace(uint64_t position, uint64_t count, const std::optional<TextMetrics>& by) const {
    const uint64_t length = sequence_.length();
    return position <= length && count <= length - position && by &&
           HasRoom(count + by->bytes, by->bytes);
  }
  Expected<void> CheckReplace(uint64_t position, uint64_t count, std::string_view text) const;
  void EraseLocally(uint64_t position, uint32_t count, ElementRanges* erased);
  ElementRange InsertLocally(uint64_t position, std::string_view text, const TextMetrics& size);
  bool IsWorthRebuilding(size_t operations) const;
  void IntegrateChanges(const Update& update, Effects effects, bool rebuild,
                        Integration& integration);
  void IntegratePackedChanges(const PackedUpdate& update, Effects effects, bool rebuild,
                              Integration& integration);
  Expected<void> Record(const ChangeView& change);
  void RecordOperations(const PackedUpdate& update, size_t change, const OpIndexes& parents,
                        const PackedResolver& resolver);
  std::vector<Effect> Apply(const ResolvedChange& change, Effects effects);
  ElementRange ApplyInsert(const Step& step, OpId id, bool is_latest);
  std::vector<Effect> ApplyDelete(const Step& step, Effects effects);

  ReplicaId replica_;
  History history_;
  Sequence sequence_;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_RGA_H_
