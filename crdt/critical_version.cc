// The first e operations are critical if all spans that begin behind them, and have a parent among
// them, have exactly their heads as parents. For each e it is counted how many do the one and how
// many the other. Within a span both change only where a later span has its first parent, and right
// behind it; so few places have to be looked at.
#include "crdt/critical_version.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "crdt/head_set.h"
#include "document/check.h"
#include "document/sort.h"

namespace cotext {
namespace {

class Search {
 public:
  Search(const CausalGraph& graph, OpIndex most) : graph_(graph), most_(most) {
    for (size_t i = 0; i < graph.span_count(); ++i) {
      OpIndexes parents = ParentsOfSpan(i);
      firsts_.push_back(graph.StretchOfSpan(i).first);
      // From here on up to where the span begins, it has a parent before.
      from_.push_back(parents.empty() ? OpIndex{} : parents.front() + 1);
      ++with_parents_[std::move(parents)];
    }
    Sort(from_);
  }

  OpIndex Run() {
    for (size_t i = 0; i < graph_.span_count(); ++i) {
      const CausalGraph::Stretch span = graph_.StretchOfSpan(i);
      if (span.first > most_) return latest_;
      const OpIndexes parents = ParentsOfSpan(i);
      if (heads_.Equals(parents)) Try(span.first, parents);
      const OpIndex last = span.first + span.length - 1;
      heads_.Advance(parents, last);
      if (heads_.IsOnly(last)) TryWithin(span.first, std::min(last, most_));
    }
    return most_ == graph_.end() ? most_ : latest_;
  }

 private:
  // Ascending by number.
  OpIndexes ParentsOfSpan(size_t span) const {
    OpIndexes parents = graph_.ParentIndexesOf(graph_.StretchOfSpan(span).first);
    Sort(parents);
    return parents;
  }

  // Tries the places behind `first` up to `last`, all within one span.
  void TryWithin(OpIndex first, OpIndex last) {
    if (first >= last) return;
    for (auto at = std::ranges::upper_bound(from_, first); at != from_.end() && *at <= last; ++at) {
      if (*at - 1 > first) Try(*at - 1, {*at - 2});
      Try(*at, {*at - 1});
    }
    Try(last, {last - 1});
  }

  // Takes a number of operations with these heads if their version is critical.
  void Try(OpIndex end, const OpIndexes& heads) {
    const auto begun = std::ranges::upper_bound(from_, end) - from_.begin();
    const auto ended = std::ranges::lower_bound(firsts_, end) - firsts_.begin();
    const auto same = with_parents_.find(heads);
    const size_t behind_heads = same == with_parents_.end() ? 0 : same->second;
    if (static_cast<size_t>(begun - ended) == behind_heads) latest_ = end;
  }

  const CausalGraph& graph_;
  OpIndex most_;
  OpIndex latest_;
  HeadSet heads_;
  std::vector<OpIndex> from_;                 // Ascending, of all spans.
  std::vector<OpIndex> firsts_;               // Likewise.
  std::map<OpIndexes, size_t> with_parents_;  // How many spans have these.
};

}  // namespace

OpIndex LatestCriticalEnd(const CausalGraph& graph, OpIndex most) {
  COTEXT_CHECK(most <= graph.end());
  return Search(graph, most).Run();
}

VersionVector VersionOfFirst(const CausalGraph& graph, OpIndex end) {
  VersionVector version = graph.horizon().version;
  for (size_t i = 0; i < graph.span_count(); ++i) {
    const CausalGraph::Stretch span = graph.StretchOfSpan(i);
    if (span.first >= end) break;
    OpId last = span.id;
    last.counter += std::min(span.length, end - span.first) - 1;
    version.Observe(last);
  }
  return version;
}

}  // namespace cotext
