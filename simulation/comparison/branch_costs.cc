#include "simulation/comparison/branch_costs.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>

#include "crdt/codec/packed_update.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "crdt/rga_text.h"
#include "document/check.h"
#include "document/text_buffer.h"
#include "document/utf8.h"
#include "ot/client_state.h"
#include "ot/pending_operation.h"
#include "ot/server_state.h"
#include "ot/ttf_history.h"
#include "simulation/comparison/cost_budget.h"
#include "simulation/replay/replay_result.h"
#include "simulation/replay/run_meter.h"

namespace cotext {
namespace {

using Edits = std::vector<TextEdit>;

constexpr uint64_t kTextPerEdit = 8;
// Short measurements are repeated so often, or until they took as long together.
constexpr size_t kRunsMax = 15;
constexpr double kRunsMs = 100;
// The base text's author; branches have the next ids.
constexpr uint64_t kBaseAuthor = 1;

ReplicaId AuthorOf(uint64_t branch) { return ReplicaId{kBaseAuthor + 1 + branch}; }

Rga MakeBase(const std::string& text) {
  Rga base{ReplicaId{kBaseAuthor}};
  COTEXT_CHECK(base.Replace(0, 0, text));
  return base;
}

// Makes the edits on a replica, as that author's.
void Write(Rga& replica, ReplicaId author, const Edits& edits) {
  replica.SetReplica(author);
  for (const TextEdit& edit : edits) {
    COTEXT_CHECK(replica.Replace(edit.position, edit.deleted, edit.inserted));
  }
}

// Returns what a replica has beyond the base.
PackedUpdate UpdateOf(const Rga& replica, const Rga& base) {
  return replica.PackedSince(base.version_vector());
}

OtServerState MakeServer(const std::string& text) {
  auto server = OtServerState::FromSnapshot({.text = text});
  COTEXT_CHECK(server);
  return *std::move(server);
}

Delta ComposeOf(const Edits& edits) {
  PendingOperation pending;
  for (const TextEdit& edit : edits) COTEXT_CHECK(pending.Compose(DeltaOf(edit)));
  return pending.ToDelta();
}

// Returns the median of what a few runs return, milliseconds each.
template <typename Run>
double MedianOfRuns(Run run) {
  std::vector<double> ms;
  double total = 0;
  while (ms.size() < kRunsMax && (ms.empty() || total < kRunsMs)) {
    ms.push_back(run());
    total += ms.back();
  }
  return MedianOf(ms);
}

// All branches of one size, merged each way.
class Merger {
 public:
  Merger(BranchStyle style, uint64_t branches, uint64_t length, uint64_t seed)
      : base_(MakeBranchBase(kTextPerEdit * length)) {
    Random random(seed);
    for (uint64_t i = 0; i < branches; ++i) {
      branches_.push_back(MakeBranchEdits(style, base_.size(), length, random));
    }
  }

  double OnRga();
  double OnOt(std::optional<double>& compose_ms);
  double OnTtf();

  // Whether what was merged so far agrees.
  bool ok() const {
    const bool same_text = rga_text_.empty() || ttf_text_.empty() || rga_text_ == ttf_text_;
    const bool same_length = !ot_length_ || rga_text_.empty() || *ot_length_ == rga_text_.size();
    return same_text && same_length;
  }

 private:
  std::string base_;
  std::vector<Edits> branches_;
  std::string rga_text_;
  std::string ttf_text_;
  std::optional<uint64_t> ot_length_;
};

double Merger::OnRga() {
  const Rga base = MakeBase(base_);
  std::vector<PackedUpdate> updates;
  for (size_t i = 0; i < branches_.size(); ++i) {
    Rga branch = base;
    Write(branch, AuthorOf(i), branches_[i]);
    updates.push_back(UpdateOf(branch, base));
  }
  return MedianOfRuns([&] {
    Rga replica = base;
    std::vector<PackedUpdate> received = updates;
    const Stopwatch watch(ClockKind::kProcessor);
    for (PackedUpdate& update : received) {
      COTEXT_CHECK(replica.IntegratePacked(std::move(update), Rga::Effects::kIgnore).result);
    }
    rga_text_ = VisibleText(replica);
    return watch.Milliseconds();
  });
}

double Merger::OnOt(std::optional<double>& compose_ms) {
  std::vector<OtSubmission> submissions;
  submissions.reserve(branches_.size());
  const Stopwatch composing(ClockKind::kProcessor);
  for (size_t i = 0; i < branches_.size(); ++i) {
    submissions.push_back({.client = OtClientId{AuthorOf(i).value},
                           .seq = 1,
                           .base = 0,
                           .operation = ComposeOf(branches_[i])});
  }
  compose_ms = composing.Milliseconds();
  const OtServerState base = MakeServer(base_);
  return MedianOfRuns([&] {
    OtServerState server = base;
    const Stopwatch watch(ClockKind::kProcessor);
    for (const OtSubmission& submission : submissions) {
      COTEXT_CHECK(server.Apply(submission).revision);
    }
    ot_length_ = server.text().Text().size();
    return watch.Milliseconds();
  });
}

double Merger::OnTtf() {
  return MedianOfRuns([&] {
    TtfHistory history;
    history.Begin(kBaseAuthor, {});
    COTEXT_CHECK(history.Apply(TextEdit{.position = 0, .deleted = 0, .inserted = base_}));
    const uint32_t root = 0;
    const Stopwatch watch(ClockKind::kProcessor);
    for (size_t i = 0; i < branches_.size(); ++i) {
      history.Begin(static_cast<uint32_t>(AuthorOf(i).value), {&root, 1});
      for (const TextEdit& edit : branches_[i]) COTEXT_CHECK(history.Apply(edit));
    }
    ttf_text_ = history.MergedText();
    return watch.Milliseconds();
  });
}

// Edits that were live, and one who returns.
class Returner {
 public:
  Returner(BranchStyle style, uint64_t live, uint64_t branch, uint64_t seed)
      : style_(style),
        random_(seed),
        base_(MakeBranchBase(kTextPerEdit * std::max(live, branch))),
        live_(MakeBranchEdits(style, base_.size(), live, random_)),
        branch_(MakeBranchEdits(style, base_.size(), branch, random_)) {}

  double OnRga(std::optional<double>& client_ms);
  double OnServer();
  double OnClient();

  bool ok() const {
    return std::ranges::adjacent_find(lengths_, std::not_equal_to()) == lengths_.end();
  }

 private:
  // Returns the branch, and others like it for more runs on one document.
  Edits BranchOf(size_t run) {
    return run == 0 ? branch_ : MakeBranchEdits(style_, base_.size(), branch_.size(), random_);
  }

  BranchStyle style_;
  Random random_;
  std::string base_;
  Edits live_;
  Edits branch_;
  std::vector<size_t> lengths_;  // Of the texts that were come to.
};

double Returner::OnRga(std::optional<double>& client_ms) {
  const Rga base = MakeBase(base_);
  Rga peer = base;
  Write(peer, AuthorOf(0), live_);
  const auto integrate = [](PackedUpdate update, Rga& replica) {
    const Stopwatch watch(ClockKind::kProcessor);
    COTEXT_CHECK(replica.IntegratePacked(std::move(update), Rga::Effects::kIgnore).result);
    return watch.Milliseconds();
  };
  Rga client = base;
  Write(client, AuthorOf(1), branch_);
  const PackedUpdate missed = UpdateOf(peer, base);
  client_ms = MedianOfRuns([&] {
    Rga copy = client;
    const double ms = integrate(missed, copy);
    lengths_.push_back(copy.sequence().metrics().code_points);
    return ms;
  });
  // A copy has no room and moves all that it has when the first edit comes, which is nothing beside
  // many edits. Single ones come to the peer itself, one after the other.
  size_t run = 0;
  return MedianOfRuns([&] {
    Rga branch = base;
    Write(branch, AuthorOf(run + 1), BranchOf(run));
    const PackedUpdate update = UpdateOf(branch, base);
    Rga copy = branch_.size() > 1 ? peer : base;
    Rga& getter = branch_.size() > 1 ? copy : peer;
    const double ms = integrate(update, getter);
    if (run++ == 0) lengths_.push_back(getter.sequence().metrics().code_points);
    return ms;
  });
}

double Returner::OnServer() {
  OtServerState server = MakeServer(base_);
  uint64_t seq = 0;
  for (const TextEdit& edit : live_) {
    COTEXT_CHECK(server
                     .Apply({.client = OtClientId{AuthorOf(0).value},
                             .seq = ++seq,
                             .base = seq - 1,
                             .operation = DeltaOf(edit)})
                     .revision);
  }
  size_t run = 0;
  return MedianOfRuns([&] {
    const OtSubmission submission{.client = OtClientId{AuthorOf(run + 1).value},
                                  .seq = 1,
                                  .base = 0,
                                  .operation = ComposeOf(BranchOf(run))};
    const Stopwatch watch(ClockKind::kProcessor);
    COTEXT_CHECK(server.Apply(submission).revision);
    const double ms = watch.Milliseconds();
    if (run++ == 0) lengths_.push_back(server.text().metrics().code_points);
    return ms;
  });
}

double Returner::OnClient() {
  std::vector<OtCommit> commits;
  commits.reserve(live_.size());
  for (const TextEdit& edit : live_) {
    commits.push_back({.revision = commits.size() + 1,
                       .client = OtClientId{AuthorOf(0).value},
                       .seq = commits.size() + 1,
                       .operation = DeltaOf(edit)});
  }
  return MedianOfRuns([&] {
    TextBuffer text = *TextBuffer::FromText(base_);
    OtClientState client(OtClientId{AuthorOf(1).value}, 0, base_.size());
    for (const TextEdit& edit : branch_) {
      COTEXT_CHECK(client.Edit(DeltaOf(edit)));
      COTEXT_CHECK(text.Apply(DeltaOf(edit)));
    }
    const Stopwatch watch(ClockKind::kProcessor);
    for (const OtCommit& commit : commits) {
      const auto effects = client.OnCommitted(commit);
      COTEXT_CHECK(effects);
      COTEXT_CHECK(text.Apply(effects->change));
    }
    const double ms = watch.Milliseconds();
    lengths_.push_back(text.metrics().code_points);
    return ms;
  });
}

std::vector<uint64_t> Lengths(const BranchOptions& options) {
  std::vector<uint64_t> lengths;
  for (uint64_t length = 10; length <= options.length_max; length *= 10) lengths.push_back(length);
  return lengths;
}

// The pairs of live and branch edits of ReturnCost: an edit that is behind, two branches as long as
// each other, and one branch beside 63 that were live.
std::vector<std::pair<uint64_t, uint64_t>> ReturnSizes(const BranchOptions& options) {
  std::vector<std::pair<uint64_t, uint64_t>> sizes = {{1, 1}};
  for (const uint64_t length : Lengths(options)) sizes.emplace_back(length, 1);
  for (const uint64_t length : Lengths(options)) sizes.emplace_back(length, length);
  for (const uint64_t length : Lengths(options)) {
    const uint64_t live = length * (options.branches_max - 1);
    if (options.branches_max > 2 && live <= options.length_max) sizes.emplace_back(live, length);
  }
  return sizes;
}

// Returns a number for the ratio of both: measurements are judged by those of their own. To the
// budget these are numbers of branches, of which none is half of another.
uint64_t ShapeOf(uint64_t live, uint64_t branch) {
  if (branch == 1) return 1;
  return live == branch ? 4 : 16;
}

void Report(const Progress& progress, size_t done, size_t total) {
  if (progress) progress(done, total);
}

}  // namespace

std::vector<MergeCost> MeasureMerges(BranchStyle style, const BranchOptions& options) {
  std::vector<std::pair<uint64_t, uint64_t>> sizes;
  for (uint64_t branches = 2; branches <= options.branches_max; branches *= 2) {
    for (const uint64_t length : Lengths(options)) sizes.emplace_back(branches, length);
  }
  CostBudget rga(options.budget_seconds);
  CostBudget ot(options.budget_seconds);
  CostBudget ttf(options.budget_seconds);
  std::vector<MergeCost> costs;
  for (const auto& [branches, length] : sizes) {
    MergeCost& cost =
        costs.emplace_back(MergeCost{.style = style, .branches = branches, .length = length});
    Report(options.progress, costs.size(), sizes.size());
    if (branches * length > BranchOptions::kEditsMax) continue;
    Merger merger(style, branches, length, options.seed);
    cost.rga_ms = rga.Measure(branches, length, [&] { return merger.OnRga(); });
    cost.ot_ms = ot.Measure(branches, length, [&] { return merger.OnOt(cost.compose_ms); });
    cost.ttf_ms = ttf.Measure(branches, length, [&] { return merger.OnTtf(); });
    cost.ok = merger.ok();
  }
  return costs;
}

std::vector<ReturnCost> MeasureReturns(BranchStyle style, const BranchOptions& options) {
  CostBudget rga(options.budget_seconds);
  CostBudget server(options.budget_seconds);
  CostBudget client(options.budget_seconds);
  std::vector<ReturnCost> costs;
  const auto sizes = ReturnSizes(options);
  for (const auto& [live, branch] : sizes) {
    ReturnCost& cost =
        costs.emplace_back(ReturnCost{.style = style, .live = live, .branch = branch});
    Report(options.progress, costs.size(), sizes.size());
    Returner returner(style, live, branch, options.seed);
    const uint64_t shape = ShapeOf(live, branch);
    cost.rga_peer_ms = rga.Measure(shape, live, [&] { return returner.OnRga(cost.rga_client_ms); });
    cost.ot_server_ms = server.Measure(shape, live, [&] { return returner.OnServer(); });
    cost.ot_client_ms = client.Measure(shape, live, [&] { return returner.OnClient(); });
    cost.ok = returner.ok();
  }
  return costs;
}

}  // namespace cotext
