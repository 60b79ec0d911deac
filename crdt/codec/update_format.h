// What encoder and decoder of updates must agree on beside the columns; see docs/FORMAT.md.
#ifndef COTEXT_CRDT_CODEC_UPDATE_FORMAT_H_
#define COTEXT_CRDT_CODEC_UPDATE_FORMAT_H_

#include <cstdint>
#include <optional>

#include "crdt/codec/neighbour_list.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/replica_table.h"
#include "crdt/ids.h"
#include "document/varint.h"

namespace cotext {

// The first byte of the plain form: the version, and flags.
inline constexpr uint8_t kUpdateVersion = 1;
inline constexpr uint8_t kUpdateVersionMask = 0x07;
enum UpdateFlag : uint8_t {
  kOneChange = 0x08,
  kNoNewReplicas = 0x10,
  kNeighbours = 0x20,
  kDeletedTextLeftOut = 0x40,
  kUpdateFlags = 0x78,
};

// How a change's parents are given.
// A change's length stands before the lowest three bits.
enum ParentsForm : uint8_t { kNoParents, kChangeBefore, kOwnBefore, kOneParent, kParentList };
inline constexpr unsigned kParentsFormBits = 3;
// How one of a list of parents is.
enum ParentForm : uint8_t { kEndOfChange, kInsideChange, kParentElsewhere };

// What an operation does; the lowest bits of its length.
enum OperationForm : uint8_t { kInsertRun, kDeleteUpwards, kDeleteDownwards, kDeleteAlongList };

// A reference takes one byte: kFar, or 1 + the zigzag of at most so many steps from the cursor.
inline constexpr uint8_t kFar = 0;
inline constexpr int32_t kStepsMax = 32;

constexpr uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1U) ^ static_cast<uint64_t>(value >> 63);
}
constexpr int64_t UnZigZag(uint64_t value) {
  return static_cast<int64_t>(value >> 1U) ^ -static_cast<int64_t>(value & 1U);
}

// Reads the replicas that an update names which the table lacks, at most `most`: their number, then
// how much greater than the one before each is. Returns whether that is what stands there.
template <typename Add>
bool ReadFreshReplicas(ByteReader& reader, const ReplicaTable* known, uint64_t most, Add add) {
  const std::optional<uint64_t> count = reader.Varint();
  if (!count || *count > most) return false;
  uint64_t last = 0;
  for (uint64_t i = 0; i < *count; ++i) {
    const std::optional<uint64_t> step = reader.Varint();
    if (!step || *step == 0 || *step >= kIdLimit) return false;
    last += *step;
    const ReplicaId replica{last};
    if (!IsValid(replica) || (known != nullptr && known->Find(replica))) return false;
    add(replica);
  }
  return true;
}

// Where the next operation is expected: behind an element of the update or the root, which are
// places of its NeighbourList, or behind an element from elsewhere.
struct UpdateCursor {
  bool is_elsewhere = false;
  uint32_t place = NeighbourList::kRootPlace;
  OpId id;

  // Move it to a place, the root's if there is none; or behind an element, or the root if its
  // counter is 0.
  void MoveTo(uint32_t to) {
    is_elsewhere = false;
    place = to == NeighbourList::kNowhere ? NeighbourList::kRootPlace : to;
  }
  void MoveElsewhere(OpId behind) {
    is_elsewhere = behind.counter > 0;
    place = NeighbourList::kRootPlace;
    id = behind;
  }

  // Returns where an update begins.
  static UpdateCursor BeginningOf(const PackedUpdate& update) {
    UpdateCursor cursor;
    if (!update.changes.empty() && !update.ParentsOf(0).empty()) {
      cursor.MoveElsewhere(update.IdOf(update.ParentsOf(0).back()));
    }
    return cursor;
  }
};

}  // namespace cotext

#endif  // COTEXT_CRDT_CODEC_UPDATE_FORMAT_H_
