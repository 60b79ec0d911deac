// Builds a PackedUpdate from left to right out of operations that are named by ids.
//
// What an id names becomes a reference within the update if it was added before, and one to
// elsewhere if not. Operations of a change that continue each other are joined, so the same
// operations give the same update however they were cut.
//
// A look-up is O(log n) beside a hash; a delete takes one for every stretch of its targets whose
// numbers here are consecutive too. Adding changes of a replica in ascending order of counters is
// O(1) amortised, in any other order O(changes of the replica).
// Memory beside the update: 16 bytes for each stretch of ids and for each stretch of elements.
#ifndef COTEXT_CRDT_CODEC_ID_PACKER_H_
#define COTEXT_CRDT_CODEC_ID_PACKER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "crdt/codec/packed_update.h"
#include "crdt/codec/packer.h"
#include "crdt/id_map.h"
#include "crdt/ids.h"

namespace cotext {

class IdPacker {
 public:
  void BeginChange(OpId first);
  void AddParent(OpId parent);
  // The first element has the origin `origin`, kRoot for the beginning.
  void AddInsert(OpId origin, uint32_t length, std::string_view text);
  void AddDelete(OpId first, uint32_t length, bool backward);

  // Returns how many of `length` targets from `first` on one operation can name here.
  // REQUIRES: length > 0.
  uint32_t TargetsAtOnce(OpId first, uint32_t length, bool backward) const;

  // Returns the id of the next operation.
  OpId next() const { return next_; }
  const PackedUpdate& update() const { return packer_.update(); }
  // Returns how many inserts and parts of deletes were added.
  uint64_t parts() const { return parts_; }

  PackedUpdate Take() { return packer_.Take(); }

 private:
  // Operations or elements whose counters and numbers are consecutive.
  struct Stretch {
    uint64_t counter;
    uint32_t number;
    uint32_t length;
  };
  class Stretches {
   public:
    void Add(uint64_t counter, uint32_t number, uint32_t length);
    std::optional<uint32_t> Find(uint64_t counter) const;
    // Returns how many from a counter on, upwards or downwards, at most `limit`, are here with
    // consecutive numbers, or are not here.
    uint32_t AlikeFrom(uint64_t counter, uint32_t limit, bool downwards) const;

   private:
    // Returns the place of the first stretch that begins after a counter.
    size_t After(uint64_t counter) const;

    std::vector<Stretch> sorted_;  // By counter.
  };
  struct Own {
    Stretches operations;
    Stretches elements;
  };

  const Own* OwnOf(ReplicaId replica) const;
  Reference ElementAt(OpId id);
  std::optional<uint32_t> FindElement(OpId id) const;
  const PackedOperation* LastOperation() const;
  void AddPart(OpId first, uint32_t length, bool backward);
  std::optional<bool> DirectionTo(const PackedOperation& last, OpId first,
                                  std::optional<uint32_t> number) const;
  void Advance(uint32_t length);

  Packer packer_;
  IdMap numbers_;         // Of replicas.
  std::vector<Own> own_;  // By number of a replica.
  size_t current_ = 0;    // The number of the last change's replica.
  OpId next_;
  uint64_t parts_ = 0;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_CODEC_ID_PACKER_H_
