#include "simulation/world/fault_plan.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "document/check.h"
#include "document/random.h"
#include "simulation/world/event_queue.h"

namespace cotext {
namespace {

constexpr std::array<std::string_view, 22> kNames = {
    "latency",        "loss",    "duplicate", "reorder",  "corrupt",      "slow-store",
    "partition",      "one-way", "reset",     "crash",    "server-crash", "leave",
    "server-restart", "offline", "late",      "disk",     "slow-reader",  "clock-skew",
    "read-only",      "cut-off", "hostile",   "full-disk"};
static_assert(kNames.size() == static_cast<size_t>(kFaultKindLast) + 1);

constexpr uint64_t kMillisecond = 1'000;
constexpr uint64_t kSecond = 1'000'000;

class Generator {
 public:
  explicit Generator(const FaultOptions& options)
      : options_(options), random_(options.seed ^ 0x6661756c74730000U) {}

  FaultPlan Run() {
    plan_.path = Path();
    // Half of the time, packets suffer all that they can; otherwise they are only late.
    const bool is_lossy = plan_.path.loss_ppm + plan_.path.duplicate_ppm + plan_.path.reorder_ppm +
                              plan_.path.corrupt_ppm >
                          0;
    if (is_lossy && random_.Chance(50)) plan_.connections = ConnectionKind::kLossy;
    plan_.store = Store();
    AddSome(FaultKind::kPartition, options_.partitions);
    AddSome(FaultKind::kOneWay, {});
    AddSome(FaultKind::kReset, {});
    AddSome(FaultKind::kCrash, options_.crashes);
    AddSome(FaultKind::kServerCrash, options_.crashes);
    AddSome(FaultKind::kLeave, {});
    AddSome(FaultKind::kServerRestart, {});
    AddSome(FaultKind::kOffline, {});
    AddSome(FaultKind::kDisk, {});
    AddSome(FaultKind::kSlowReader, {});
    AddSome(FaultKind::kClockSkew, {});
    AddLate();
    AddSome(FaultKind::kReadOnly, {});
    AddSome(FaultKind::kCutOff, {});
    AddSome(FaultKind::kHostile, {});
    if (options_.store == StoreKind::kSqlite) AddSome(FaultKind::kFullDisk, {});
    plan_.quiet_at_us = options_.duration_us;
    while (!faults_.empty()) {
      plan_.faults.push_back(faults_.Take().event);
      const Fault& fault = plan_.faults.back();
      plan_.quiet_at_us = std::max(plan_.quiet_at_us, fault.at_us + fault.for_us);
    }
    return std::move(plan_);
  }

 private:
  bool Has(FaultKind kind) const { return options_.kinds.Has(kind); }

  // Most runs should be bearable, some terrible.
  uint64_t Share(FaultKind kind, uint64_t most_ppm) {
    const uint64_t share = random_.Below(random_.Chance(70) ? most_ppm / 10 : most_ppm);
    return Has(kind) ? share : 0;
  }

  NetworkPath Path() {
    NetworkPath path{.latency = {.least_us = 20 * kMillisecond}};
    if (Has(FaultKind::kLatency)) {
      path.latency.shape =
          random_.Chance(50) ? Latency::Shape::kUniform : Latency::Shape::kExponential;
      path.latency.least_us = random_.Below(50 * kMillisecond);
      path.latency.mean_us = random_.Below(random_.Chance(70) ? 50 * kMillisecond : kSecond);
      path.latency.spikes_ppm = random_.Below(50'000);
      path.latency.spike_us = random_.Below(5 * kSecond);
    }
    path.loss_ppm = options_.loss_ppm.value_or(Share(FaultKind::kLoss, 400'000));
    path.duplicate_ppm = options_.duplicate_ppm.value_or(Share(FaultKind::kDuplicate, 400'000));
    path.reorder_ppm = Share(FaultKind::kReorder, 500'000);
    path.corrupt_ppm = Share(FaultKind::kCorrupt, 50'000);
    return path;
  }

  sync::MemoryStoreFaults Store() {
    sync::MemoryStoreFaults store;
    if (!Has(FaultKind::kSlowStore)) return store;
    store.delay_min_ms = random_.Below(10);
    store.delay_max_ms = store.delay_min_ms + random_.Below(random_.Chance(70) ? 20 : 1000);
    return store;
  }

  static bool IsOfServers(FaultKind kind) {
    return kind == FaultKind::kServerCrash || kind == FaultKind::kServerRestart ||
           kind == FaultKind::kDisk || kind == FaultKind::kHostile || kind == FaultKind::kFullDisk;
  }

  static bool NeedsServers(FaultKind kind) {
    return IsOfServers(kind) || kind == FaultKind::kReadOnly || kind == FaultKind::kCutOff;
  }

  void AddSome(FaultKind kind, std::optional<uint32_t> asked_for) {
    if (NeedsServers(kind) && kind != FaultKind::kDisk && options_.servers == 0) return;
    const uint64_t count = asked_for.value_or(Has(kind) ? random_.Below(3) : 0);
    for (uint64_t i = 0; i < count; ++i) Add(Draw(kind));
  }

  void Add(Fault fault) {
    const uint64_t at_us = fault.at_us;
    faults_.Add(at_us, std::move(fault));
  }

  Fault Draw(FaultKind kind) {
    Fault fault{.kind = kind, .at_us = random_.Below(options_.duration_us)};
    fault.for_us = Duration(kind);
    const bool is_of_any = kind == FaultKind::kPartition || kind == FaultKind::kOneWay ||
                           kind == FaultKind::kReset || kind == FaultKind::kClockSkew;
    const uint32_t others = options_.replicas + options_.bridges;
    if (IsOfServers(kind) && options_.servers > 0) {
      fault.nodes = Nodes(0, options_.servers);
    } else if (is_of_any) {
      fault.nodes = Nodes(0, options_.servers + others);
    } else if (kind == FaultKind::kReadOnly || kind == FaultKind::kCutOff) {
      fault.nodes = Nodes(options_.servers, options_.replicas);
    } else {
      fault.nodes = Nodes(options_.servers, others);
    }
    if (kind == FaultKind::kCrash || kind == FaultKind::kServerCrash) {
      fault.amount = random_.Below(2);
    }
    if (kind == FaultKind::kDisk) fault.amount = random_.Between(50'000, 900'000);
    if (kind == FaultKind::kSlowReader) fault.amount = random_.Between(200, 20'000);
    if (kind == FaultKind::kClockSkew) fault.amount = random_.Between(10'000, 2 * kMillion);
    if (kind == FaultKind::kHostile) fault.amount = random_.Below(uint64_t{1} << 32U);
    // A small database and its log, so that it fills up in some worlds only.
    if (kind == FaultKind::kFullDisk) fault.amount = random_.Below(40'000);
    return fault;
  }

  uint64_t Duration(FaultKind kind) {
    if (kind == FaultKind::kReset) return 0;
    if (kind == FaultKind::kOffline) return random_.Between(5 * kSecond, 120 * kSecond);
    if (kind == FaultKind::kHostile) return random_.Between(kSecond, 30 * kSecond);
    // Longer than any time-out in some cases, much shorter in most.
    return random_.Between(10 * kMillisecond, random_.Chance(70) ? 3 * kSecond : 60 * kSecond);
  }

  // Returns one node of a range, or a few.
  std::vector<NodeNumber> Nodes(NodeNumber first, uint32_t count) {
    std::vector<NodeNumber> nodes;
    const bool is_one = random_.Chance(60);
    const NodeNumber chosen = first + static_cast<NodeNumber>(random_.Below(count));
    for (NodeNumber node = first; node < first + count; ++node) {
      if (node == chosen || (!is_one && random_.Chance(40))) nodes.push_back(node);
    }
    return nodes;
  }

  // The first replica is never late: somebody is there from the beginning.
  void AddLate() {
    if (!Has(FaultKind::kLate)) return;
    for (uint32_t i = 1; i < options_.replicas + options_.bridges; ++i) {
      if (!random_.Chance(15)) continue;
      Add(Fault{.kind = FaultKind::kLate,
                .at_us = 0,
                .for_us = random_.Below(options_.duration_us + 1),
                .nodes = {options_.servers + i}});
    }
  }

  FaultOptions options_;
  Random random_;
  FaultPlan plan_;
  EventQueue<Fault> faults_;
};

}  // namespace

std::string_view FaultName(FaultKind kind) { return kNames.at(static_cast<size_t>(kind)); }

std::optional<FaultKind> FaultNamed(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<FaultKind>(found - kNames.begin());
}

Expected<FaultKinds> FaultKinds::Parse(std::string_view list) {
  if (list == "all") return All();
  FaultKinds kinds;
  if (list == "none") return kinds;
  while (true) {
    const size_t comma = list.find(',');
    const std::string_view name = list.substr(0, comma);
    const auto kind = FaultNamed(name);
    if (!kind) {
      return MakeError(ErrorCode::kInvalidTrace, "there is no fault named " + std::string(name));
    }
    kinds.Add(*kind);
    if (comma == std::string_view::npos) return kinds;
    list.remove_prefix(comma + 1);
  }
}

FaultPlan GenerateFaultPlan(const FaultOptions& options) {
  COTEXT_CHECK(options.replicas > 0);
  COTEXT_CHECK(options.duration_us > 0);
  return Generator(options).Run();
}

}  // namespace cotext
