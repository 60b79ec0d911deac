#include "crdt/trim.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "crdt/base_ids.h"
#include "crdt/bit_ranges.h"
#include "crdt/causal_graph.h"
#include "crdt/horizon.h"
#include "crdt/known_version.h"
#include "crdt/op_log.h"
#include "crdt/visible_elements.h"
#include "document/check.h"
#include "document/sort.h"

namespace cotext {
namespace {

// Returns whether all operations from number `end` on come after all of a version that has those
// before it: whoever has a parent in the version must have its frontier as parents.
bool ComeAfter(const CausalGraph& graph, OpIndex end, const std::vector<OpId>& frontier) {
  for (size_t i = 0; i < graph.span_count(); ++i) {
    const CausalGraph::Stretch span = graph.StretchOfSpan(i);
    if (span.first + span.length <= end) continue;
    const OpIndex first = std::max(span.first, end);
    const OpIndexes parents = graph.ParentIndexesOf(first);
    const bool is_behind = std::ranges::all_of(parents, [end](OpIndex at) { return at >= end; }) &&
                           (!parents.empty() || end == OpIndex{0});
    if (!is_behind && graph.ParentsOf(first) != frontier) return false;
  }
  return true;
}

// Returns the number of operations in a version if it is critical.
std::optional<OpIndex> CriticalEnd(const CausalGraph& graph, const VersionVector& version,
                                   const std::vector<OpId>& frontier) {
  OpIndex end;
  bool are_first = true;
  ForEachCovered(graph, version, [&](OpIndex first, uint32_t length) {
    are_first = are_first && first == end;
    end = end + length;
  });
  if (!are_first || !ComeAfter(graph, end, frontier)) return std::nullopt;
  return end;
}

// Makes the history that is left.
class Trimmer {
 public:
  Trimmer(const History& history, Horizon horizon, OpIndex end)
      : from_(history),
        end_(end),
        elements_(end < history.log.end() ? history.log.At(end).element
                                          : history.log.element_end()),
        horizon_(std::move(horizon)),
        base_(elements_.value) {}

  // Returns nothing if an operation names an element that is dropped.
  std::optional<Trimmed> Trim(const Sequence& sequence) {
    VisibleElements at_version(from_.log);
    at_version.Apply(OpIndex{0}, end_.value);
    BitRanges kept = at_version.Take();
    NumberBase(sequence, kept);
    std::optional<BaseIds> ids = std::move(ids_).Build();
    COTEXT_CHECK(ids.has_value());
    Trimmed trimmed{
        .history = {.graph = CausalGraph(std::move(horizon_)),
                    .log = OpLog(base_size_),
                    .text = {},
                    .base = *std::move(ids)},
        .numbers = Renumbering(std::move(base_), std::move(kept), end_.value, base_size_)};
    CopyGraph(trimmed.history.graph);
    if (!CopyLog(trimmed.numbers, trimmed.history.log)) return std::nullopt;
    const uint32_t later = from_.log.element_end() - elements_;
    text_ += from_.text.Slice(elements_, later);
    trimmed.history.text.Append(text_, base_size_ + later);
    trimmed.history.text.ShrinkToFit();
    return trimmed;
  }

 private:
  // Numbers the elements visible at the version, and collects their ids and text.
  void NumberBase(const Sequence& sequence, const BitRanges& visible) {
    sequence.ForEachRun([&](const Sequence::Run& run) {
      const Lv run_end = std::min(run.first + run.length, elements_);
      for (Lv at = run.first; at < run_end;) {
        const uint32_t length = visible.AlikeFrom(at.value, run_end - at);
        if (visible.At(at.value)) {
          AddToBase(at, length);
        } else {
          std::fill_n(base_.data() + at.value, length, Lv{base_size_});
        }
        at = at + length;
      }
    });
  }

  void AddToBase(Lv first, uint32_t length) {
    text_ += from_.text.Slice(first, length);
    for (uint32_t i = 0; i < length; ++i) base_[(first + i).value] = Lv{base_size_ + i};
    base_size_ += length;
    while (length > 0) {
      const History::Ids ids = from_.IdsFrom(first, length);
      ids_.Add(BaseIds::Run{.first = ids.first, .length = ids.length});
      first = first + ids.length;
      length -= ids.length;
    }
  }

  void CopyGraph(CausalGraph& to) const {
    for (size_t i = 0; i < from_.graph.span_count(); ++i) {
      const CausalGraph::Stretch span = from_.graph.StretchOfSpan(i);
      if (span.first + span.length <= end_) continue;
      const CausalGraph::Stretch left = from_.graph.StretchAt(std::max(span.first, end_));
      OpIndexes parents;
      for (const OpIndex parent : from_.graph.ParentIndexesOf(left.first)) {
        if (parent >= end_) parents.push_back(parent - end_.value);
      }
      Sort(parents);
      to.Append(left.id, left.length, parents);
    }
  }

  // Returns whether all that the operations name is there.
  bool CopyLog(const Renumbering& numbers, OpLog& log) const {
    bool has_all = true;
    from_.log.ForEachIn(end_, from_.log.end() - end_, [&](const OpLog::Run& run) {
      if (run.is_insert) {
        const Lv origin = run.reference == kNoLv ? kNoLv : numbers.Of(run.reference);
        has_all = has_all && (run.reference == kNoLv || origin != kNoLv);
        log.AppendInsert(run.length, origin);
        return;
      }
      for (uint32_t i = 0; i < run.length; ++i) {
        const Lv target = numbers.Of(run.backward ? run.reference - i : run.reference + i);
        has_all = has_all && target != kNoLv;
        log.AppendDelete(1, target, /*backward=*/false);
      }
    });
    return has_all;
  }

  const History& from_;
  OpIndex end_;
  Lv elements_;  // That the version inserted.
  Horizon horizon_;
  std::vector<Lv> base_;
  uint32_t base_size_ = 0;
  BaseIds::Builder ids_;
  std::string text_;
};

}  // namespace

Expected<Trimmed> TrimHistory(const History& history, const Sequence& sequence,
                              const VersionVector& version) {
  COTEXT_RETURN_IF_ERROR(CheckVersion(history.graph, version));
  std::vector<OpId> frontier = FrontierOf(history.graph, version);
  const std::optional<OpIndex> end = CriticalEnd(history.graph, version, frontier);
  if (!end) {
    return MakeError(ErrorCode::kNotCritical,
                     "some operation is neither in the version nor after all of it");
  }
  auto trimmed =
      Trimmer(history, Horizon{.version = version, .frontier = std::move(frontier)}, *end)
          .Trim(sequence);
  if (!trimmed) {
    return MakeError(ErrorCode::kNotCritical,
                     "an operation after the version names a character that it deleted");
  }
  return *std::move(trimmed);
}

}  // namespace cotext
