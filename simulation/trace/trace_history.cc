// A transaction needs a document that holds exactly what its parents cover. The builder keeps a few
// replicas, each standing behind some transaction, and brings the cheapest of those that know
// nothing else up to date by integrating what it lacks.
//
// So that this stays cheap, a replica should be left standing where a branch will begin. Every
// transaction therefore claims one parent as its *base*: one by its own agent, or else the one that
// covers most. A replica behind a transaction that still has claims to come is copied, any other is
// taken over, and copying has its price as integrating has. While two people type, each transaction
// takes over the replica of its agent's last one; in a history of many short branches, most
// branches cost one copy.
#include "simulation/trace/trace_history.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga.h"
#include "simulation/trace/trace_error.h"
#include "simulation/trace/version_walk.h"

namespace cotext {
namespace {

// Copying this many bytes counts as much as integrating one patch. Four times less or twice as much
// take the same time within a few percent.
constexpr uint64_t kCopiedBytesPerPatch = 24576;
// Replicas without a claim are kept for whoever is close, and for their memory. Beyond this many,
// the one furthest behind is overwritten, and no other one allocated.
constexpr size_t kSparesMax = 4;
// The most replicas. A history with more live branches than this is replayed from further back.
constexpr size_t kReplicasMax = 64;

constexpr size_t kNone = SIZE_MAX;

struct Replica {
  Rga rga;
  VersionWalk::Counts known;  // By agent: transactions.
  uint64_t work = 0;          // Patches in them.
  size_t last = kNone;        // The transaction that was made on it last.
};

// Returns what copying a replica costs, in patches.
uint64_t PriceOfCopy(const Replica& replica) {
  return replica.rga.AllocatedBytes() / kCopiedBytesPerPatch;
}

// The claims of transactions on their bases.
class Claims {
 public:
  explicit Claims(const Trace& trace)
      : bases_(trace.transaction_count(), kNone), open_(trace.transaction_count()) {
    std::vector<uint64_t> covered(trace.transaction_count());
    VersionWalk walk(trace);
    while (walk.Next()) {
      const size_t t = walk.transaction();
      covered[t] = std::accumulate(walk.covered().begin(), walk.covered().end(), uint64_t{1});
      const auto rank = [&](uint32_t parent) {
        return std::pair(trace.agent(parent) == trace.agent(t), covered[parent]);
      };
      const auto parents = trace.parents(t);
      if (parents.empty()) continue;
      bases_[t] = *std::ranges::max_element(parents, {}, rank);
      ++open_[bases_[t]];
    }
  }

  // Gives up the claim of a transaction.
  void Settle(size_t transaction) {
    if (bases_[transaction] != kNone) --open_[bases_[transaction]];
  }
  bool AreOpenOn(size_t transaction) const {
    return transaction != kNone && open_[transaction] > 0;
  }

 private:
  std::vector<size_t> bases_;
  std::vector<uint32_t> open_;
};

class HistoryBuilder {
 public:
  HistoryBuilder(const Trace& trace, const MakeEdits& make_edits)
      : trace_(trace),
        make_edits_(make_edits),
        walk_(trace),
        claims_(trace),
        made_(trace.agent_count()) {}

  Expected<TraceHistory> Run(const Progress& progress);

 private:
  Replica& ChooseReplica();
  Replica& NewReplica();
  Replica& CopyOf(const Replica& replica);
  Replica* Overwritable(const Replica* except);
  uint64_t WorkCovered() const;
  Expected<void> BringUp(Replica& replica);
  Expected<void> MakeTransaction(Replica& replica);

  const Trace& trace_;  // Its patches are make_edits_'s business.
  const MakeEdits& make_edits_;
  VersionWalk walk_;
  Claims claims_;
  std::vector<std::unique_ptr<Replica>> replicas_;

  // A transaction of an agent, and the work up to and with it.
  struct Made {
    uint32_t transaction;
    uint64_t work;
  };
  std::vector<std::vector<Made>> made_;  // By agent.
  TraceHistory history_;
  std::vector<size_t>
      first_change_;  // By transaction, in history_.changes; its changes end at the next's.
};

Expected<TraceHistory> HistoryBuilder::Run(const Progress& progress) {
  while (walk_.Next()) {
    const size_t transaction = walk_.transaction();
    claims_.Settle(transaction);
    Replica& replica = ChooseReplica();
    COTEXT_RETURN_IF_ERROR(BringUp(replica));
    COTEXT_RETURN_IF_ERROR(MakeTransaction(replica));
    if (progress) progress(transaction + 1, trace_.transaction_count());
  }
  history_.replicas = replicas_.size();  // None is ever removed.
  return std::move(history_);
}

// Returns the replica that the current transaction is to be made on, still behind its parents.
Replica& HistoryBuilder::ChooseReplica() {
  const uint64_t work = WorkCovered();
  Replica* best = nullptr;
  uint64_t best_cost = work;  // That of beginning with an empty one.
  for (const auto& replica : replicas_) {
    if (!std::ranges::equal(replica->known, walk_.covered(), std::less_equal())) continue;
    uint64_t cost = work - replica->work;
    if (cost >= best_cost) continue;
    if (claims_.AreOpenOn(replica->last)) cost += PriceOfCopy(*replica);
    if (cost >= best_cost) continue;
    best = replica.get();
    best_cost = cost;
  }
  if (best == nullptr) return NewReplica();
  return claims_.AreOpenOn(best->last) ? CopyOf(*best) : *best;
}

Replica& HistoryBuilder::NewReplica() {
  const ReplicaId any{1};
  Replica empty{.rga = Rga(any), .known = VersionWalk::Counts(trace_.agent_count())};
  Replica* const place = Overwritable(nullptr);
  if (place != nullptr) return *place = std::move(empty);
  return *replicas_.emplace_back(std::make_unique<Replica>(std::move(empty)));
}

Replica& HistoryBuilder::CopyOf(const Replica& replica) {
  ++history_.copied;
  Replica* const place = Overwritable(&replica);
  if (place != nullptr) return *place = replica;
  return *replicas_.emplace_back(std::make_unique<Replica>(replica));
}

// Returns the replica other than `except` to put another one in the place of, if it is time to.
Replica* HistoryBuilder::Overwritable(const Replica* except) {
  Replica* spare = nullptr;
  Replica* any = nullptr;
  size_t spares = 0;
  const auto choose_least = [](Replica*& least, Replica* replica) {
    if (least == nullptr || replica->work < least->work) least = replica;
  };
  for (const auto& replica : replicas_) {
    if (replica.get() == except) continue;
    choose_least(any, replica.get());
    if (claims_.AreOpenOn(replica->last)) continue;
    choose_least(spare, replica.get());
    ++spares;
  }
  if (spares >= kSparesMax) return spare;
  if (replicas_.size() < kReplicasMax) return nullptr;
  return spare != nullptr ? spare : any;
}

uint64_t HistoryBuilder::WorkCovered() const {
  uint64_t work = 0;
  for (size_t agent = 0; agent < made_.size(); ++agent) {
    const uint32_t count = walk_.covered()[agent];
    if (count > 0) work += made_[agent][count - 1].work;
  }
  return work;
}

// Integrates what the replica lacks of what the current transaction's parents cover.
Expected<void> HistoryBuilder::BringUp(Replica& replica) {
  std::vector<uint32_t> missing;
  for (size_t agent = 0; agent < made_.size(); ++agent) {
    for (uint32_t i = replica.known[agent]; i < walk_.covered()[agent]; ++i) {
      missing.push_back(made_[agent][i].transaction);
    }
  }
  std::ranges::sort(missing);  // Parents come first in a trace.
  for (const uint32_t transaction : missing) {
    const size_t end = transaction + 1 < first_change_.size() ? first_change_[transaction + 1]
                                                              : history_.changes.size();
    for (size_t change = first_change_[transaction]; change < end; ++change) {
      const auto integrated =
          replica.rga.Integrate(history_.changes[change], Rga::Effects::kIgnore);
      if (!integrated) {
        return std::unexpected(EngineError(trace_, walk_.transaction(), integrated.error()));
      }
      ++history_.integrated;
    }
  }
  replica.known = walk_.covered();
  replica.work = WorkCovered();
  return {};
}

// Makes the current transaction on a replica that knows what its parents cover.
Expected<void> HistoryBuilder::MakeTransaction(Replica& replica) {
  const size_t transaction = walk_.transaction();
  const uint32_t agent = trace_.agent(transaction);
  replica.rga.SetReplica(ReplicaId{uint64_t{agent} + 1});
  const uint64_t first = replica.rga.next_counter();
  const auto work = make_edits_(transaction, replica.rga);
  if (!work) return std::unexpected(work.error());
  first_change_.push_back(history_.changes.size());
  if (replica.rga.next_counter() > first)
    history_.changes.Append(replica.rga.OwnChangesFrom(first));

  const uint64_t before = made_[agent].empty() ? 0 : made_[agent].back().work;
  made_[agent].push_back(
      Made{.transaction = static_cast<uint32_t>(transaction), .work = before + *work});
  replica.known[agent] = static_cast<uint32_t>(made_[agent].size());
  replica.work += *work;
  replica.last = transaction;
  return {};
}

Expected<Rga> Receive(const Trace& trace, const Update& changes) {
  Rga peer(ReaderOf(trace));
  for (size_t i = 0; i < changes.size(); ++i) {
    const auto integrated = peer.Integrate(changes[i], Rga::Effects::kIgnore);
    if (!integrated) {
      return MakeError(integrated.error().code, trace.name() + ": " + integrated.error().message);
    }
  }
  return peer;
}

}  // namespace

Expected<TraceHistory> BuildHistory(const Trace& trace, const Progress& progress) {
  const auto apply_patches = [&trace](size_t transaction, Rga& replica) -> Expected<uint64_t> {
    const uint64_t length = replica.sequence().metrics().code_points;
    COTEXT_RETURN_IF_ERROR(CheckPatches(trace, transaction, length));
    const auto patches = trace.patches(transaction);
    for (const TracePatch patch : patches) {
      const auto edited = replica.Replace(patch.position, patch.deleted, patch.inserted);
      if (!edited) return std::unexpected(EngineError(trace, transaction, edited.error()));
    }
    return patches.size();
  };
  return BuildHistoryWith(trace, apply_patches, progress);
}

Expected<TraceHistory> BuildHistoryWith(const Trace& graph, const MakeEdits& make_edits,
                                        const Progress& progress) {
  return HistoryBuilder(graph, make_edits).Run(progress);
}

ReplicaId ReaderOf(const Trace& trace) { return ReplicaId{uint64_t{trace.agent_count()} + 1}; }

Expected<Rga> BuildPeer(const Trace& trace, const Progress& progress) {
  const auto history = BuildHistory(trace, progress);
  if (!history) return std::unexpected(history.error());
  return Receive(trace, history->changes);
}

Expected<Update> AsSentByPeer(const Trace& trace, const Update& changes) {
  const auto peer = Receive(trace, changes);
  if (!peer) return std::unexpected(peer.error());
  return peer->ChangesSince({});
}

uint64_t CountOperations(const Update& update) {
  uint64_t operations = 0;
  for (size_t i = 0; i < update.size(); ++i) operations += update[i].operations.size();
  return operations;
}

}  // namespace cotext
