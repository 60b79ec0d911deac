#include "simulation/campaign/shrink_scenario.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <set>
#include <utility>
#include <vector>

#include "simulation/world/fault_plan.h"
#include "simulation/world/store_kind.h"
#include "simulation/world/user_action.h"
#include "simulation/world/virtual_network.h"

namespace cotext {
namespace {

// Seeds that a candidate is tried with, the one it has and others.
constexpr uint64_t kSeeds = 4;
constexpr uint64_t kShortUs = 1'000'000;

// Leaves a node out of the faults; those behind it have lower numbers then.
void DropNode(FaultPlan& plan, NodeNumber gone) {
  for (Fault& fault : plan.faults) {
    std::erase(fault.nodes, gone);
    for (NodeNumber& node : fault.nodes) node -= node > gone ? 1 : 0;
  }
  std::erase_if(plan.faults, [](const Fault& fault) { return fault.nodes.empty(); });
}

// Leaves a peer out of a mesh. Those that it was linked to are linked to one of them, so that the
// mesh holds together.
void DropPeer(std::vector<ScenarioLink>& links, NodeNumber gone) {
  std::set<NodeNumber> neighbours;
  std::set<std::pair<NodeNumber, NodeNumber>> left;
  const auto number = [&](NodeNumber node) { return node - (node > gone ? 1 : 0); };
  for (const ScenarioLink& link : links) {
    if (link.first == gone) neighbours.insert(number(link.second));
    if (link.second == gone) neighbours.insert(number(link.first));
    if (link.first != gone && link.second != gone) {
      left.emplace(number(link.first), number(link.second));
    }
  }
  for (const NodeNumber other : neighbours) {
    if (other != *neighbours.begin()) left.emplace(*neighbours.begin(), other);
  }
  links.clear();
  for (const auto& [first, second] : left) links.push_back({.first = first, .second = second});
}

// Leaves a replica out, with all that it does and that happens to it alone.
// REQUIRES: it is not the only one.
Scenario WithoutReplica(Scenario scenario, uint32_t replica) {
  std::erase_if(scenario.actions,
                [&](const UserAction& action) { return action.replica == replica; });
  for (UserAction& action : scenario.actions) action.replica -= action.replica > replica ? 1 : 0;
  DropNode(scenario.plan, scenario.servers + replica);
  if (scenario.topology == Topology::kMesh) DropPeer(scenario.links, replica);
  --scenario.replicas;
  return scenario;
}

// Leaves a link out; what is not linked any more is no scenario, and does not fail.
Scenario WithoutLink(Scenario scenario, size_t link) {
  if (scenario.topology == Topology::kCluster) {
    const auto bridge = static_cast<NodeNumber>(scenario.servers + scenario.replicas + link);
    DropNode(scenario.plan, bridge);
  }
  scenario.links.erase(scenario.links.begin() + static_cast<ptrdiff_t>(link));
  return scenario;
}

uint64_t EndOf(const Scenario& scenario) {
  uint64_t end_us = 0;
  for (const Fault& fault : scenario.plan.faults) {
    end_us = std::max(end_us, fault.at_us + fault.for_us);
  }
  if (!scenario.actions.empty()) end_us = std::max(end_us, scenario.actions.back().at_us);
  return end_us;
}

// The first character of a text; at least one byte, and whole.
std::string FirstCharacter(const std::string& text) {
  size_t end = 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) ++end;
  return text.substr(0, end);
}

class Shrinker {
 public:
  Shrinker(const Scenario& scenario, const ShrinkOptions& options)
      : best_(scenario), options_(options) {}

  Scenario Run() {
    Scenario before;
    do {
      before = best_;
      DropParts(&FaultPlan::faults, [](Scenario& scenario) -> FaultPlan& { return scenario.plan; });
      DropParts(&Scenario::actions, [](Scenario& scenario) -> Scenario& { return scenario; });
      DropReplicas();
      DropLinks();
      CalmDown();
      SimplifyFaults();
      SimplifyActions();
      Hurry();
    } while (!(best_ == before) && !IsTired());
    return best_;
  }

 private:
  bool IsTired() const { return tries_ >= options_.tries_max; }

  bool Fails(const Scenario& candidate) {
    if (IsTired()) return false;
    ++tries_;
    if (options_.progress) options_.progress(tries_, options_.tries_max);
    return options_.fails(candidate);
  }

  // Takes a candidate if it fails, with whatever seed.
  bool Try(Scenario candidate) {
    if (candidate == best_) return false;
    const uint64_t seed = candidate.seed;
    for (uint64_t i = 0; i < kSeeds; ++i) {
      candidate.seed = seed ^ i;
      if (!Fails(candidate)) continue;
      best_ = std::move(candidate);
      return true;
    }
    return false;
  }

  template <typename Owner, typename Element, typename OwnerOf>
  void DropParts(std::vector<Element> Owner::* list, OwnerOf owner_of) {
    const auto size = [&] { return (owner_of(best_).*list).size(); };
    for (size_t part = (size() + 1) / 2; part > 0 && !IsTired();
         part = part == 1 ? 0 : (part + 1) / 2) {
      for (size_t begin = 0; begin < size() && !IsTired();) {
        Scenario candidate = best_;
        auto& elements = owner_of(candidate).*list;
        const auto first = elements.begin() + static_cast<ptrdiff_t>(begin);
        elements.erase(first,
                       first + static_cast<ptrdiff_t>(std::min(part, elements.size() - begin)));
        if (!Try(std::move(candidate))) begin += part;
      }
    }
  }

  void DropReplicas() {
    for (uint32_t replica = best_.replicas; replica-- > 0;) {
      if (best_.replicas > 1) Try(WithoutReplica(best_, replica));
    }
  }

  void DropLinks() {
    for (size_t link = best_.links.size(); link-- > 0;) {
      if (best_.links.size() > 1) Try(WithoutLink(best_, link));
    }
  }

  template <typename Edit>
  void TryWith(Edit edit) {
    Scenario candidate = best_;
    edit(candidate);
    Try(std::move(candidate));
  }

  void CalmDown() {
    TryWith([](Scenario& scenario) {
      scenario.plan.path = {.latency = {.least_us = 20'000}};
      scenario.plan.store = {};
      scenario.plan.connections = ConnectionKind::kOrdered;
    });
    TryWith([](Scenario& scenario) { scenario.store = StoreKind::kMemory; });
    TryWith([](Scenario& scenario) { scenario.plan.connections = ConnectionKind::kOrdered; });
    TryWith([](Scenario& scenario) { scenario.plan.store = {}; });
    TryWith([](Scenario& scenario) { scenario.plan.path.latency = {.least_us = 20'000}; });
    TryWith([](Scenario& scenario) { scenario.plan.path.bytes_per_second = 0; });
    for (const auto share : {&NetworkPath::loss_ppm, &NetworkPath::duplicate_ppm,
                             &NetworkPath::reorder_ppm, &NetworkPath::corrupt_ppm}) {
      TryWith([&](Scenario& scenario) { scenario.plan.path.*share = 0; });
    }
  }

  void SimplifyFaults() {
    for (size_t i = 0; i < best_.plan.faults.size(); ++i) {
      for (size_t node = best_.plan.faults[i].nodes.size(); node-- > 0;) {
        if (best_.plan.faults[i].nodes.size() < 2) break;
        TryWith([&](Scenario& scenario) {
          std::vector<NodeNumber>& nodes = scenario.plan.faults[i].nodes;
          nodes.erase(nodes.begin() + static_cast<ptrdiff_t>(node));
        });
      }
      for (const uint64_t divisor : {uint64_t{10}, uint64_t{2}}) {
        if (best_.plan.faults[i].for_us <= kShortUs) continue;
        TryWith([&](Scenario& scenario) { scenario.plan.faults[i].for_us /= divisor; });
      }
    }
  }

  void SimplifyActions() {
    for (size_t i = 0; i < best_.actions.size(); ++i) {
      TryWith([&](Scenario& scenario) {
        UserAction& action = scenario.actions[i];
        if (!action.text.empty()) action.text = FirstCharacter(action.text);
        if (action.count != 0) action.count = 1;
        if (action.places.size() > 1) action.places.resize(1);
      });
    }
  }

  // Everything sooner, and quiet as soon as nothing goes wrong any more.
  void Hurry() {
    TryWith([](Scenario& scenario) { scenario.plan.quiet_at_us = EndOf(scenario) + 1; });
    for (const uint64_t divisor : {uint64_t{16}, uint64_t{4}, uint64_t{2}}) {
      TryWith([&](Scenario& scenario) {
        for (Fault& fault : scenario.plan.faults) {
          fault.at_us /= divisor;
          fault.for_us /= divisor;
        }
        for (UserAction& action : scenario.actions) action.at_us /= divisor;
        scenario.plan.quiet_at_us = EndOf(scenario) + 1;
      });
    }
  }

  Scenario best_;
  const ShrinkOptions& options_;
  uint64_t tries_ = 0;
};

}  // namespace

Scenario ShrinkScenario(const Scenario& scenario, const ShrinkOptions& options) {
  return Shrinker(scenario, options).Run();
}

}  // namespace cotext
