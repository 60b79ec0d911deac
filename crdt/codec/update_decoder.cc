#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "crdt/bit_ranges.h"
#include "crdt/codec/element_ids.h"
#include "crdt/codec/neighbour_list.h"
#include "crdt/codec/update_codec.h"
#include "crdt/codec/update_format.h"
#include "crdt/codec/update_packing.h"
#include "document/check.h"
#include "document/made_for_size.h"
#include "document/utf8.h"
#include "document/varint.h"

namespace cotext {
namespace {

using Change = PackedUpdate::Change;
using Kind = PackedOperation::Kind;

// Whether what names elements of its own update is read in a way of its own.
constexpr bool kTakesShortWay = !kMadeForSize;

// Reads the columns one by one, in their order. Each step returns whether it could.
class Decoder {
 public:
  Decoder(bool neighbours, const ReplicaTable* known) : neighbours_(neighbours), known_(known) {}

  bool ReadReplicas(ByteReader& reader);
  bool ReadChanges(ByteReader& reader, uint64_t count);
  // There are at most `text_bytes` of text, and of more elements than that, the text of at most
  // `left_out_max` may have been left out.
  bool ReadLengths(ByteReader& reader, uint64_t text_bytes, uint64_t left_out_max);
  bool ReadReferences(std::string_view references, ByteReader& distances);

  // Whether something was refused for its size only.
  bool is_too_large() const { return is_too_large_; }
  // Whether there are more elements than bytes of text.
  bool exceeds_text() const { return exceeds_text_; }
  // Returns the number of references, after ReadLengths.
  size_t reference_count() const { return lengths_.size(); }
  PackedUpdate TakeUpdate() { return std::move(update_); }

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};
  // As many as most updates name; then nothing is allocated for them.
  static constexpr size_t kFewReplicas = 8;

  std::optional<uint32_t> ReadReplica(ByteReader& reader);
  std::optional<uint32_t> ReplicaOf(uint64_t number);
  uint32_t AddReplica(ReplicaId replica);
  std::optional<Reference> AddId(uint32_t replica, uint64_t counter);
  bool ReadChange(ByteReader& reader);
  bool ReadParents(ByteReader& reader, uint64_t form, uint32_t own_last);
  bool ReadParent(ByteReader& reader);
  bool AddParent(Reference parent, OpId id);
  bool AddParentElsewhere(uint32_t replica, uint64_t counter);
  // Adds the operation `from_end` before the last one of a change that was read.
  bool AddParentIn(size_t change, uint32_t from_end);

  void ReadWithin(std::string_view references, ByteReader& distances, size_t& at, uint64_t& left);
  bool ReadOperation(uint64_t length_and_form, uint8_t reference, ByteReader& distances);
  std::optional<Reference> ReadReference(uint8_t steps, ByteReader& distances);
  std::optional<Reference> ReadDistance(ByteReader& distances);
  std::optional<Reference> Walk(int64_t steps);
  void AddOperation(Kind kind, uint32_t length, Reference reference);
  void Insert(uint32_t length, Reference origin);
  bool DeleteRun(bool backward, uint32_t length, Reference first);
  bool DeleteAlongList(uint32_t length, Reference first);

  const bool neighbours_;
  const ReplicaTable* const known_;
  PackedUpdate update_;
  absl::InlinedVector<ReplicaId, kFewReplicas> fresh_;        // That the update names.
  absl::InlinedVector<uint32_t, kFewReplicas> fresh_places_;  // In update_.replicas.
  IdMap known_places_;                                        // From a number + 1.
  absl::InlinedVector<uint32_t, kFewReplicas> last_of_;       // By replica: its last change so far.
  uint64_t greatest_parent_ = 0;
  OpId last_parent_;               // Of the change being read.
  std::vector<uint64_t> lengths_;  // Of all operations, and their forms.
  NeighbourList list_{false, 0};
  UpdateCursor cursor_;
  size_t change_ = 0;  // The one whose operations are read.
  uint32_t operations_ = 0;
  uint32_t elements_ = 0;
  bool is_too_large_ = false;
  bool exceeds_text_ = false;
};

// Replicas.

bool Decoder::ReadReplicas(ByteReader& reader) {
  // Each takes a byte at least.
  const uint64_t most = reader.remaining();
  const auto add = [this](ReplicaId replica) { fresh_.push_back(replica); };
  if (!ReadFreshReplicas(reader, known_, most, add)) return false;
  fresh_places_.resize(fresh_.size());
  return true;
}

std::optional<uint32_t> Decoder::ReadReplica(ByteReader& reader) {
  const std::optional<uint64_t> number = reader.Varint();
  return number ? ReplicaOf(*number) : std::nullopt;
}

// Returns the place of a replica in the update's own list, to which it is added if need be.
std::optional<uint32_t> Decoder::ReplicaOf(uint64_t number) {
  const uint64_t known = known_ == nullptr ? 0 : known_->size();
  if (number >= known + fresh_.size()) return std::nullopt;
  // Places are counted from 1 where they are kept, 0 is for none.
  uint32_t& place = number >= known ? fresh_places_[static_cast<size_t>(number - known)]
                                    : known_places_[number + 1];
  if (place == 0) {
    const auto at = static_cast<size_t>(number);
    place = AddReplica(number < known ? (*known_)[at] : fresh_[at - static_cast<size_t>(known)]);
  }
  return place - 1;
}

uint32_t Decoder::AddReplica(ReplicaId replica) {
  update_.replicas.push_back(replica);
  last_of_.push_back(kNone);
  return static_cast<uint32_t>(update_.replicas.size());
}

std::optional<Reference> Decoder::AddId(uint32_t replica, uint64_t counter) {
  const OpId id{.counter = counter, .replica = update_.replicas[replica]};
  if (!IsValid(id)) return std::nullopt;
  update_.ids.push_back(id);
  return Reference::Elsewhere(static_cast<uint32_t>(update_.ids.size() - 1));
}

// Changes.

bool Decoder::ReadChanges(ByteReader& reader, uint64_t count) {
  // Each takes two bytes at least.
  if (count > reader.remaining() / 2) return false;
  update_.changes.reserve(static_cast<size_t>(count));
  for (uint64_t i = 0; i < count; ++i) {
    if (!ReadChange(reader)) return false;
  }
  return true;
}

bool Decoder::ReadChange(ByteReader& reader) {
  const std::optional<uint32_t> replica = ReadReplica(reader);
  const std::optional<uint64_t> head = replica ? reader.Varint() : std::nullopt;
  if (!head) return false;
  const uint64_t length = *head >> kParentsFormBits;
  if (length == 0) return false;
  if (length > PackedUpdate::kOperationsMax - update_.end.operation) {
    is_too_large_ = true;
    return false;
  }
  Change& change = update_.end;
  change.replica = *replica;
  greatest_parent_ = 0;
  last_parent_ = OpId{};
  const size_t first_parent = update_.parents.size();
  change.parents = static_cast<uint32_t>(first_parent);
  if (!ReadParents(reader, *head & ((1U << kParentsFormBits) - 1), last_of_[*replica]))
    return false;
  change.first_counter = greatest_parent_ + 1;
  if (length > kIdLimit - change.first_counter) return false;
  update_.changes.push_back(change);
  change.operation += static_cast<uint32_t>(length);
  change.parents = static_cast<uint32_t>(update_.parents.size());
  last_of_[*replica] = static_cast<uint32_t>(update_.changes.size() - 1);
  return true;
}

bool Decoder::ReadParents(ByteReader& reader, uint64_t form, uint32_t own_last) {
  if (form == kNoParents) return true;
  if (form == kChangeBefore) {
    return !update_.changes.empty() && AddParentIn(update_.changes.size() - 1, 0);
  }
  if (form == kOwnBefore) {
    if (own_last != kNone) return AddParentIn(own_last, 0);
    const std::optional<uint64_t> counter = reader.Varint();
    return counter && AddParentElsewhere(update_.end.replica, *counter);
  }
  if (form == kOneParent) return ReadParent(reader);
  if (form != kParentList) return false;
  const std::optional<uint64_t> count = reader.Varint();
  if (!count || *count == 0 || *count > reader.remaining()) return false;
  for (uint64_t i = 0; i < *count; ++i) {
    if (!ReadParent(reader)) return false;
  }
  return true;
}

bool Decoder::ReadParent(ByteReader& reader) {
  const std::optional<uint64_t> head = reader.Varint();
  if (!head) return false;
  const uint64_t rest = *head >> 2U;
  const uint64_t form = *head & 3U;
  if (form == kParentElsewhere) {
    const std::optional<uint32_t> replica = ReplicaOf(rest);
    const std::optional<uint64_t> counter = replica ? reader.Varint() : std::nullopt;
    return counter && AddParentElsewhere(*replica, *counter);
  }
  if (form > kInsideChange || rest >= update_.changes.size()) return false;
  const size_t in = update_.changes.size() - 1 - static_cast<size_t>(rest);
  if (form == kEndOfChange) return AddParentIn(in, 0);
  const std::optional<uint64_t> from_end = reader.Varint();
  return from_end && *from_end > 0 && *from_end < update_.LengthOf(in) &&
         AddParentIn(in, static_cast<uint32_t>(*from_end));
}

bool Decoder::AddParentIn(size_t change, uint32_t from_end) {
  const Change& in = update_.changes[change];
  const uint32_t operation = update_.EndOf(change).operation - 1 - from_end;
  return AddParent(Reference::Within(operation),
                   OpId{.counter = in.first_counter + (operation - in.operation),
                        .replica = update_.replicas[in.replica]});
}

bool Decoder::AddParentElsewhere(uint32_t replica, uint64_t counter) {
  const std::optional<Reference> parent = AddId(replica, counter);
  return parent && AddParent(*parent, update_.ids.back());
}

bool Decoder::AddParent(Reference parent, OpId id) {
  if (id <= last_parent_) return false;
  last_parent_ = id;
  greatest_parent_ = std::max(greatest_parent_, id.counter);
  update_.parents.push_back(parent);
  return true;
}

// Operations. Their lengths come first, for what they come to.

bool Decoder::ReadLengths(ByteReader& reader, uint64_t text_bytes, uint64_t left_out_max) {
  for (size_t i = 0; i < update_.changes.size(); ++i) {
    update_.changes[i].element = update_.end.element;
    for (uint64_t left = update_.LengthOf(i); left > 0;) {
      const std::optional<uint64_t> value = reader.MixedVarint();
      if (!value) return false;
      const uint64_t length = (*value >> 2U) + 1;
      if (length > left) return false;
      update_.end.element += (*value & 3U) == kInsertRun ? static_cast<uint32_t>(length) : 0;
      left -= length;
      lengths_.push_back(*value);
    }
  }
  if (update_.end.element <= text_bytes) return true;
  exceeds_text_ = left_out_max == 0;
  is_too_large_ = !exceeds_text_ && update_.end.element - text_bytes > left_out_max;
  return !exceeds_text_ && !is_too_large_;
}

bool Decoder::ReadReferences(std::string_view references, ByteReader& distances) {
  // Each makes one, but for deletes along the list, which make more.
  update_.operations.resize(lengths_.size());
  list_ = NeighbourList(neighbours_, update_.end.element);
  cursor_ = UpdateCursor::BeginningOf(update_);
  size_t at = 0;
  for (change_ = 0; change_ < update_.changes.size(); ++change_) {
    update_.changes[change_].runs = operations_;
    for (uint64_t left = update_.LengthOf(change_); left > 0;) {
      if (kTakesShortWay && !neighbours_ && !cursor_.is_elsewhere) {
        ReadWithin(references, distances, at, left);
        if (left == 0) break;
      }
      const uint64_t value = lengths_[at];
      if (!ReadOperation(value, static_cast<uint8_t>(references[at++]), distances)) return false;
      left -= (value >> 2U) + 1;
    }
  }
  update_.end.runs = operations_;
  return true;
}

// Reads operations from number `at` on, up to the end of the change, `left` away, or to one that
// names an element from elsewhere or is wrong: ReadOperation has it all, and takes twice as long.
// What they do and what they name is as good as random, so nothing here branches on it.
// REQUIRES: there is no list, and the cursor is within the update.
void Decoder::ReadWithin(std::string_view references, ByteReader& distances, size_t& at,
                         uint64_t& left) {
  static_assert(kInsertRun == static_cast<int>(Kind::kInsert) &&
                kDeleteUpwards == static_cast<int>(Kind::kDeleteForward) &&
                kDeleteDownwards == static_cast<int>(Kind::kDeleteBackward));
  const uint64_t* const lengths = lengths_.data();
  COTEXT_DCHECK(operations_ == at);  // Without a list, each reference is one operation.
  PackedOperation* const operations = update_.operations.data();
  ByteReader rest = distances;
  size_t i = at;
  uint64_t togo = left;
  // Places, as in the list that there is none of: elements are numbered from 1, and the root is 0.
  int64_t place = cursor_.place;
  int64_t end = elements_;
  for (; togo > 0; ++i) {
    const auto steps = static_cast<uint8_t>(references[i]);
    const auto [distance, distance_size] = rest.PeekShort();
    const int64_t far_mask = -static_cast<int64_t>(steps == kFar);
    const int64_t near = place + UnZigZag(steps - 1U);
    const int64_t far = end + 1 - int64_t{distance / 2};
    const int64_t to = near ^ ((near ^ far) & far_mask);
    // What is far is behind the root, and no odd number.
    const int64_t least = far_mask & 1;
    const bool is_far = (distance_size > 0) & (distance > 0) & (distance % 2 == 0);
    const bool is_known = steps == kFar ? is_far : steps <= ZigZag(kStepsMax) + 1;
    const auto length = static_cast<int64_t>((lengths[i] >> 2U) + 1);
    const auto form = static_cast<uint32_t>(lengths[i] & 3U);
    // Of a delete: the place in front of it.
    const int64_t before = to - (form == kDeleteDownwards ? length : 1);
    const bool is_insert = form == kInsertRun;
    const bool is_there = is_insert | ((before >= 0) & (before + length <= end));
    if (!(is_known & (to >= least) & (to <= end) & (form != kDeleteAlongList) & is_there)) break;
    end += is_insert ? length : 0;
    place = is_insert ? end : before;
    operations[i].length = static_cast<uint32_t>(length);
    // The root is the number before 0.
    operations[i].reference = Reference::WithinOrRoot(static_cast<uint32_t>(to - 1));
    operations[i].kind = static_cast<Kind>(form);
    rest.Skip(distance_size & static_cast<uint32_t>(far_mask));
    togo -= static_cast<uint64_t>(length);
  }
  operations_ = static_cast<uint32_t>(i);
  at = i;
  left = togo;
  distances = rest;
  list_.Insert(NeighbourList::kNowhere, static_cast<uint32_t>(end) - elements_);
  elements_ = static_cast<uint32_t>(end);
  cursor_.MoveTo(static_cast<uint32_t>(place));
}

bool Decoder::ReadOperation(uint64_t length_and_form, uint8_t steps, ByteReader& distances) {
  const auto length = static_cast<uint32_t>((length_and_form >> 2U) + 1);
  const std::optional<Reference> reference = ReadReference(steps, distances);
  if (!reference) return false;
  switch (length_and_form & 3U) {
    case kInsertRun: Insert(length, *reference); return true;
    case kDeleteUpwards: return DeleteRun(/*backward=*/false, length, *reference);
    case kDeleteDownwards: return DeleteRun(/*backward=*/true, length, *reference);
    default: return DeleteAlongList(length, *reference);
  }
}

std::optional<Reference> Decoder::ReadReference(uint8_t steps, ByteReader& distances) {
  if (steps == kFar) return ReadDistance(distances);
  if (steps > ZigZag(kStepsMax) + 1) return std::nullopt;
  return Walk(UnZigZag(steps - 1U));
}

std::optional<Reference> Decoder::ReadDistance(ByteReader& distances) {
  const std::optional<uint64_t> value = distances.Varint();
  if (!value) return std::nullopt;
  if (*value == 0) return Reference();
  const uint64_t rest = *value >> 1U;
  if ((*value & 1U) == 0) {
    if (rest > elements_) return std::nullopt;
    return Reference::Within(elements_ - static_cast<uint32_t>(rest));
  }
  const std::optional<uint32_t> replica = ReplicaOf(rest);
  const std::optional<uint64_t> back = replica ? distances.Varint() : std::nullopt;
  // A zigzag takes a bit more than the difference.
  if (!back || *back >= 2 * kIdLimit) return std::nullopt;
  const auto first = static_cast<int64_t>(update_.changes[change_].first_counter);
  return AddId(*replica, static_cast<uint64_t>(first - UnZigZag(*back)));
}

std::optional<Reference> Decoder::Walk(int64_t steps) {
  if (cursor_.is_elsewhere) {
    OpId id = cursor_.id;
    id.counter += static_cast<uint64_t>(steps);
    if (!IsValid(id)) return std::nullopt;
    update_.ids.push_back(id);
    return Reference::Elsewhere(static_cast<uint32_t>(update_.ids.size() - 1));
  }
  const uint32_t place = list_.Walk(cursor_.place, steps);
  if (place == NeighbourList::kNowhere) return std::nullopt;
  if (place == NeighbourList::kRootPlace) return Reference();
  return Reference::Within(NeighbourList::ElementAt(place));
}

void Decoder::AddOperation(Kind kind, uint32_t length, Reference reference) {
  if (operations_ == update_.operations.size()) update_.operations.emplace_back();
  PackedOperation& operation = update_.operations[operations_++];
  operation.length = length;
  operation.reference = reference;
  operation.kind = kind;
}

void Decoder::Insert(uint32_t length, Reference origin) {
  AddOperation(Kind::kInsert, length, origin);
  list_.Insert(origin.is_elsewhere() ? NeighbourList::kNowhere
               : origin.is_root()    ? NeighbourList::kRootPlace
                                     : NeighbourList::PlaceOf(origin.number()),
               length);
  elements_ += length;
  cursor_.MoveTo(NeighbourList::PlaceOf(elements_ - 1));
}

bool Decoder::DeleteRun(bool backward, uint32_t length, Reference first) {
  if (first.is_root()) return false;
  const Kind kind = backward ? Kind::kDeleteBackward : Kind::kDeleteForward;
  if (first.is_elsewhere()) {
    OpId before = update_.ids[first.place()];
    const uint64_t reach = length - 1;
    if (backward ? before.counter <= reach : kIdLimit - before.counter <= reach) return false;
    before.counter -= backward ? length : 1;
    AddOperation(kind, length, first);
    cursor_.MoveElsewhere(before);
    return true;
  }
  const uint32_t at = first.number();
  if (backward ? at + 1 < length : length > elements_ - at) return false;
  AddOperation(kind, length, first);
  cursor_.MoveTo(list_.Erase(backward ? at + 1 - length : at, length));
  return true;
}

// Each element on the way is deleted now and never again: in all no more steps than elements.
bool Decoder::DeleteAlongList(uint32_t length, Reference first) {
  if (!list_.kept() || !first.is_within()) return false;
  uint32_t at = first.number();
  for (uint32_t left = length;;) {
    const uint32_t run = list_.RunFrom(at, std::min(left, elements_ - at));
    if (run == 0) return false;
    AddOperation(Kind::kDeleteForward, run, Reference::Within(at));
    list_.MarkDeleted(at, run);
    left -= run;
    const uint32_t last = NeighbourList::PlaceOf(at + run - 1);
    if (left == 0) {
      cursor_.MoveTo(list_.Join(NeighbourList::PlaceOf(first.number()), last));
      return true;
    }
    const uint32_t place = list_.Next(last);
    if (place == NeighbourList::kNowhere || place == NeighbourList::kRootPlace) return false;
    at = NeighbourList::ElementAt(place);
  }
}

// Text.

// Returns the text with marks where that of deleted elements was left out, if it then is that of
// all elements.
std::optional<std::string> FilledUp(const PackedUpdate& update, std::string_view text) {
  const uint32_t elements = update.end.element;
  const BitRanges deleted = DeletedElements(update);
  uint64_t left_out = 0;
  deleted.ForEachSet(elements, [&left_out](uint32_t, uint32_t length) { left_out += length; });
  if (CountCodePoints(text) != elements - left_out) return std::nullopt;
  std::string filled;
  filled.reserve(text.size() + static_cast<size_t>(left_out));
  uint32_t end = 0;
  deleted.ForEachSet(elements, [&](uint32_t first, uint32_t length) {
    const size_t kept = ByteOfCodePoint(text, first - end);
    filled += text.substr(0, kept);
    filled.append(length, PackedUpdate::kSubstitute);
    text.remove_prefix(kept);
    end = first + length;
  });
  return filled += text;
}

// Finds where the text of each change begins.
void MeasureChanges(PackedUpdate& update) {
  std::string_view rest = update.text;
  const bool all_ascii = update.text.size() == update.end.element;
  uint32_t element = 0;
  for (Change& change : update.changes) {
    if (all_ascii) {
      change.text = change.element;
      continue;
    }
    rest.remove_prefix(ByteOfCodePoint(rest, change.element - element));
    element = change.element;
    change.text = static_cast<uint32_t>(update.text.size() - rest.size());
  }
  update.end.text = static_cast<uint32_t>(update.text.size());
}

std::unexpected<Error> MalformedColumn(std::string_view column) {
  return MakeError(ErrorCode::kMalformedUpdate,
                   "the update's column of " + std::string(column) + " is malformed");
}

std::unexpected<Error> Malformed(const Decoder& decoder, std::string_view column) {
  if (decoder.is_too_large()) {
    return MakeError(ErrorCode::kTooLarge,
                     "the update has more operations or elements than allowed");
  }
  return MalformedColumn(decoder.exceeds_text() ? "text" : column);
}

// The plain form.

Expected<uint8_t> ReadHead(ByteReader& reader) {
  const std::optional<std::string_view> bytes = reader.Bytes(1);
  const auto head = bytes ? static_cast<uint8_t>(bytes->front()) : uint8_t{0};
  if ((head & kUpdateVersionMask) != kUpdateVersion ||
      (head & ~(kUpdateVersionMask | kUpdateFlags)) != 0) {
    return MakeError(ErrorCode::kMalformedUpdate, "the bytes are not an update of this version");
  }
  return head;
}

Expected<void> ReadUpToChanges(Decoder& decoder, uint8_t head, ByteReader& reader) {
  if ((head & kNoNewReplicas) == 0 && !decoder.ReadReplicas(reader)) {
    return Malformed(decoder, "replicas");
  }
  const std::optional<uint64_t> changes = (head & kOneChange) != 0 ? 1 : reader.Varint();
  if (!changes || !decoder.ReadChanges(reader, *changes)) return Malformed(decoder, "changes");
  return {};
}

}  // namespace

Expected<UpdateEncoding> EncodingOf(std::string_view bytes) {
  ByteReader reader(bytes);
  const Expected<uint8_t> head = ReadHead(reader);
  if (!head) return std::unexpected(head.error());
  return UpdateEncoding{.neighbours = (*head & kNeighbours) != 0,
                        .drops_deleted_text = (*head & kDeletedTextLeftOut) != 0};
}

Expected<PackedUpdate> DecodeChanges(std::string_view bytes, const ReplicaTable* known) {
  ByteReader reader(bytes);
  const Expected<uint8_t> head = ReadHead(reader);
  if (!head) return std::unexpected(head.error());
  Decoder decoder(/*neighbours=*/false, known);
  COTEXT_RETURN_IF_ERROR(ReadUpToChanges(decoder, *head, reader));
  return decoder.TakeUpdate();
}

Expected<PackedUpdate> DecodePackedUpdate(std::string_view bytes, const UpdateLimits& limits,
                                          const ReplicaTable* known) {
  ByteReader reader(bytes);
  const Expected<uint8_t> head = ReadHead(reader);
  if (!head) return std::unexpected(head.error());
  Decoder decoder((*head & kNeighbours) != 0, known);
  COTEXT_RETURN_IF_ERROR(ReadUpToChanges(decoder, *head, reader));
  // Every element but those left out has a byte of text.
  const bool lacks_text = (*head & kDeletedTextLeftOut) != 0;
  if (!decoder.ReadLengths(reader, reader.remaining(), lacks_text ? limits.left_out : 0)) {
    return Malformed(decoder, "lengths");
  }
  const auto references = reader.Bytes(decoder.reference_count());
  if (!references || !decoder.ReadReferences(*references, reader)) {
    return Malformed(decoder, "references");
  }
  Expected<PackedUpdate> update = decoder.TakeUpdate();
  COTEXT_RETURN_IF_ERROR(AddText(*update, reader.Rest(), lacks_text));
  return update;
}

Expected<PackedUpdate> DecodeColumns(const UpdateColumns& columns, const UpdateEncoding& encoding,
                                     uint64_t text_bytes, const UpdateLimits& limits) {
  Decoder decoder(encoding.neighbours, encoding.known);
  ByteReader replicas(columns.replicas);
  if (!decoder.ReadReplicas(replicas) || !replicas.done()) return Malformed(decoder, "replicas");
  ByteReader changes(columns.changes);
  const std::optional<uint64_t> count = changes.Varint();
  if (!count || !decoder.ReadChanges(changes, *count) || !changes.done()) {
    return Malformed(decoder, "changes");
  }
  ByteReader lengths(columns.lengths);
  const uint64_t left_out_max = encoding.drops_deleted_text ? limits.left_out : 0;
  if (!decoder.ReadLengths(lengths, text_bytes, left_out_max) || !lengths.done()) {
    return Malformed(decoder, "lengths");
  }
  ByteReader distances(columns.distances);
  if (columns.references.size() != decoder.reference_count()) {
    return Malformed(decoder, "references");
  }
  if (!decoder.ReadReferences(columns.references, distances) || !distances.done()) {
    return Malformed(decoder, "distances");
  }
  return decoder.TakeUpdate();
}

Expected<void> AddText(PackedUpdate& update, std::string_view text, bool lacks_deleted) {
  if (!IsValidUtf8(text) || text.size() > UINT32_MAX) return MalformedColumn("text");
  if (lacks_deleted) {
    std::optional<std::string> filled = FilledUp(update, text);
    if (!filled) return MalformedColumn("text");
    update.text = *std::move(filled);
  } else {
    if (CountCodePoints(text) != update.end.element) return MalformedColumn("text");
    update.text = text;
  }
  MeasureChanges(update);
  return {};
}

Expected<Update> DecodeUpdate(std::string_view bytes, const UpdateLimits& limits) {
  const Expected<PackedUpdate> packed = DecodePackedUpdate(bytes, limits);
  if (!packed) return std::unexpected(packed.error());
  if (CountParts(*packed) > PartsMax(bytes.size(), limits.parts_always)) {
    return MakeError(ErrorCode::kTooLarge, "the update's deletes fall apart into too many pieces");
  }
  return Unpack(*packed);
}

}  // namespace cotext
