// Dense numbers that a replica gives to what it has, in the order of arrival. They never leave the
// process: two replicas number the same things differently.
//
//   OpIndex  numbers operations (one per inserted or deleted character), the unit of the causal
//            graph and the op log;
//   Lv       "local version": numbers elements (inserted characters, deleted or not), the unit of
//            the sequence, the text and the index from elements to leaves.
//
// 32 bits hold 4 billion of each, which halves every structure beside 64; kIndexLimit is the limit
// that callers enforce (ErrorCode::kTooLarge). A document has half as many operations at most, so
// that it fits into one update (PackedUpdate::kOperationsMax).
#ifndef COTEXT_CRDT_LOCAL_INDEX_H_
#define COTEXT_CRDT_LOCAL_INDEX_H_

#include <compare>
#include <cstdint>

namespace cotext {

// Room is left for markers (kNoLv) and for sums that must stay below 2^32.
inline constexpr uint64_t kIndexLimit = 0xfffffff0U;

template <typename Tag>
struct LocalIndex {
  uint32_t value = 0;

  friend constexpr auto operator<=>(LocalIndex, LocalIndex) = default;
  friend constexpr LocalIndex operator+(LocalIndex at, uint32_t count) {
    return {at.value + count};
  }
  friend constexpr LocalIndex operator-(LocalIndex at, uint32_t count) {
    return {at.value - count};
  }
  friend constexpr uint32_t operator-(LocalIndex end, LocalIndex begin) {
    return end.value - begin.value;
  }
};

using OpIndex = LocalIndex<struct OpIndexTag>;
using Lv = LocalIndex<struct LvTag>;

// Stands for the root where an origin is meant, for "none" elsewhere.
inline constexpr Lv kNoLv{0xffffffffU};

}  // namespace cotext

#endif  // COTEXT_CRDT_LOCAL_INDEX_H_
