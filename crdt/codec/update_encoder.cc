#include <algorithm>
#include <cstdlib>
#include <optional>
#include <span>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "crdt/codec/neighbour_list.h"
#include "crdt/codec/update_codec.h"
#include "crdt/codec/update_format.h"
#include "crdt/codec/update_packing.h"
#include "crdt/id_map.h"
#include "document/check.h"
#include "document/sort.h"
#include "document/utf8.h"
#include "document/varint.h"

namespace cotext {
namespace {

using Change = PackedUpdate::Change;
using Kind = PackedOperation::Kind;

// The replicas of an update as the receiver numbers them: those it knows, then the new ones,
// ascending.
class WireReplicas {
 public:
  WireReplicas(std::span<const ReplicaId> replicas, const ReplicaTable* known)
      : numbers_(replicas.size()) {
    absl::InlinedVector<uint32_t, 4> fresh;
    for (uint32_t i = 0; i < replicas.size(); ++i) {
      const auto number = known == nullptr ? std::nullopt : known->Find(replicas[i]);
      if (number) {
        numbers_[i] = *number;
      } else {
        fresh.push_back(i);
      }
    }
    Sort(fresh, {}, [replicas](uint32_t i) { return replicas[i]; });
    const size_t first = known == nullptr ? 0 : known->size();
    for (uint32_t i = 0; i < fresh.size(); ++i) {
      numbers_[fresh[i]] = static_cast<uint32_t>(first + i);
      fresh_.push_back(replicas[fresh[i]]);
    }
  }

  uint32_t NumberOf(uint32_t replica) const { return numbers_[replica]; }
  std::span<const ReplicaId> fresh() const { return fresh_; }

 private:
  absl::InlinedVector<uint32_t, 4> numbers_;
  absl::InlinedVector<ReplicaId, 4> fresh_;
};

class Encoder {
 public:
  Encoder(const PackedUpdate& update, const UpdateEncoding& encoding)
      : update_(update),
        elsewhere_(update.replicas.begin(), update.replicas.end()),
        replicas_(AllReplicas(), encoding.known),
        list_(encoding.neighbours, update.end.element),
        cursor_(UpdateCursor::BeginningOf(update)) {}

  UpdateColumns Encode() {
    AddReplicas();
    AddChanges();
    for (size_t i = 0; i < update_.changes.size(); ++i) AddOperations(i);
    return std::move(columns_);
  }

  bool has_new_replicas() const { return !replicas_.fresh().empty(); }

 private:
  // Adds the replicas of ids from elsewhere to those of the changes.
  std::span<const ReplicaId> AllReplicas() {
    if (update_.ids.empty()) return elsewhere_;
    IdMap seen;
    for (uint32_t i = 0; i < elsewhere_.size(); ++i) seen[elsewhere_[i].value] = i;
    for (const OpId id : update_.ids) {
      const size_t before = seen.size();
      uint32_t& number = seen[id.replica.value];
      if (seen.size() > before) {
        number = static_cast<uint32_t>(elsewhere_.size());
        elsewhere_.push_back(id.replica);
      }
      id_replicas_.push_back(number);
    }
    return elsewhere_;
  }

  void AddReplicas() {
    AppendVarint(columns_.replicas, replicas_.fresh().size());
    uint64_t before = 0;
    for (const ReplicaId replica : replicas_.fresh()) {
      AppendVarint(columns_.replicas, replica.value - before);
      before = replica.value;
    }
  }

  // Changes.

  void AddChanges() {
    constexpr uint32_t kNone = ~uint32_t{0};
    absl::InlinedVector<uint32_t, 4> last_of(update_.replicas.size(), kNone);
    for (size_t i = 0; i < update_.changes.size(); ++i) {
      const Change& change = update_.changes[i];
      AppendVarint(columns_.changes, replicas_.NumberOf(change.replica));
      uint32_t& last = last_of[change.replica];
      AddParents(i, last == kNone ? std::nullopt : std::optional(last));
      last = update_.EndOf(i).operation - 1;
    }
  }

  void AddParents(size_t change, std::optional<uint32_t> own_last) {
    const std::span<const Reference> parents = update_.ParentsOf(change);
    std::string& column = columns_.changes;
    const uint64_t length = uint64_t{update_.LengthOf(change)} << kParentsFormBits;
    if (parents.empty()) {
      AppendVarint(column, length | kNoParents);
      return;
    }
    const Reference parent = parents[0];
    if (parents.size() > 1) {
      AppendVarint(column, length | kParentList);
      AppendVarint(column, parents.size());
      for (const Reference one : parents) AddParent(change, one);
    } else if (parent == Reference::Within(update_.changes[change].operation - 1)) {
      AppendVarint(column, length | kChangeBefore);
    } else if (own_last && parent == Reference::Within(*own_last)) {
      AppendVarint(column, length | kOwnBefore);
    } else if (!own_last && IsOwnElsewhere(change, parent)) {
      AppendVarint(column, length | kOwnBefore);
      AppendVarint(column, update_.IdOf(parent).counter);
    } else {
      AppendVarint(column, length | kOneParent);
      AddParent(change, parent);
    }
  }

  bool IsOwnElsewhere(size_t change, Reference parent) const {
    return parent.is_elsewhere() &&
           update_.ids[parent.place()].replica == update_.replicas[update_.changes[change].replica];
  }

  void AddParent(size_t change, Reference parent) {
    std::string& column = columns_.changes;
    if (parent.is_elsewhere()) {
      AppendVarint(column, uint64_t{NumberOfId(parent)} << 2U | kParentElsewhere);
      AppendVarint(column, update_.ids[parent.place()].counter);
      return;
    }
    const size_t in = update_.ChangeOf(parent.number());
    const uint32_t from_end = update_.EndOf(in).operation - 1 - parent.number();
    AppendVarint(column, (change - 1 - in) << 2U | (from_end == 0 ? kEndOfChange : kInsideChange));
    if (from_end != 0) AppendVarint(column, from_end);
  }

  uint32_t NumberOfId(Reference reference) const {
    return replicas_.NumberOf(id_replicas_[reference.place()]);
  }

  // Operations.

  void AddOperations(size_t change) {
    const std::span<const PackedOperation> operations = update_.OperationsOf(change);
    for (size_t i = 0; i < operations.size();) {
      const PackedOperation& operation = operations[i];
      if (operation.is_insert()) {
        AddInsert(change, operation);
        ++i;
      } else if (operation.reference.is_elsewhere()) {
        AddDeleteElsewhere(change, operation);
        ++i;
      } else {
        i += AddDelete(change, operations.subspan(i));
      }
    }
  }

  void AddLength(uint32_t length, OperationForm form) {
    AppendVarint(columns_.lengths, uint64_t{length - 1} << 2U | form);
  }

  void AddInsert(size_t change, const PackedOperation& operation) {
    AddLength(operation.length, kInsertRun);
    AddReference(change, operation.reference);
    const Reference origin = operation.reference;
    list_.Insert(origin.is_elsewhere() ? NeighbourList::kNowhere : PlaceOf(origin),
                 operation.length);
    elements_ += operation.length;
    cursor_.MoveTo(NeighbourList::PlaceOf(elements_ - 1));
  }

  void AddDeleteElsewhere(size_t change, const PackedOperation& operation) {
    AddLength(operation.length, operation.backward() ? kDeleteDownwards : kDeleteUpwards);
    AddReference(change, operation.reference);
    OpId before = update_.ids[operation.reference.place()];
    before.counter -= operation.backward() ? operation.length : 1;
    cursor_.MoveElsewhere(before);
  }

  // Adds the first of `operations`, and those that run on from it along the list. Returns how many.
  size_t AddDelete(size_t change, std::span<const PackedOperation> operations) {
    const PackedOperation& first = operations[0];
    const uint32_t low =
        first.backward() ? first.reference.number() - (first.length - 1) : first.reference.number();
    const size_t count = list_.kept() && !first.backward() ? MarkAlongList(operations) : 1;
    if (count == 1) {
      AddLength(first.length, first.backward() ? kDeleteDownwards : kDeleteUpwards);
      AddReference(change, first.reference);
      cursor_.MoveTo(list_.Erase(low, first.length));
      return 1;
    }
    uint32_t length = 0;
    for (const PackedOperation& operation : operations.first(count)) length += operation.length;
    AddLength(length, kDeleteAlongList);
    AddReference(change, first.reference);
    const PackedOperation& last = operations[count - 1];
    cursor_.MoveTo(list_.Join(NeighbourList::PlaceOf(low),
                              NeighbourList::PlaceOf(last.reference.number() + last.length - 1)));
    return count;
  }

  // Marks what the first of `operations` delete as long as it stands behind each other in the list
  // and nothing is deleted twice: a list may lead in a circle. Returns how many operations, at
  // least one.
  size_t MarkAlongList(std::span<const PackedOperation> operations) {
    size_t count = 0;
    uint32_t expected = NeighbourList::PlaceOf(operations[0].reference.number());
    for (const PackedOperation& operation : operations) {
      if (operation.kind != Kind::kDeleteForward || !operation.reference.is_within()) break;
      const uint32_t first = operation.reference.number();
      if (NeighbourList::PlaceOf(first) != expected ||
          list_.RunFrom(first, operation.length) != operation.length) {
        break;
      }
      list_.MarkDeleted(first, operation.length);
      expected = list_.Next(NeighbourList::PlaceOf(first + operation.length - 1));
      ++count;
    }
    return std::max<size_t>(count, 1);
  }

  // References.

  static uint32_t PlaceOf(Reference reference) {
    return reference.is_root() ? NeighbourList::kRootPlace
                               : NeighbourList::PlaceOf(reference.number());
  }

  void AddReference(size_t change, Reference reference) {
    const std::optional<int32_t> steps = reference.is_elsewhere()
                                             ? StepsTo(update_.ids[reference.place()])
                                             : StepsTo(PlaceOf(reference));
    columns_.references.push_back(
        static_cast<char>(steps ? static_cast<uint8_t>(ZigZag(*steps) + 1) : kFar));
    if (!steps) AddDistance(change, reference);
  }

  std::optional<int32_t> StepsTo(OpId id) const {
    if (!cursor_.is_elsewhere || cursor_.id.replica != id.replica) return std::nullopt;
    const auto steps = static_cast<int64_t>(id.counter) - static_cast<int64_t>(cursor_.id.counter);
    if (std::abs(steps) > kStepsMax) return std::nullopt;
    return static_cast<int32_t>(steps);
  }

  std::optional<int32_t> StepsTo(uint32_t place) const {
    if (cursor_.is_elsewhere) return std::nullopt;
    if (!list_.kept()) {
      const auto steps = static_cast<int64_t>(place) - static_cast<int64_t>(cursor_.place);
      if (std::abs(steps) > kStepsMax) return std::nullopt;
      return static_cast<int32_t>(steps);
    }
    uint32_t right = cursor_.place;
    uint32_t left = cursor_.place;
    if (place == right) return 0;
    for (int32_t steps = 1; steps <= kStepsMax; ++steps) {
      if (right != NeighbourList::kNowhere) right = list_.Next(right);
      if (right == place) return steps;
      if (left != NeighbourList::kNowhere) left = list_.Previous(left);
      if (left == place) return -steps;
    }
    return std::nullopt;
  }

  void AddDistance(size_t change, Reference reference) {
    if (reference.is_root()) {
      AppendVarint(columns_.distances, 0);
    } else if (reference.is_within()) {
      AppendVarint(columns_.distances, uint64_t{elements_ - reference.number()} << 1U);
    } else {
      AppendVarint(columns_.distances, uint64_t{NumberOfId(reference)} << 1U | 1U);
      const auto counter = static_cast<int64_t>(update_.ids[reference.place()].counter);
      const auto first = static_cast<int64_t>(update_.changes[change].first_counter);
      AppendVarint(columns_.distances, ZigZag(first - counter));
    }
  }

  const PackedUpdate& update_;
  absl::InlinedVector<ReplicaId, 4> elsewhere_;  // Those of the changes, then those of other ids.
  absl::InlinedVector<uint32_t, 4>
      id_replicas_;  // By place in update_.ids: the place of its replica there.
  WireReplicas replicas_;
  NeighbourList list_;
  UpdateCursor cursor_;
  uint32_t elements_ = 0;
  UpdateColumns columns_;
};

}  // namespace

UpdateColumns EncodeColumns(const PackedUpdate& update, const UpdateEncoding& encoding) {
  UpdateColumns columns = Encoder(update, encoding).Encode();
  std::string count;
  AppendVarint(count, update.changes.size());
  columns.changes.insert(0, count);
  return columns;
}

std::string TextWithoutDeleted(const PackedUpdate& update) {
  std::string text;
  std::string_view rest = update.text;
  uint32_t end = 0;
  DeletedElements(update).ForEachSet(update.end.element, [&](uint32_t first, uint32_t length) {
    const size_t kept = ByteOfCodePoint(rest, first - end);
    text += rest.substr(0, kept);
    rest.remove_prefix(kept);
    rest.remove_prefix(ByteOfCodePoint(rest, length));
    end = first + length;
  });
  return text += rest;
}

std::string EncodePackedUpdate(const PackedUpdate& update, const UpdateEncoding& encoding) {
  Encoder encoder(update, encoding);
  const UpdateColumns columns = encoder.Encode();
  uint8_t head = kUpdateVersion;
  if (update.changes.size() == 1) head |= kOneChange;
  if (!encoder.has_new_replicas()) head |= kNoNewReplicas;
  if (encoding.neighbours) head |= kNeighbours;
  if (encoding.drops_deleted_text) head |= kDeletedTextLeftOut;
  std::string bytes(1, static_cast<char>(head));
  if (encoder.has_new_replicas()) bytes += columns.replicas;
  if (update.changes.size() != 1) AppendVarint(bytes, update.changes.size());
  const std::string text = encoding.drops_deleted_text ? TextWithoutDeleted(update) : std::string();
  const std::string& all_text = encoding.drops_deleted_text ? text : update.text;
  bytes.reserve(bytes.size() + columns.changes.size() + columns.lengths.size() +
                columns.references.size() + columns.distances.size() + all_text.size());
  for (const std::string* column :
       {&columns.changes, &columns.lengths, &columns.references, &columns.distances, &all_text}) {
    bytes += *column;
  }
  return bytes;
}

std::string EncodeUpdate(const Update& update, const UpdateEncoding& encoding) {
  return EncodePackedUpdate(Pack(update), encoding);
}

}  // namespace cotext
