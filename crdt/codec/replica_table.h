// Replicas by small numbers: what two ends of a connection agree on, so that updates need not spell
// ids out. Each end adds the replicas of every update that it sends or receives, in order.
//
// Everything is O(1) expected. Memory: 32 to 56 bytes a replica.
#ifndef COTEXT_CRDT_CODEC_REPLICA_TABLE_H_
#define COTEXT_CRDT_CODEC_REPLICA_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "crdt/id_map.h"
#include "crdt/ids.h"
#include "document/check.h"

namespace cotext {

class ReplicaTable {
 public:
  size_t size() const { return replicas_.size(); }

  // REQUIRES: number < size().
  ReplicaId operator[](size_t number) const { return replicas_[number]; }

  // Returns the number of a replica, if it has one.
  std::optional<uint32_t> Find(ReplicaId replica) const {
    const uint32_t* const found = numbers_.Find(replica.value);
    return found == nullptr ? std::nullopt : std::optional(*found);
  }

  // Gives a replica the next number, unless it has one; returns its number.
  // REQUIRES: IsValid(replica).
  uint32_t Add(ReplicaId replica) {
    COTEXT_DCHECK(IsValid(replica));
    const size_t known = numbers_.size();
    uint32_t& number = numbers_[replica.value];
    if (numbers_.size() > known) {
      number = static_cast<uint32_t>(replicas_.size());
      replicas_.push_back(replica);
    }
    return number;
  }

 private:
  std::vector<ReplicaId> replicas_;
  IdMap numbers_;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_CODEC_REPLICA_TABLE_H_
