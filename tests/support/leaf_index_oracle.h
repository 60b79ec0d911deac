// A LeafIndex beside its oracle: the leaf of each element.
#ifndef COTEXT_TESTS_SUPPORT_LEAF_INDEX_ORACLE_H_
#define COTEXT_TESTS_SUPPORT_LEAF_INDEX_ORACLE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "crdt/leaf_index.h"
#include "crdt/local_index.h"

namespace cotext {

class LeafIndexOracle {
 public:
  LeafIndexOracle() = default;
  // REQUIRES: both say the same.
  LeafIndexOracle(LeafIndex index, std::vector<uint32_t> leaves)
      : index_(std::move(index)), leaves_(std::move(leaves)) {}

  LeafIndex& index() { return index_; }
  const LeafIndex& index() const { return index_; }
  uint32_t size() const { return static_cast<uint32_t>(leaves_.size()); }
  // REQUIRES: there are elements.
  uint32_t LastLeaf() const { return leaves_.back(); }

  void Assign(uint32_t begin, uint32_t count, uint32_t leaf) {
    index_.Assign(Lv{begin}, count, leaf);
    if (size() < begin + count) leaves_.resize(begin + count);
    std::fill_n(leaves_.begin() + begin, count, leaf);
  }

  void Check() const {
    index_.CheckInvariants();
    ASSERT_EQ(index_.end().value, size());
    for (uint32_t at = 0; at < size(); ++at) ASSERT_EQ(index_.At(Lv{at}), leaves_[at]) << at;
  }

 private:
  LeafIndex index_;
  std::vector<uint32_t> leaves_;
};

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_LEAF_INDEX_ORACLE_H_
