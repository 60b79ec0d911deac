// Updates as small as a keystroke: one change of a few operations, none of which refers to another.
// Nearly all that travels while people type is of this form.
//
// They are read without columns, tables and allocations, in a fifth of the instructions that
// DecodePackedUpdate takes. Reading is sound, not complete: what ReadSmallUpdate accepts is an
// update that DecodePackedUpdate reads as the same, and of anything else that one is to be asked.
#ifndef COTEXT_CRDT_CODEC_SMALL_UPDATE_H_
#define COTEXT_CRDT_CODEC_SMALL_UPDATE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "crdt/codec/packed_update.h"
#include "crdt/codec/replica_table.h"
#include "crdt/ids.h"
#include "document/offset.h"

namespace cotext {

struct SmallUpdate {
  static constexpr size_t kParentsMax = 2;
  // A replacement, or one at two carets.
  static constexpr size_t kOperationsMax = 4;

  struct Operation {
    OpId reference;  // Of an insert: the origin, kRoot for the root. Of a delete: the first target.
    uint32_t length = 0;
    PackedOperation::Kind kind = PackedOperation::Kind::kInsert;
  };

  std::span<const OpId> Parents() const { return std::span(parents).first(parent_count); }
  std::span<const Operation> Operations() const {
    return std::span(operations).first(operation_count);
  }

  OpId first;           // Of the change: 1 + the greatest of the parents' counters.
  uint32_t length = 0;  // In operations, one per character.
  uint32_t parent_count = 0;
  uint32_t operation_count = 0;
  std::array<OpId, kParentsMax> parents{};  // Ascending; at least one.
  std::array<Operation, kOperationsMax> operations{};
  std::string_view text;  // Of all its inserts; part of what it was read from.
  TextMetrics size;       // Of the text.
};

// `known` is the table that the update was encoded with. O(bytes).
std::optional<SmallUpdate> ReadSmallUpdate(std::string_view bytes,
                                           const ReplicaTable* known = nullptr);

}  // namespace cotext

#endif  // COTEXT_CRDT_CODEC_SMALL_UPDATE_H_
