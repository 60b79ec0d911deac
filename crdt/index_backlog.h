// What the index from elements to leaves was not told yet, until somebody asks it.
//
// Only remote edits, anchors and undo look elements up. So a local edit notes no more than that new
// elements went into another leaf than the ones before them, or that a leaf was split off, whose
// elements the index has elsewhere; however often those move on, it hears of them once. And of a
// document that was just opened, or merged in one piece, it hears all at once.
//
// Law: an index is as if it had been told all at once after it was told, in this order, where the
// fresh elements went, and then what the split leaves hold.
//
// Settle may be called by const readers in several threads at once: one does the work while the
// others wait. Add and AddSplit may not, nor may copying until Settle was called. O(1) amortised
// beside the work. Memory: 8 bytes a change of leaf among new elements, 4 a split leaf.
#ifndef COTEXT_CRDT_INDEX_BACKLOG_H_
#define COTEXT_CRDT_INDEX_BACKLOG_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "crdt/leaf_index.h"
#include "crdt/local_index.h"
#include "document/grow.h"
#include "document/made_for_size.h"

namespace cotext {

class IndexBacklog {
 public:
  // What is to be told.
  struct Work {
    std::span<const LeafIndex::Place> fresh;  // Each ends where the next one begins, the last at:
    Lv end;
    std::span<const uint32_t> split;
    bool everything;  // Nothing is known but the end: the leaves are to be asked.
  };

  IndexBacklog() = default;
  IndexBacklog(const IndexBacklog& other) { *this = other; }
  IndexBacklog& operator=(const IndexBacklog& other) {
    fresh_ = other.fresh_;
    split_ = other.split_;
    everything_ = other.everything_;
    end_ = other.end_;
    last_leaf_ = other.last_leaf_;
    state_.store(other.state_.load(std::memory_order_relaxed), std::memory_order_relaxed);
    return *this;
  }

  bool empty() const { return state_.load(std::memory_order_acquire) == State::kSettled; }

  // Notes that the next elements, `count` from `first` on, are in `leaf`.
  [[gnu::always_inline]] inline void Add(Lv first, uint32_t count, uint32_t leaf) {
    if (leaf != last_leaf_) AddPlace(first, leaf);
    end_ = first + count;
  }

  // Notes that the index knows none of the elements before `end`, whatever is told of them.
  void AddEverything(Lv end) {
    everything_ = true;
    end_ = end;
    state_.store(State::kDue, std::memory_order_relaxed);
  }

  // Notes that `leaf` was split off another one.
  void AddSplit(uint32_t leaf) {
    if (kMadeForSize || !everything_) split_.push_back(leaf);
    state_.store(State::kDue, std::memory_order_relaxed);
  }

  // Calls `tell` with all that was put off, if anything was.
  template <typename Tell>
  void Settle(Tell tell) {
    for (State seen = state_.load(std::memory_order_acquire); seen != State::kSettled;
         seen = state_.load(std::memory_order_acquire)) {
      if (seen == State::kBusy || !state_.compare_exchange_weak(seen, State::kBusy)) continue;
      tell(Work{.fresh = fresh_, .end = end_, .split = split_, .everything = everything_});
      Empty(fresh_);
      Empty(split_);
      everything_ = false;
      last_leaf_ = kNoLeaf;
      state_.store(State::kSettled, std::memory_order_release);
      return;
    }
  }

  uint64_t AllocatedBytes() const {
    return fresh_.capacity() * sizeof(LeafIndex::Place) + split_.capacity() * sizeof(uint32_t);
  }

 private:
  enum class State : uint8_t { kSettled, kDue, kBusy };

  static constexpr uint32_t kNoLeaf = LeafIndex::kLeafLimit;
  // What a lookup between any two edits needs is not given back each time.
  static constexpr size_t kKeptMax = 64;

  [[gnu::noinline]] void AddPlace(Lv first, uint32_t leaf) {
    last_leaf_ = leaf;
    if (!kMadeForSize && everything_) return;
    MakeRoomFor(fresh_, 1);
    fresh_.push_back(LeafIndex::Place{.first = first, .leaf = leaf});
    state_.store(State::kDue, std::memory_order_relaxed);
  }

  template <typename List>
  static void Empty(List& list) {
    list.clear();
    if (list.capacity() > kKeptMax) List().swap(list);
  }

  std::vector<LeafIndex::Place> fresh_;
  std::vector<uint32_t> split_;
  Lv end_;
  uint32_t last_leaf_ = kNoLeaf;  // Of the last fresh elements.
  bool everything_ = false;
  std::atomic<State> state_ = State::kSettled;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_INDEX_BACKLOG_H_
