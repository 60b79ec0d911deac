// Builds a PackedUpdate from left to right: changes, their parents, their operations, with
// references that the caller found.
//
// Everything is O(1) amortised beyond the text.
#ifndef COTEXT_CRDT_CODEC_PACKER_H_
#define COTEXT_CRDT_CODEC_PACKER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "crdt/codec/packed_update.h"
#include "crdt/id_map.h"
#include "crdt/ids.h"
#include "document/check.h"

namespace cotext {

class Packer {
 public:
  void BeginChange(ReplicaId replica, uint64_t first_counter) {
    COTEXT_CHECK(update_.end.operation <= PackedUpdate::kOperationsMax);
    update_.end.replica = NumberOf(replica);
    update_.end.first_counter = first_counter;
    update_.changes.push_back(update_.end);
  }
  void AddParent(Reference parent) {
    update_.parents.push_back(parent);
    update_.end.parents = static_cast<uint32_t>(update_.parents.size());
  }
  void AddInsert(uint32_t length, Reference origin, std::string_view text) {
    Add(PackedOperation::Kind::kInsert, length, origin);
    AddElements(length, text);
  }
  void AddDelete(bool backward, uint32_t length, Reference first) {
    Add(backward ? PackedOperation::Kind::kDeleteBackward : PackedOperation::Kind::kDeleteForward,
        length, first);
  }

  // Make the last operation longer, and give a delete a direction.
  // REQUIRES: it is of that kind, and of the last change.
  void ExtendInsert(uint32_t length, std::string_view text) {
    Extend(length);
    AddElements(length, text);
  }
  void ExtendDelete(bool backward, uint32_t length) {
    update_.operations.back().kind =
        backward ? PackedOperation::Kind::kDeleteBackward : PackedOperation::Kind::kDeleteForward;
    Extend(length);
  }

  Reference Elsewhere(OpId id) {
    update_.ids.push_back(id);
    return Reference::Elsewhere(static_cast<uint32_t>(update_.ids.size() - 1));
  }

  const PackedUpdate& update() const { return update_; }
  PackedUpdate Take() { return std::move(update_); }

 private:
  uint32_t NumberOf(ReplicaId replica) {
    if (replica == last_replica_) return last_number_;
    const size_t before = numbers_.size();
    uint32_t& number = numbers_[replica.value];
    if (numbers_.size() > before) {
      number = static_cast<uint32_t>(update_.replicas.size());
      update_.replicas.push_back(replica);
    }
    last_replica_ = replica;
    last_number_ = number;
    return number;
  }

  void Add(PackedOperation::Kind kind, uint32_t length, Reference reference) {
    PackedOperation& operation = update_.operations.emplace_back();
    operation.length = length;
    operation.reference = reference;
    operation.kind = kind;
    update_.end.operation += length;
    update_.end.runs = static_cast<uint32_t>(update_.operations.size());
  }
  void Extend(uint32_t length) {
    update_.operations.back().length += length;
    update_.end.operation += length;
  }
  void AddElements(uint32_t length, std::string_view text) {
    update_.end.element += length;
    update_.text += text;
    update_.end.text = static_cast<uint32_t>(update_.text.size());
  }

  PackedUpdate update_;
  IdMap numbers_;
  ReplicaId last_replica_;
  uint32_t last_number_ = 0;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_CODEC_PACKER_H_
