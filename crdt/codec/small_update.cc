#include "crdt/codec/small_update.h"

#include <algorithm>

#include "crdt/codec/update_format.h"
#include "document/utf8.h"
#include "document/varint.h"

namespace cotext {
namespace {

using Kind = PackedOperation::Kind;

// Reads the columns in their order, as the Decoder of update_decoder.cc does. Each step returns
// whether it could.
class SmallReader {
 public:
  SmallReader(std::string_view bytes, const ReplicaTable* known, SmallUpdate& update)
      : reader_(bytes),
        known_(known),
        known_size_(known == nullptr ? 0 : known->size()),
        update_(update) {}

  bool Read() {
    const std::optional<std::string_view> head = reader_.Bytes(1);
    if (!head) return false;
    const auto flags = static_cast<uint8_t>(head->front());
    // A list of neighbours is for references within the update, of which there are none.
    if ((flags & ~(kNoNewReplicas | kNeighbours)) != (kUpdateVersion | kOneChange)) return false;
    return ((flags & kNoNewReplicas) != 0 || ReadReplicas()) && ReadChange() && ReadLengths() &&
           ReadReferences() && ReadText();
  }

 private:
  static constexpr size_t kReplicasMax = 4;

  bool ReadReplicas();
  std::optional<ReplicaId> ReplicaOf(uint64_t number) const;
  bool ReadChange();
  bool ReadParents(uint64_t form);
  bool ReadParent();
  bool AddParent(OpId id);
  bool ReadLengths();
  bool ReadReferences();
  bool ReadReference(uint8_t steps, ByteReader& distances, OpId& reference) const;
  bool ReadDistance(ByteReader& distances, OpId& reference) const;
  bool MoveCursor(const SmallUpdate::Operation& operation);
  bool ReadText();

  ByteReader reader_;
  const ReplicaTable* const known_;
  const uint64_t known_size_;
  SmallUpdate& update_;
  std::array<ReplicaId, kReplicasMax> fresh_;
  size_t fresh_size_ = 0;
  uint64_t elements_ = 0;
  OpId cursor_;  // What the next operation is expected behind, kRoot if it is of this update.
};

bool SmallReader::ReadReplicas() {
  return ReadFreshReplicas(reader_, known_, kReplicasMax,
                           [this](ReplicaId replica) { fresh_[fresh_size_++] = replica; });
}

std::optional<ReplicaId> SmallReader::ReplicaOf(uint64_t number) const {
  if (number < known_size_) return (*known_)[static_cast<size_t>(number)];
  if (number - known_size_ >= fresh_size_) return std::nullopt;
  return fresh_[static_cast<size_t>(number - known_size_)];
}

bool SmallReader::ReadChange() {
  const std::optional<uint64_t> number = reader_.Varint();
  const std::optional<ReplicaId> replica = number ? ReplicaOf(*number) : std::nullopt;
  const std::optional<uint64_t> head = replica ? reader_.Varint() : std::nullopt;
  if (!head) return false;
  const uint64_t length = *head >> kParentsFormBits;
  if (length == 0 || length > PackedUpdate::kOperationsMax) return false;
  update_.first.replica = *replica;
  update_.length = static_cast<uint32_t>(length);
  if (!ReadParents(*head & ((1U << kParentsFormBits) - 1))) return false;
  cursor_ = update_.Parents().back();
  update_.first.counter =
      std::max(update_.parents[0].counter, update_.parents[update_.parent_count - 1].counter) + 1;
  return length <= kIdLimit - update_.first.counter;
}

bool SmallReader::ReadParents(uint64_t form) {
  if (form == kOwnBefore) {
    const std::optional<uint64_t> counter = reader_.Varint();
    return counter && AddParent(OpId{.counter = *counter, .replica = update_.first.replica});
  }
  if (form == kOneParent) return ReadParent();
  if (form != kParentList) return false;
  const std::optional<uint64_t> count = reader_.Varint();
  if (!count || *count == 0 || *count > SmallUpdate::kParentsMax) return false;
  for (uint64_t i = 0; i < *count; ++i) {
    if (!ReadParent()) return false;
  }
  return true;
}

bool SmallReader::ReadParent() {
  const std::optional<uint64_t> head = reader_.Varint();
  if (!head || (*head & 3U) != kParentElsewhere) return false;
  const std::optional<ReplicaId> replica = ReplicaOf(*head >> 2U);
  const std::optional<uint64_t> counter = replica ? reader_.Varint() : std::nullopt;
  return counter && AddParent(OpId{.counter = *counter, .replica = *replica});
}

bool SmallReader::AddParent(OpId id) {
  if (!IsValid(id)) return false;
  if (update_.parent_count > 0 && id <= update_.parents[update_.parent_count - 1]) return false;
  update_.parents[update_.parent_count++] = id;
  return true;
}

bool SmallReader::ReadLengths() {
  for (uint64_t left = update_.length; left > 0;) {
    const std::optional<uint64_t> value = reader_.Varint();
    if (!value || update_.operation_count == SmallUpdate::kOperationsMax) return false;
    const uint64_t length = (*value >> 2U) + 1;
    const uint64_t form = *value & 3U;
    if (length > left || form == kDeleteAlongList) return false;
    SmallUpdate::Operation& operation = update_.operations[update_.operation_count++];
    operation.length = static_cast<uint32_t>(length);
    operation.kind = form == kInsertRun       ? Kind::kInsert
                     : form == kDeleteUpwards ? Kind::kDeleteForward
                                              : Kind::kDeleteBackward;
    if (form == kInsertRun) elements_ += length;
    left -= length;
  }
  return true;
}

bool SmallReader::ReadReferences() {
  const std::optional<std::string_view> references = reader_.Bytes(update_.operation_count);
  if (!references) return false;
  for (size_t i = 0; i < update_.operation_count; ++i) {
    SmallUpdate::Operation& operation = update_.operations[i];
    if (!ReadReference(static_cast<uint8_t>((*references)[i]), reader_, operation.reference) ||
        !MoveCursor(operation)) {
      return false;
    }
  }
  return true;
}

bool SmallReader::ReadReference(uint8_t steps, ByteReader& distances, OpId& reference) const {
  if (steps == kFar) return ReadDistance(distances, reference);
  if (steps > ZigZag(kStepsMax) + 1 || cursor_ == kRoot) return false;
  reference = cursor_;
  reference.counter += static_cast<uint64_t>(UnZigZag(steps - 1U));
  return IsValid(reference);
}

bool SmallReader::ReadDistance(ByteReader& distances, OpId& reference) const {
  const std::optional<uint64_t> value = distances.Varint();
  if (!value) return false;
  reference = kRoot;
  if (*value == 0) return true;
  // What is even is within the update.
  const std::optional<ReplicaId> replica =
      (*value & 1U) != 0 ? ReplicaOf(*value >> 1U) : std::nullopt;
  const std::optional<uint64_t> back = replica ? distances.Varint() : std::nullopt;
  if (!back || *back >= 2 * kIdLimit) return false;
  const auto first = static_cast<int64_t>(update_.first.counter);
  reference.counter = static_cast<uint64_t>(first - UnZigZag(*back));
  reference.replica = *replica;
  return IsValid(reference);
}

// Moves the cursor to where the operation after this one is expected.
bool SmallReader::MoveCursor(const SmallUpdate::Operation& operation) {
  cursor_ = kRoot;
  if (operation.kind == Kind::kInsert) return true;
  const OpId target = operation.reference;
  if (target == kRoot) return false;
  const uint64_t reach = operation.length - 1;
  const bool backward = operation.kind == Kind::kDeleteBackward;
  if (backward ? target.counter <= reach : kIdLimit - target.counter <= reach) return false;
  const uint64_t before = target.counter - (backward ? operation.length : 1);
  if (before > 0) cursor_ = OpId{.counter = before, .replica = target.replica};
  return true;
}

bool SmallReader::ReadText() {
  update_.text = reader_.Rest();
  const std::optional<TextMetrics> size = MeasureIfValid(update_.text);
  if (!size || size->code_points != elements_) return false;
  update_.size = *size;
  return true;
}

}  // namespace

std::optional<SmallUpdate> ReadSmallUpdate(std::string_view bytes, const ReplicaTable* known) {
  std::optional<SmallUpdate> update(std::in_place);
  if (!SmallReader(bytes, known, *update).Read()) update.reset();
  return update;
}

}  // namespace cotext
