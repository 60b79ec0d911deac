#include "simulation/world/fault_state.h"

#include <algorithm>

#include "document/check.h"

namespace cotext {

FaultState::FaultState(const FaultPlan& plan, NodeNumber nodes) : plan_(&plan), nodes_(nodes) {
  std::set<uint64_t> times{0, plan.quiet_at_us};
  for (const Fault& fault : plan.faults) {
    for (const uint64_t at_us : {fault.at_us, fault.at_us + fault.for_us}) {
      if (at_us < plan.quiet_at_us) times.insert(at_us);
    }
  }
  times_us_.assign(times.begin(), times.end());
}

std::optional<uint64_t> FaultState::NextTimeUs() const {
  if (next_ == times_us_.size()) return std::nullopt;
  return times_us_[next_];
}

FaultState::Step FaultState::Take() {
  COTEXT_CHECK(next_ < times_us_.size());
  Step step{.at_us = times_us_[next_++], .effects = {}, .resets = {}};
  step.is_quiet = step.at_us >= plan_->quiet_at_us;
  if (step.is_quiet) return step;
  step.effects = EffectsAt(step.at_us);
  for (const Fault& fault : plan_->faults) {
    const bool breaks = fault.kind == FaultKind::kReset || fault.kind == FaultKind::kOffline;
    if (!breaks || fault.at_us != step.at_us) continue;
    step.resets.insert(step.resets.end(), fault.nodes.begin(), fault.nodes.end());
  }
  return step;
}

FaultEffects FaultState::EffectsAt(uint64_t now_us) const {
  FaultEffects effects;
  for (const Fault& fault : plan_->faults) {
    if (fault.at_us <= now_us && now_us < fault.at_us + fault.for_us) AddEffect(fault, effects);
  }
  return effects;
}

void FaultState::AddEffect(const Fault& fault, FaultEffects& effects) const {
  for (const NodeNumber node : fault.nodes) {
    switch (fault.kind) {
      case FaultKind::kPartition:
      case FaultKind::kOneWay:
      case FaultKind::kOffline:
        for (NodeNumber other = 0; other < nodes_; ++other) {
          // Those who are cut off together still have each other.
          if (std::ranges::find(fault.nodes, other) != fault.nodes.end()) continue;
          effects.blocked.insert({node, other});
          if (fault.kind != FaultKind::kOneWay) effects.blocked.insert({other, node});
        }
        break;
      case FaultKind::kLate:
      case FaultKind::kLeave:
      case FaultKind::kServerRestart: effects.down.emplace(node, Ending::kInOrder); break;
      case FaultKind::kCrash:
      case FaultKind::kServerCrash: {
        Ending& ending = effects.down[node];
        ending = std::max(ending, fault.amount == 1 ? Ending::kSilent : Ending::kKilled);
        break;
      }
      case FaultKind::kSlowReader:
        effects.read_rates[node] = std::max<uint64_t>(fault.amount, 1);
        break;
      case FaultKind::kDisk: effects.disk_failures_ppm[node] = fault.amount; break;
      case FaultKind::kFullDisk: effects.disk_room[node] = fault.amount; break;
      case FaultKind::kClockSkew: effects.clock_rates_ppm[node] = fault.amount; break;
      case FaultKind::kReadOnly: effects.taken_rights[node] |= sync::kMayWrite; break;
      case FaultKind::kCutOff: effects.taken_rights[node] |= sync::kAllRights; break;
      case FaultKind::kHostile:  // Has a node of its own, which goes by the plan.
      case FaultKind::kLatency:
      case FaultKind::kLoss:
      case FaultKind::kDuplicate:
      case FaultKind::kReorder:
      case FaultKind::kCorrupt:
      case FaultKind::kSlowStore:
      case FaultKind::kReset: break;
    }
  }
}

}  // namespace cotext
