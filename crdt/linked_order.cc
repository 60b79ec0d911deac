#include "crdt/linked_order.h"

#include <algorithm>
#include <cstddef>
#include <memory>

#include "crdt/bit_ranges.h"
#include "crdt/causal_graph.h"
#include "crdt/counter_bounds.h"
#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "crdt/op_log.h"
#include "crdt/run_appender.h"

namespace cotext {
namespace {

// For each element behind which something was put: what. Room for links exists where there are any,
// a block for some neighbours.
class Links {
 public:
  explicit Links(uint32_t elements)
      : elements_(elements), linked_(elements), blocks_(size_t{elements} / kBlock + 1) {}

  // Returns whether an element has a link, and the element that it leads to.
  bool Has(Lv at) const { return linked_.At(at.value); }
  Lv At(Lv at) const { return Lv{blocks_[at.value / kBlock][at.value % kBlock]}; }

  void Set(Lv at, Lv next) {
    linked_.Set(at.value);
    uint32_t*& block = blocks_[at.value / kBlock];
    if (block == nullptr) block = NewBlock();
    block[at.value % kBlock] = next.value;
  }

  // Returns the first element from `at` on that has a link.
  // REQUIRES: there is one.
  Lv FirstFrom(Lv at) const { return Lv{linked_.NextFrom(at.value)}; }

  // Returns where something begins that is not like the element numbered before, or not behind it.
  BitRanges BeginsOf(const BitRanges& deleted) const {
    BitRanges begins(elements_);
    begins.SetBegins(deleted, linked_);
    return begins;
  }

 private:
  static constexpr uint32_t kBlock = 64;
  static constexpr uint32_t kBlocksAtOnce = 64;

  uint32_t* NewBlock() {
    if (blocks_left_ == 0) {
      slabs_.push_back(std::make_unique_for_overwrite<uint32_t[]>(kBlock * kBlocksAtOnce));
      blocks_left_ = kBlocksAtOnce;
    }
    return &slabs_.back()[--blocks_left_ * kBlock];
  }

  uint32_t elements_;
  BitRanges linked_;
  std::vector<uint32_t*> blocks_;
  std::vector<std::unique_ptr<uint32_t[]>> slabs_;
  uint32_t blocks_left_ = 0;  // Of the last slab.
};

class Linker {
 public:
  Linker(const History& history, const BitRanges& deleted, uint32_t max_length,
         uint64_t steps_per_insert)
      : history_(history),
        ids_ascend_(history.IdsAscend()),
        links_(history.log.element_end().value),
        deleted_(deleted),
        runs_(max_length),
        steps_per_insert_(steps_per_insert) {}

  std::optional<std::vector<ElementRun>> Order() {
    AddBase();
    bool in_budget = true;
    history_.log.ForEachInsert([&](const OpLog::Run& run) {
      if (in_budget) in_budget = Insert(run);
    });
    if (!in_budget) return std::nullopt;
    Walk();
    return runs_.Take();
  }

 private:
  Lv Behind(Lv at) const {
    if (at == kNoLv) return first_;
    return links_.Has(at) ? links_.At(at) : at + 1;
  }

  // The base comes first, in the order of its numbers. Nothing ever passes over it.
  void AddBase() {
    const Lv end = history_.log.base_end();
    if (end == Lv{0}) return;
    bounds_.Add(0, end.value, 0);
    links_.Set(end - 1, kNoLv);
    first_ = Lv{0};
  }

  // Returns whether the budget was enough.
  bool Insert(const OpLog::Run& run) {
    steps_ += steps_per_insert_;
    Lv before = run.reference;
    Lv behind = Behind(before);
    if (!ids_ascend_) {
      const OpId id = IdOfNext(run.first);
      // A run may go on in a later change, whose counters do not follow on; they only ascend.
      const bool is_in_span = run.first + run.length <= span_.first + span_.length;
      bounds_.Add(run.element.value, run.length,
                  is_in_span ? id.counter + (run.length - 1)
                             : history_.KeyOf(run.element + (run.length - 1)).counter);
      if (id.counter <= greatest_) {
        while (behind != kNoLv && IsGreater(behind, id)) {
          if (steps_-- == 0) return false;
          // What is linked up to there was inserted one behind the other: with ascending ids.
          before = links_.FirstFrom(behind);
          behind = links_.At(before);
        }
      }
    }
    links_.Set(run.element + (run.length - 1), behind);
    if (before == kNoLv) {
      first_ = run.element;
    } else {
      links_.Set(before, run.element);
    }
    return true;
  }

  bool IsGreater(Lv element, OpId id) const {
    return bounds_.Of(element.value) >= id.counter && history_.KeyOf(element) > id;
  }

  // Returns the id of an operation, not before the last one asked for. Afterwards `greatest_` is
  // the greatest counter of the spans before its own.
  OpId IdOfNext(OpIndex at) {
    while (at >= span_.first + span_.length) {
      // The first one is none.
      if (span_.length > 0) {
        greatest_ = std::max(greatest_, span_.id.counter + span_.length - 1);
      }
      span_ = history_.graph.StretchOfSpan(next_span_++);
    }
    OpId id = span_.id;
    id.counter += at - span_.first;
    return id;
  }

  void Walk() {
    const BitRanges begins = links_.BeginsOf(deleted_);
    runs_.Reserve(begins.Count());  // All of them, but for those that are cut.
    bool chained = false;
    for (Lv at = first_; at != kNoLv;) {
      const Lv end{begins.NextFrom(at.value + 1)};
      runs_.Add(at, end - at, deleted_.At(at.value), chained);
      chained = !links_.Has(end - 1);
      at = chained ? end : links_.At(end - 1);
      if (!chained && at == end) chained = history_.Chained(at);
    }
  }

  const History& history_;
  const bool ids_ascend_;
  Links links_;
  const BitRanges& deleted_;
  CounterBounds bounds_;
  RunAppender runs_;
  uint64_t steps_per_insert_;
  uint64_t steps_ = kFreeSteps;  // That may still be taken.
  Lv first_ = kNoLv;
  CausalGraph::Stretch span_{.first = OpIndex{0}, .length = 0, .id = OpId{}};
  size_t next_span_ = 0;
  uint64_t greatest_ = 0;
};

}  // namespace

std::optional<std::vector<ElementRun>> LinkedOrder(const History& history, const BitRanges& deleted,
                                                   uint32_t max_length, uint64_t steps_per_insert) {
  return Linker(history, deleted, max_length, steps_per_insert).Order();
}

}  // namespace cotext
