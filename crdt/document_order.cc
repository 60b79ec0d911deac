#include "crdt/document_order.h"

#include <algorithm>
#include <span>

#include "crdt/bit_ranges.h"
#include "crdt/causal_graph.h"
#include "crdt/ids.h"
#include "crdt/linked_order.h"
#include "crdt/local_index.h"
#include "crdt/op_log.h"
#include "crdt/run_appender.h"
#include "crdt/run_finder.h"
#include "document/sort.h"

namespace cotext {
namespace {

// A step of the linked order takes about as long as a chain of this one.
constexpr uint64_t kStepsPerInsert = 2;

// An entry of the op log that inserted elements, each the origin of the next.
struct Chain {
  Lv first;
  uint32_t length;
  Lv origin;
  uint32_t same_span;  // So many of its elements, from the first on, have consecutive ids.
  OpId id;             // Of the first; not looked up while ids ascend with Lvs.
};

// A chain as seen from the one that its origin is in.
struct Child {
  uint32_t parent;
  uint64_t place;  // Ascending in the order in which the parent's children come.
  uint32_t chain;
};

class Orderer {
 public:
  Orderer(const History& history, const BitRanges& deleted, uint32_t max_length)
      : history_(history), ids_ascend_(history.IdsAscend()), deleted_(deleted), runs_(max_length) {}

  std::vector<ElementRun> Order() {
    Collect();
    SortChildren();
    runs_.Reserve(2 * chains_.size());
    Walk();
    return runs_.Take();
  }

 private:
  // The places of children that come behind the rest of their parent.
  static constexpr uint64_t kLate = uint64_t{1} << 32U;

  // How far a chain has been written down.
  struct Frame {
    uint32_t chain;
    uint32_t written;
    uint32_t child;  // The next one.
  };

  void Collect() {
    chains_.reserve(history_.log.entry_count());
    const uint32_t base = history_.log.base_end().value;
    if (base > 0) {
      // One chain, whose id is less than any other.
      finder_.Add(0, 0);
      chains_.push_back(
          Chain{.first = Lv{0}, .length = base, .origin = kNoLv, .same_span = base, .id = kRoot});
    }
    history_.log.ForEach([this](const OpLog::Run& run) {
      if (run.is_insert) AddChain(run);
    });
  }

  void AddChain(const OpLog::Run& run) {
    finder_.Add(run.element.value, static_cast<uint32_t>(chains_.size()));
    Chain& chain = chains_.emplace_back();
    chain.first = run.element;
    chain.length = run.length;
    chain.origin = run.reference;
    chain.same_span = run.length;
    if (ids_ascend_) return;
    const CausalGraph::Stretch operations = history_.graph.StretchAt(run.first);
    chain.id = operations.id;
    chain.same_span = std::min(run.length, operations.length);
  }

  uint32_t count() const { return static_cast<uint32_t>(chains_.size()); }

  // Puts every chain under the one that holds its origin; under number count() if there is none.
  void SortChildren() {
    children_.resize(count());
    first_child_.assign(size_t{count()} + 2, 0);
    std::vector<Child> unsorted(count());
    for (uint32_t i = 0; i < count(); ++i) {
      unsorted[i] = ChildOf(i);
      ++first_child_[unsorted[i].parent + 1];
    }
    for (size_t i = 1; i < first_child_.size(); ++i) first_child_[i] += first_child_[i - 1];
    std::vector<uint32_t> next(first_child_.begin(), first_child_.end() - 1);
    for (const Child& child : unsorted) children_[next[child.parent]++] = child;
    for (uint32_t parent = 0; parent <= count(); ++parent) {
      const std::span<Child> group(children_.data() + first_child_[parent],
                                   children_.data() + first_child_[parent + 1]);
      if (group.size() < 2) continue;
      Sort(group, [this](const Child& left, const Child& right) {
        return left.place != right.place ? left.place < right.place : IsGreater(left, right);
      });
    }
  }

  Child ChildOf(uint32_t index) const {
    const Lv origin = chains_[index].origin;
    if (origin == kNoLv) return Child{.parent = count(), .place = 0, .chain = index};
    const uint32_t parent =
        finder_.Find(origin.value, count(), [this](uint32_t i) { return chains_[i].first.value; });
    const uint32_t offset = origin - chains_[parent].first;
    const bool late = IsLate(chains_[index], chains_[parent], offset);
    return Child{.parent = parent, .place = late ? kLate + ~offset : offset, .chain = index};
  }

  // Returns whether a chain comes behind the rest of the one that has its origin at `offset`.
  bool IsLate(const Chain& chain, const Chain& parent, uint32_t offset) const {
    if (ids_ascend_ || offset + 1 == parent.length || history_.InBase(parent.first)) return false;
    if (offset + 1 >= parent.same_span) {
      return chain.id < history_.IdOf(parent.first + (offset + 1));
    }
    OpId next = parent.id;
    next.counter += offset + 1;
    return chain.id < next;
  }

  bool IsGreater(const Child& left, const Child& right) const {
    const Chain& a = chains_[left.chain];
    const Chain& b = chains_[right.chain];
    return ids_ascend_ ? a.first > b.first : a.id > b.id;
  }

  void Walk() {
    std::vector<Frame> stack{Begin(count())};
    while (!stack.empty()) {
      Frame& frame = stack.back();
      if (frame.child == first_child_[frame.chain + 1]) {
        if (frame.chain < count()) Write(frame, chains_[frame.chain].length);
        stack.pop_back();
        continue;
      }
      const Child& child = children_[frame.child++];
      if (frame.chain < count()) {
        const bool late = child.place >= kLate;
        Write(frame, late ? chains_[frame.chain].length : static_cast<uint32_t>(child.place) + 1);
      }
      stack.push_back(Begin(child.chain));
    }
  }

  Frame Begin(uint32_t chain) const {
    return Frame{.chain = chain, .written = 0, .child = first_child_[chain]};
  }

  // Writes down the elements of a chain before number `end`.
  void Write(Frame& frame, uint32_t end) {
    const Chain& chain = chains_[frame.chain];
    while (frame.written < end) {
      const Lv first = chain.first + frame.written;
      const uint32_t length = deleted_.AlikeFrom(first.value, end - frame.written);
      const bool chained = frame.written > 0 || chain.origin + 1 == first;
      runs_.Add(first, length, deleted_.At(first.value), chained);
      frame.written += length;
    }
  }

  const History& history_;
  const bool ids_ascend_;
  const BitRanges& deleted_;
  std::vector<Chain> chains_;
  RunFinder finder_;  // From elements to chains.
  std::vector<Child> children_;
  std::vector<uint32_t> first_child_;  // By parent, in children_.
  RunAppender runs_;
};

}  // namespace

std::vector<ElementRun> DocumentOrder(const History& history, const BitRanges& deleted,
                                      uint32_t max_length) {
  auto linked = LinkedOrder(history, deleted, max_length, kStepsPerInsert);
  return linked ? *std::move(linked) : TreeOrder(history, deleted, max_length);
}

std::vector<ElementRun> TreeOrder(const History& history, const BitRanges& deleted,
                                  uint32_t max_length) {
  return Orderer(history, deleted, max_length).Order();
}

}  // namespace cotext
