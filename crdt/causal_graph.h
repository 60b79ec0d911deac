// Who did which operation, and what each replica knew then: the causal graph of a document.
//
// Operations are numbered in arrival order (OpIndex), each after everything it depends on. The
// graph is run-length encoded into *spans*: operations of one replica with consecutive counters,
// each but the first having the one before it as sole parent. A typing session is one span.
//
// Invariants: (1) spans tile the operations; (2) a span's parents come before it; (3) a span's
// first counter is 1 + the greatest parent counter, without parents that of the horizon; (4) the
// spans of one replica have ascending counters and each covers the one before; (5) the frontier is
// the set of operations that are nobody's parent.
//
// A trimmed graph begins at a horizon: it has the operations after that only. Those that come right
// behind it have no parents here; everything counts on top of the horizon's version.
//
// Whether one operation came before another takes a walk into the past. It steps from *segment* to
// segment: spans that each have the end of the one before as sole parent, so that a branch on which
// many take turns is one step. And now and then a span records the version before it, a checkpoint,
// where walks end. Checkpoints are at least half as many spans apart as there are replicas, so they
// take no more room than the spans.
//
// With s spans and r spans of one replica: IdOf O(log s), O(1) where spans are long; IndexOf
// O(log r), O(1) near the last one; Append O(log heads) amortised, + O(replicas) a checkpoint;
// Covers and IsFrontier walk the segments younger than what they look for, each at most once, and
// none behind a checkpoint. Memory: 32 bytes a span, 8 a parent that is not simply the operation
// before, 8 a segment, at most 8 a span for checkpoints. The encoding follows the observation of
// Gentle and Kleppmann
// ("Collaborative Text Editing with Eg-walker", EuroSys 2025, section 3) that real graphs are
// mostly linear.
#ifndef COTEXT_CRDT_CAUSAL_GRAPH_H_
#define COTEXT_CRDT_CAUSAL_GRAPH_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "crdt/head_set.h"
#include "crdt/horizon.h"
#include "crdt/id_map.h"
#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "crdt/run_finder.h"
#include "crdt/version_vector.h"

namespace cotext {

// Parents and heads: nearly always one or two.
using OpIndexes = absl::InlinedVector<OpIndex, 4>;

class CausalGraph {
 public:
  // A walk of this many spans takes a microsecond or two.
  static constexpr uint32_t kCheckpointSpacing = 64;

  // So many are found faster one by one than by hash.
  static constexpr size_t kFewReplicas = 8;

  // A stretch of operations with consecutive ids.
  struct Stretch {
    OpIndex first;
    uint32_t length;
    OpId id;  // Of the first.
  };

  // Small spacings are for tests.
  // REQUIRES: 0 < checkpoint_spacing < kMaxReach.
  explicit CausalGraph(uint32_t checkpoint_spacing = kCheckpointSpacing)
      : checkpoint_spacing_(checkpoint_spacing) {}

  // Makes the graph of what comes after a horizon, which has nothing yet.
  explicit CausalGraph(Horizon horizon)
      : horizon_(std::move(horizon)),
        max_counter_(horizon_.max_counter()),
        checkpoint_spacing_(kCheckpointSpacing) {}

  const Horizon& horizon() const { return horizon_; }

  // Adds `length` operations, the first of which has `parents`, ascending.
  // REQUIRES: what the class invariants say of a span; length > 0.
  void Append(OpId first, uint32_t length, std::span<const OpIndex> parents);

  // Adds `length` operations of `replica` that come after everything here; returns the id of the
  // first.
  // REQUIRES: IsValid(replica); length > 0.
  [[gnu::always_inline]] inline OpId AppendLatest(ReplicaId replica, uint32_t length) {
    if (replica != last_replica_ || !heads_.IsOnly(end_ - 1)) return AddLatest(replica, length);
    const OpId first{.counter = max_counter_ + 1, .replica = replica};
    end_ = end_ + length;
    max_counter_ += length;
    heads_.ReplaceNewest(end_ - 1);
    return first;
  }

  // Returns the number of operations.
  OpIndex end() const { return end_; }

  // Returns the id of an operation.
  OpId IdOf(OpIndex at) const;

  // Returns the longest stretch from `at` on.
  Stretch StretchAt(OpIndex at) const;

  // Returns span number `span`.
  // REQUIRES: span < span_count().
  Stretch StretchOfSpan(size_t span) const {
    const auto at = static_cast<uint32_t>(span);
    return Stretch{.first = spans_[at].first,
                   .length = EndOf(at) - spans_[at].first,
                   .id = OpId{.counter = spans_[at].counter, .replica = spans_[at].id}};
  }

  // Returns the longest stretch from the operation with this id on, if it is here, or the whole
  // span that it is in.
  std::optional<Stretch> StretchFrom(OpId id) const;
  std::optional<Stretch> SpanWith(OpId id) const;

  // Returns the operation with this id, if it is here.
  std::optional<OpIndex> IndexOf(OpId id) const {
    // Most look-ups are for what was written last.
    if (id.replica == last_replica_ && !spans_.empty() && id.counter >= spans_.back().counter) {
      const uint64_t offset = id.counter - spans_.back().counter;
      if (offset >= end_ - spans_.back().first) return std::nullopt;
      return spans_.back().first + static_cast<uint32_t>(offset);
    }
    return IndexOfOlder(id);
  }

  // Returns the greatest counter of `replica` here or below the horizon, 0 if none, and of any
  // replica.
  uint64_t CounterOf(ReplicaId replica) const;
  uint64_t max_counter() const { return max_counter_; }

  // Returns whether an operation comes after everything else here.
  // REQUIRES: IsValid(id).
  bool IsLatest(OpId id) const {
    return id.counter == max_counter_ && id.replica == last_replica_ && heads_.IsOnly(end_ - 1);
  }

  // Returns the operations that have no successor, ascending by index, and their ids, ascending:
  // those of the horizon if there is nothing behind it.
  OpIndexes Heads() const;
  std::vector<OpId> Frontier() const;

  // Return the parents of `at` in ascending order of ids, and their ids. Right behind the horizon
  // there are none, and the ids are those of its frontier.
  OpIndexes ParentIndexesOf(OpIndex at) const;
  std::vector<OpId> ParentsOf(OpIndex at) const;

  // Returns whether `at` is one of `heads` or came before one of them.
  bool Covers(std::span<const OpIndex> heads, OpIndex at) const;

  // Returns whether `heads`, ascending, are all the operations that have no successor.
  bool IsWholeFrontier(std::span<const OpIndex> heads) const { return heads_.Equals(heads); }

  // Returns whether none of `heads`, ascending, came before another: whether they are a frontier.
  bool IsFrontier(std::span<const OpIndex> heads) const;

  // Returns everything here, and everything that `heads` cover; the horizon's in both.
  VersionVector Version() const { return ToVersionVector(EndsOfAll()); }
  VersionVector VersionOf(std::span<const OpIndex> heads) const;

  // Returns the stretches that `known` does not cover, ascending.
  std::vector<Stretch> Since(const VersionVector& known) const;
  // Returns the stretches of `replica` from `counter` on, ascending.
  std::vector<Stretch> OfReplica(ReplicaId replica, uint64_t counter) const;

  size_t span_count() const { return spans_.size(); }
  size_t replica_count() const { return replicas_.size(); }
  size_t checkpoint_count() const { return checkpoints_.size(); }
  uint64_t AllocatedBytes() const;

  void CheckInvariants() const;

 private:
  friend struct CausalGraphPeer;  // Corrupts spans in tests.

  // Half a cache line, with all that takes to find an operation of one of many replicas.
  struct Span {
    OpIndex first;
    uint32_t replica;       // Index into replicas_.
    ReplicaId id;           // The replica's.
    uint64_t counter : 53;  // Of the first operation.
    uint64_t reach : 11;    // The most spans from here to checkpoints; 0 if it has one.
    uint32_t parents;  // Where its parents begin in parents_; they end where the next span's begin.
    uint32_t segment;
  };
  static_assert(sizeof(Span) == 32);
  static_assert(kIdLimit == uint64_t{1} << 53U);
  static constexpr uint64_t kMaxReach = (1U << 11U) - 1;  // Stands for more, too.
  // A span with a checkpoint is the first of its segment.
  struct Segment {
    uint32_t first;
    uint32_t last;
  };
  // A version: for each replica known then, the number behind that of its last operation, or 0.
  using Ends = std::span<const uint32_t>;
  // The version before a span, from `ends` on in checkpoint_ends_; it ends where the next one's
  // begins.
  struct Checkpoint {
    uint32_t span;
    size_t ends;
  };
  enum class Checkpoints : uint8_t { kUse, kIgnore };
  static constexpr size_t kInlinedSpans = 4;  // As many as take no more room than a vector.
  struct Replica {
    ReplicaId id;
    absl::InlinedVector<uint32_t, kInlinedSpans> spans;  // Ascending.
  };

  uint32_t InternReplica(ReplicaId id);
  const Replica* FindReplica(ReplicaId id) const;
  std::optional<uint32_t> FindSpan(OpId id) const;
  std::optional<OpIndex> IndexOfOlder(OpId id) const;
  OpId AddLatest(ReplicaId replica, uint32_t length);
  bool Extends(OpId first, std::span<const OpIndex> parents) const;
  void AddSpan(OpId first, std::span<const OpIndex> parents);
  void AdvanceHeads(std::span<const OpIndex> parents, OpIndex head);

  class PastWalk;
  bool EndsSegment(uint32_t span, OpIndex at) const;
  void CheckSegment(uint32_t span) const;
  bool CoversAnyOf(Ends version, std::span<const OpIndex> heads) const;

  // Returns the version before a span, or nothing if that is not recorded.
  Ends CheckpointOf(uint32_t span) const;
  static bool Covers(Ends version, uint32_t replica, OpIndex at) {
    return replica < version.size() && at.value < version[replica];
  }
  uint64_t CounterAt(uint32_t span, OpIndex at) const {
    return spans_[span].counter + (at - spans_[span].first);
  }
  bool IsTimeForCheckpoint(std::span<const OpIndex> parents) const;
  // Return the version of everything here, and the one that `heads` cover.
  std::vector<uint32_t> EndsOfAll() const;
  std::vector<uint32_t> EndsOf(std::span<const OpIndex> heads, Checkpoints checkpoints) const;
  VersionVector ToVersionVector(Ends version) const;

  uint32_t SpanAt(OpIndex at) const;
  OpIndex EndOf(uint32_t span) const {
    return span + 1 < spans_.size() ? spans_[span + 1].first : end_;
  }
  size_t ParentsBegin(uint32_t span) const { return spans_[span].parents; }
  size_t ParentsEnd(uint32_t span) const {
    return span + 1 < spans_.size() ? spans_[span + 1].parents : parents_.size();
  }
  std::span<const OpIndex> ParentsOfSpan(uint32_t span) const;
  // Returns the position in `replica.spans` of the last span that begins at or before `counter`.
  size_t SpanOf(const Replica& replica, uint64_t counter) const;
  void AddStretches(const Replica& replica, uint64_t counter, std::vector<Stretch>& to) const;

  std::vector<Span> spans_;
  std::vector<Segment> segments_;
  RunFinder span_finder_;
  std::vector<OpIndex> parents_;
  std::vector<uint32_t> parent_segments_;  // Of each of parents_.
  std::vector<Replica> replicas_;
  IdMap replica_index_;  // The first span of each: of most of many replicas it is the only one.
  HeadSet heads_;
  std::vector<Checkpoint> checkpoints_;  // Ascending.
  std::vector<uint32_t> checkpoint_ends_;
  OpIndex end_;
  ReplicaId last_replica_;  // Of the last span.
  Horizon horizon_;
  uint64_t max_counter_ = 0;
  uint32_t checkpoint_spacing_;
};

}  // namespace cotext

#endif  // COTEXT_CRDT_CAUSAL_GRAPH_H_
