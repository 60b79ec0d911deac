#include "crdt/causal_graph.h"

#include <algorithm>

#include "crdt/descending_set.h"
#include "document/check.h"
#include "document/grow.h"
#include "document/sort.h"

namespace cotext {

// Walks a graph from some operations towards the past, the youngest first, one span at a time.
// Everything older than what was dropped last is still to come, so a walk may stop at an index.
class CausalGraph::PastWalk {
 public:
  explicit PastWalk(std::span<const OpIndex> heads) : heap_(heads.begin(), heads.end()) {
    std::ranges::make_heap(heap_);
  }

  bool done() const { return heap_.empty(); }
  OpIndex Youngest() const { return heap_.front(); }

  // Drops all operations from `first` on.
  void DropFrom(OpIndex first) {
    while (!heap_.empty() && heap_.front() >= first) {
      std::ranges::pop_heap(heap_);
      heap_.pop_back();
    }
  }

  void Push(OpIndex at) {
    heap_.push_back(at);
    std::ranges::push_heap(heap_);
  }

 private:
  std::vector<OpIndex> heap_;
};

// Returns the number of a replica, which has a span or is about to get one.
uint32_t CausalGraph::InternReplica(ReplicaId id) {
  uint32_t& first_span = replica_index_[id.value];
  if (replica_index_.size() == replicas_.size()) return spans_[first_span].replica;
  first_span = static_cast<uint32_t>(spans_.size());
  replicas_.emplace_back().id = id;
  return static_cast<uint32_t>(replicas_.size() - 1);
}

const CausalGraph::Replica* CausalGraph::FindReplica(ReplicaId id) const {
  // Most look-ups are for whoever wrote last.
  if (!spans_.empty() && last_replica_ == id) {
    return &replicas_[spans_.back().replica];
  }
  if (replicas_.size() <= kFewReplicas) {
    const auto at = std::ranges::find(replicas_, id, &Replica::id);
    return at == replicas_.end() ? nullptr : &*at;
  }
  const uint32_t* const first_span = replica_index_.Find(id.value);
  return first_span == nullptr ? nullptr : &replicas_[spans_[*first_span].replica];
}

// Returns the last of its replica's spans that begins at or before an id, if there is one.
std::optional<uint32_t> CausalGraph::FindSpan(OpId id) const {
  if (spans_.empty()) return std::nullopt;
  if (last_replica_ == id.replica) {
    // Most look-ups are for what was written last.
    if (id.counter >= spans_.back().counter) return static_cast<uint32_t>(spans_.size() - 1);
  } else if (replicas_.size() > kFewReplicas) {
    // A look at the replica would be a cache miss more.
    const uint32_t* const first = replica_index_.Find(id.replica.value);
    if (first == nullptr || id.counter < spans_[*first].counter) return std::nullopt;
    if (id.counter - spans_[*first].counter < EndOf(*first) - spans_[*first].first) return *first;
  }
  const Replica* const replica = FindReplica(id.replica);
  if (replica == nullptr || id.counter < spans_[replica->spans.front()].counter) {
    return std::nullopt;
  }
  return replica->spans[SpanOf(*replica, id.counter)];
}

bool CausalGraph::Extends(OpId first, std::span<const OpIndex> parents) const {
  if (spans_.empty() || parents.size() != 1 || parents[0] + 1 != end_) return false;
  const Span& last = spans_.back();
  return last_replica_ == first.replica && last.counter + (end_ - last.first) == first.counter;
}

void CausalGraph::Append(OpId first, uint32_t length, std::span<const OpIndex> parents) {
  COTEXT_DCHECK(length > 0);
  COTEXT_DCHECK(std::ranges::is_sorted(parents));
  if (!Extends(first, parents)) AddSpan(first, parents);
  end_ = end_ + length;
  max_counter_ = std::max(max_counter_, first.counter + length - 1);
  AdvanceHeads(parents, end_ - 1);
}

OpId CausalGraph::AddLatest(ReplicaId replica, uint32_t length) {
  const OpId first{.counter = max_counter_ + 1, .replica = replica};
  Append(first, length, Heads());
  return first;
}

void CausalGraph::AddSpan(OpId first, std::span<const OpIndex> parents) {
  const uint32_t replica = InternReplica(first.replica);
  const auto span = static_cast<uint32_t>(spans_.size());
  absl::InlinedVector<uint32_t, 4> before;
  uint64_t reach = 1;
  for (const OpIndex parent : parents) {
    before.push_back(SpanAt(parent));
    reach += std::max<uint64_t>(spans_[before.back()].reach, 1);
  }
  if (reach > checkpoint_spacing_ && IsTimeForCheckpoint(parents)) {
    const std::vector<uint32_t> ends =
        IsWholeFrontier(parents) ? EndsOfAll() : EndsOf(parents, Checkpoints::kUse);
    checkpoints_.push_back(Checkpoint{.span = span, .ends = checkpoint_ends_.size()});
    MakeRoomFor(checkpoint_ends_, ends.size());
    checkpoint_ends_.insert(checkpoint_ends_.end(), ends.begin(), ends.end());
    reach = 0;
  }
  const bool continues = parents.size() == 1 && reach > 0 && EndsSegment(before[0], parents[0]);
  if (continues) {
    segments_[spans_[before[0]].segment].last = span;
  } else {
    MakeRoomFor(segments_, 1);
    segments_.push_back(Segment{.first = span, .last = span});
  }
  replicas_[replica].spans.push_back(span);
  MakeRoomFor(spans_, 1);
  spans_.push_back(Span{.first = end_,
                        .replica = replica,
                        .id = first.replica,
                        .counter = first.counter & (kIdLimit - 1),
                        .reach = std::min(reach, kMaxReach) & kMaxReach,
                        .parents = static_cast<uint32_t>(parents_.size()),
                        .segment = continues ? spans_[before[0]].segment
                                             : static_cast<uint32_t>(segments_.size() - 1)});
  span_finder_.Add(end_.value, span);
  last_replica_ = first.replica;
  for (size_t i = 0; i < parents.size(); ++i) {
    MakeRoomFor(parents_, 1);
    MakeRoomFor(parent_segments_, 1);
    parents_.push_back(parents[i]);
    parent_segments_.push_back(spans_[before[i]].segment);
  }
}

// Returns whether an operation of a span is the last of its segment.
bool CausalGraph::EndsSegment(uint32_t span, OpIndex at) const {
  return segments_[spans_[span].segment].last == span && at + 1 == EndOf(span);
}

bool CausalGraph::IsTimeForCheckpoint(std::span<const OpIndex> parents) const {
  const size_t last = checkpoints_.empty() ? 0 : checkpoints_.back().span;
  const size_t spacing = std::max<size_t>(checkpoint_spacing_, replicas_.size() / 2);
  // The version of everything is at hand, any other one takes a walk.
  return spans_.size() - last >= (IsWholeFrontier(parents) ? spacing : 4 * spacing);
}

CausalGraph::Ends CausalGraph::CheckpointOf(uint32_t span) const {
  if (spans_[span].reach > 0) return {};
  const auto at = std::ranges::lower_bound(checkpoints_, span, {}, &Checkpoint::span);
  const auto next = std::next(at);
  const size_t end = next == checkpoints_.end() ? checkpoint_ends_.size() : next->ends;
  return std::span(checkpoint_ends_).subspan(at->ends, end - at->ends);
}

void CausalGraph::AdvanceHeads(std::span<const OpIndex> parents, OpIndex head) {
  if (parents.size() == 1 && heads_.IsOnly(parents[0])) {
    heads_.ReplaceNewest(head);
    return;
  }
  heads_.Advance(parents, head);
}

OpIndexes CausalGraph::Heads() const {
  OpIndexes heads;
  heads_.ForEach([&heads](OpIndex head) { heads.push_back(head); });
  return heads;
}

uint32_t CausalGraph::SpanAt(OpIndex at) const {
  COTEXT_DCHECK(at < end_);
  if (spans_.back().first <= at) return static_cast<uint32_t>(spans_.size() - 1);
  return span_finder_.Find(at.value, static_cast<uint32_t>(spans_.size()),
                           [this](uint32_t span) { return spans_[span].first.value; });
}

std::span<const OpIndex> CausalGraph::ParentsOfSpan(uint32_t span) const {
  const size_t begin = ParentsBegin(span);
  return std::span(parents_).subspan(begin, ParentsEnd(span) - begin);
}

CausalGraph::Stretch CausalGraph::StretchAt(OpIndex at) const {
  const uint32_t index = SpanAt(at);
  const Span& span = spans_[index];
  return Stretch{.first = at,
                 .length = EndOf(index) - at,
                 .id = OpId{.counter = span.counter + (at - span.first), .replica = span.id}};
}

OpId CausalGraph::IdOf(OpIndex at) const { return StretchAt(at).id; }

size_t CausalGraph::SpanOf(const Replica& replica, uint64_t counter) const {
  // Most look-ups are for what is recent: steps back that double, then a search in the last one.
  const size_t count = replica.spans.size();
  const auto begins_before = [&](size_t i) { return spans_[replica.spans[i]].counter <= counter; };
  size_t high = count;
  size_t low = count - 1;
  for (size_t step = 1; low > 0 && !begins_before(low); step *= 2) {
    high = low;
    low -= std::min(low, step);
  }
  while (high - low > 1) {
    const size_t middle = low + (high - low) / 2;
    (begins_before(middle) ? low : high) = middle;
  }
  return low;
}

std::optional<CausalGraph::Stretch> CausalGraph::SpanWith(OpId id) const {
  const std::optional<uint32_t> span = FindSpan(id);
  if (!span || id.counter - spans_[*span].counter >= EndOf(*span) - spans_[*span].first) {
    return std::nullopt;
  }
  return StretchOfSpan(*span);
}

std::optional<CausalGraph::Stretch> CausalGraph::StretchFrom(OpId id) const {
  std::optional<Stretch> stretch = SpanWith(id);
  if (!stretch) return std::nullopt;
  const auto skipped = static_cast<uint32_t>(id.counter - stretch->id.counter);
  stretch->first = stretch->first + skipped;
  stretch->length -= skipped;
  stretch->id = id;
  return stretch;
}

std::optional<OpIndex> CausalGraph::IndexOfOlder(OpId id) const {
  const std::optional<Stretch> stretch = StretchFrom(id);
  if (!stretch) return std::nullopt;
  return stretch->first;
}

uint64_t CausalGraph::CounterOf(ReplicaId replica) const {
  const Replica* found = FindReplica(replica);
  if (found == nullptr) return horizon_.version.CounterOf(replica);
  const uint32_t last = found->spans.back();
  return spans_[last].counter + (EndOf(last) - spans_[last].first) - 1;
}

std::vector<OpId> CausalGraph::Frontier() const {
  if (heads_.size() == 0) return horizon_.frontier;
  std::vector<OpId> ids;
  ids.reserve(heads_.size());
  heads_.ForEach([&](OpIndex head) { ids.push_back(IdOf(head)); });
  Sort(ids);
  return ids;
}

OpIndexes CausalGraph::ParentIndexesOf(OpIndex at) const {
  const uint32_t span = SpanAt(at);
  if (spans_[span].first != at) return OpIndexes{at - 1};
  const std::span<const OpIndex> parents = ParentsOfSpan(span);
  OpIndexes indexes(parents.begin(), parents.end());
  if (indexes.size() > 1) {
    Sort(indexes, {}, [this](OpIndex parent) { return IdOf(parent); });
  }
  return indexes;
}

std::vector<OpId> CausalGraph::ParentsOf(OpIndex at) const {
  const OpIndexes parents = ParentIndexesOf(at);
  if (parents.empty()) return horizon_.frontier;
  std::vector<OpId> ids;
  for (const OpIndex parent : parents) ids.push_back(IdOf(parent));
  return ids;
}

// Segments are numbered as they begin, after everything their first operation depends on: so a walk
// takes the youngest first, and what is older than the one wanted cannot lead there.
bool CausalGraph::Covers(std::span<const OpIndex> heads, OpIndex at) const {
  const uint32_t span = SpanAt(at);
  const uint32_t wanted = spans_[span].segment;
  DescendingSet segments(static_cast<uint32_t>(segments_.size()));
  const auto leads_there = [&](OpIndex from, uint32_t segment) {
    if (segment > wanted) segments.Add(segment);
    return segment == wanted && from >= at;
  };
  for (const OpIndex head : heads) {
    if (leads_there(head, spans_[SpanAt(head)].segment)) return true;
  }
  while (const std::optional<uint32_t> segment = segments.Take()) {
    const uint32_t first = segments_[*segment].first;
    if (spans_[first].reach == 0) {
      if (Covers(CheckpointOf(first), spans_[span].replica, at)) return true;
      continue;
    }
    for (size_t i = ParentsBegin(first); i < ParentsEnd(first); ++i) {
      if (leads_there(parents_[i], parent_segments_[i])) return true;
    }
  }
  return false;
}

bool CausalGraph::IsFrontier(std::span<const OpIndex> heads) const {
  if (heads.size() <= 1) return true;
  if (std::ranges::all_of(heads, [this](OpIndex head) { return heads_.contains(head); })) {
    return true;
  }
  // The older one cannot come after the younger one.
  if (heads.size() == 2) return !Covers(heads.subspan(1), heads[0]);
  struct Head {
    uint32_t segment;
    OpIndex at;
  };
  absl::InlinedVector<Head, 4> ordered;
  DescendingSet segments(static_cast<uint32_t>(segments_.size()));
  for (const OpIndex head : heads) {
    ordered.push_back(Head{.segment = spans_[SpanAt(head)].segment, .at = head});
    segments.Add(ordered.back().segment);
  }
  Sort(ordered, {}, &Head::segment);
  if (std::ranges::adjacent_find(ordered, {}, &Head::segment) != ordered.end()) return false;
  // A head came before another one if it is in the past of the other's segment.
  const auto covers_head = [&](OpIndex from, uint32_t segment) {
    if (segment < ordered.front().segment) return false;
    segments.Add(segment);
    const auto head = std::ranges::lower_bound(ordered, segment, {}, &Head::segment);
    return head != ordered.end() && head->segment == segment && head->at <= from;
  };
  while (const std::optional<uint32_t> segment = segments.Take()) {
    const uint32_t first = segments_[*segment].first;
    if (spans_[first].reach == 0) {
      if (CoversAnyOf(CheckpointOf(first), heads)) return false;
      continue;
    }
    for (size_t i = ParentsBegin(first); i < ParentsEnd(first); ++i) {
      if (covers_head(parents_[i], parent_segments_[i])) return false;
    }
  }
  return true;
}

bool CausalGraph::CoversAnyOf(Ends version, std::span<const OpIndex> heads) const {
  return std::ranges::any_of(
      heads, [&](OpIndex head) { return Covers(version, spans_[SpanAt(head)].replica, head); });
}

VersionVector CausalGraph::ToVersionVector(Ends ends) const {
  std::vector<OpId> last;
  last.reserve(ends.size());
  for (const uint32_t end : ends) {
    if (end > 0) last.push_back(IdOf(OpIndex{end} - 1));
  }
  Sort(last, {}, &OpId::replica);  // Observe is cheap at the end of the list only.
  VersionVector version;
  for (const OpId id : last) version.Observe(id);
  if (!horizon_.empty()) version.Join(horizon_.version);
  return version;
}

std::vector<uint32_t> CausalGraph::EndsOfAll() const {
  std::vector<uint32_t> ends;
  ends.reserve(replicas_.size());
  for (const Replica& replica : replicas_) {
    if (replica.spans.empty()) break;  // The newest one, whose first span is being added.
    ends.push_back(EndOf(replica.spans.back()).value);
  }
  return ends;
}

VersionVector CausalGraph::VersionOf(std::span<const OpIndex> heads) const {
  return ToVersionVector(EndsOf(heads, Checkpoints::kUse));
}

std::vector<uint32_t> CausalGraph::EndsOf(std::span<const OpIndex> heads,
                                          Checkpoints checkpoints) const {
  std::vector<uint32_t> ends(replicas_.size());
  for (PastWalk walk(heads); !walk.done();) {
    const uint32_t span = SpanAt(walk.Youngest());
    uint32_t& own = ends[spans_[span].replica];
    own = std::max(own, (walk.Youngest() + 1).value);
    walk.DropFrom(spans_[span].first);
    const Ends checkpoint = checkpoints == Checkpoints::kUse ? CheckpointOf(span) : Ends();
    for (size_t i = 0; i < checkpoint.size(); ++i) ends[i] = std::max(ends[i], checkpoint[i]);
    if (!checkpoint.empty()) continue;
    for (const OpIndex parent : ParentsOfSpan(span)) walk.Push(parent);
  }
  return ends;
}

void CausalGraph::AddStretches(const Replica& replica, uint64_t counter,
                               std::vector<Stretch>& to) const {
  const uint64_t first = std::max(counter, spans_[replica.spans.front()].counter);
  for (size_t i = SpanOf(replica, first); i < replica.spans.size(); ++i) {
    const uint32_t index = replica.spans[i];
    const Span& span = spans_[index];
    const uint32_t length = EndOf(index) - span.first;
    const uint64_t skip = span.counter < first ? first - span.counter : 0;
    if (skip >= length) continue;
    const auto skipped = static_cast<uint32_t>(skip);
    to.push_back(Stretch{.first = span.first + skipped,
                         .length = length - skipped,
                         .id = OpId{.counter = span.counter + skip, .replica = replica.id}});
  }
}

std::vector<CausalGraph::Stretch> CausalGraph::Since(const VersionVector& known) const {
  std::vector<Stretch> stretches;
  for (const Replica& replica : replicas_) {
    AddStretches(replica, known.CounterOf(replica.id) + 1, stretches);
  }
  Sort(stretches, {}, &Stretch::first);
  return stretches;
}

std::vector<CausalGraph::Stretch> CausalGraph::OfReplica(ReplicaId replica,
                                                         uint64_t counter) const {
  std::vector<Stretch> stretches;
  if (const Replica* found = FindReplica(replica)) AddStretches(*found, counter, stretches);
  return stretches;
}

uint64_t CausalGraph::AllocatedBytes() const {
  uint64_t bytes =
      spans_.capacity() * sizeof(Span) + parents_.capacity() * sizeof(OpIndex) +
      parent_segments_.capacity() * sizeof(uint32_t) +
      checkpoints_.capacity() * sizeof(Checkpoint) + segments_.capacity() * sizeof(Segment) +
      checkpoint_ends_.capacity() * sizeof(uint32_t) + replicas_.capacity() * sizeof(Replica) +
      heads_.AllocatedBytes() + span_finder_.AllocatedBytes() + replica_index_.AllocatedBytes();
  for (const Replica& replica : replicas_) {
    const size_t spans = replica.spans.capacity();
    bytes += spans > kInlinedSpans ? spans * sizeof(uint32_t) : 0;
  }
  return bytes;
}

void CausalGraph::CheckInvariants() const {
  std::vector<bool> has_successor(end_.value);
  for (uint32_t i = 0; i < spans_.size(); ++i) {
    const Span& span = spans_[i];
    COTEXT_CHECK(span.first < EndOf(i));
    uint64_t greatest = ParentsOfSpan(i).empty() ? horizon_.max_counter() : 0;
    for (const OpIndex parent : ParentsOfSpan(i)) {
      COTEXT_CHECK(parent < span.first);
      greatest = std::max(greatest, IdOf(parent).counter);
      has_successor[parent.value] = true;
    }
    COTEXT_CHECK(span.counter == greatest + 1);
    COTEXT_CHECK(IsFrontier(ParentsOfSpan(i)));
    for (OpIndex at = span.first; at + 1 < EndOf(i); at = at + 1) has_successor[at.value] = true;
  }
  horizon_.version.CheckInvariants();
  size_t listed = 0;
  uint64_t max_counter = horizon_.max_counter();
  for (uint32_t i = 0; i < replicas_.size(); ++i) {
    const Replica& replica = replicas_[i];
    COTEXT_CHECK(!replica.spans.empty());
    COTEXT_CHECK(std::ranges::is_sorted(replica.spans));
    COTEXT_CHECK(spans_[replica.spans.front()].counter > horizon_.max_counter());
    for (size_t k = 0; k < replica.spans.size(); ++k) {
      COTEXT_CHECK(spans_[replica.spans[k]].replica == i);
      COTEXT_CHECK(spans_[replica.spans[k]].id == replica.id);
      if (k == 0) continue;
      const OpIndex previous = EndOf(replica.spans[k - 1]) - 1;
      COTEXT_CHECK(Covers(ParentsOfSpan(replica.spans[k]), previous));
    }
    COTEXT_CHECK(replica_index_.size() == replicas_.size());
    COTEXT_CHECK(replica_index_.Find(replica.id.value) != nullptr);
    COTEXT_CHECK(*replica_index_.Find(replica.id.value) == replica.spans.front());
    listed += replica.spans.size();
    max_counter = std::max(max_counter, CounterOf(replica.id));
  }
  COTEXT_CHECK(listed == spans_.size());
  COTEXT_CHECK(max_counter_ == max_counter);
  for (const Checkpoint& checkpoint : checkpoints_) {
    std::vector<uint32_t> ends = EndsOf(ParentsOfSpan(checkpoint.span), Checkpoints::kIgnore);
    ends.resize(CheckpointOf(checkpoint.span).size());
    COTEXT_CHECK(std::ranges::equal(CheckpointOf(checkpoint.span), ends));
  }
  for (uint32_t i = 0; i < spans_.size(); ++i) CheckSegment(i);
  for (OpIndex at; at < end_; at = at + 1) {
    COTEXT_CHECK(has_successor[at.value] != heads_.contains(at));
  }
}

// Checks that a span begins its segment or continues it.
void CausalGraph::CheckSegment(uint32_t span) const {
  const Segment& segment = segments_[spans_[span].segment];
  COTEXT_CHECK(segment.first <= span);
  COTEXT_CHECK(span <= segment.last);
  if (span == segment.first) return;
  const std::span<const OpIndex> parents = ParentsOfSpan(span);
  COTEXT_CHECK(parents.size() == 1);
  COTEXT_CHECK(spans_[span].reach > 0);
  const uint32_t before = SpanAt(parents[0]);
  COTEXT_CHECK(spans_[before].segment == spans_[span].segment);
  COTEXT_CHECK(parents[0] + 1 == EndOf(before));
}

}  // namespace cotext
