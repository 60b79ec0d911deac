#include "simulation/world/world_checks.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "simulation/check/check_buffers.h"
#include "simulation/check/check_causal_order.h"
#include "simulation/check/check_convergence.h"
#include "simulation/check/check_durability.h"
#include "simulation/check/check_exactly_once.h"
#include "simulation/check/check_intent.h"
#include "simulation/check/check_liveness.h"
#include "simulation/check/check_presence.h"
#include "simulation/check/operation_records.h"
#include "simulation/world/intent_recorder.h"

namespace cotext {
namespace {

// Returns of how many replicas `all` has more.
uint64_t CountBehind(const VersionVector& version, const VersionVector& all) {
  return static_cast<uint64_t>(
      std::ranges::count_if(all.entries(), [&](const VersionVector::Entry& entry) {
        return version.CounterOf(entry.replica) < entry.counter;
      }));
}

std::vector<Violation> CheckSettling(const WorldEnd& end) {
  LivenessRecord record{.quiet_since_us = end.quiet_since_us, .patience_us = end.patience_us};
  VersionVector all;
  for (const auto& client : end.clients) {
    if (client->is_running()) all.Join(client->document().version_vector());
  }
  for (const auto& client : end.clients) {
    NodeProgress progress = client->Progress();
    if (client->is_running()) {
      progress.waiting["writers of whom others have more"] =
          CountBehind(client->document().version_vector(), all);
    }
    progress.settled_at_us = end.settled_at_us;
    record.nodes.push_back(std::move(progress));
  }
  return CheckLiveness(record);
}

std::vector<Violation> CheckCopies(const WorldEnd& end) {
  std::vector<FinalCopy> copies;
  const auto add = [&](NodeNumber node, const RgaDocument& document) {
    copies.push_back({.node = node,
                      .text = document.Text(),
                      .version = document.version().bytes,
                      .history = CanonicalHistory(document.ChangesSince({}))});
  };
  add(end.server->node(), *end.server->StoredDocument());
  Violations events("events");
  for (const auto& client : end.clients) {
    if (!client->is_running()) continue;
    add(client->node(), client->document());
    if (client->recorded_text() != CodePointsOf(client->document().Text())) {
      events.Add(NodeName(client->node()) + " was told of other edits than it has");
    }
  }
  std::vector<Violation> found = CheckConvergence(copies);
  for (Violation& violation : events.Take()) found.push_back(std::move(violation));
  return found;
}

std::vector<Violation> CheckHistory(WorldContext& context, const WorldEnd& end) {
  const auto stored = end.server->StoredDocument();
  WorldRecord& record = context.record;
  record.durability.push_back({.kind = DurabilityEvent::Kind::kFound,
                               .at_us = context.now_us,
                               .node = end.server->node(),
                               .extent = ExtentOf(stored->version_vector())});
  std::vector<Violation> found = CheckDurability(record.durability);
  // The other copies are the same, or there is another violation.
  ExactlyOnceRecord once{.made = record.made, .lost = record.lost, .copies = {}};
  once.copies.push_back({.node = end.server->node(),
                         .is_final = true,
                         .applied = OperationsOf(stored->ChangesSince({}))});
  for (Violation& violation : CheckExactlyOnce(once)) found.push_back(std::move(violation));
  return found;
}

std::vector<Violation> CheckIntents(WorldContext& context, const WorldEnd& end) {
  if (!context.record.has_unique_text) return {};
  const auto stored = end.server->StoredDocument();
  const VersionVector version = stored->version_vector();
  IntentRecord record;
  for (const UserIntent& intent : context.record.intents) {
    if (!version.Covers(intent.last)) continue;
    const auto append = [](auto& to, const auto& from) {
      to.insert(to.end(), from.begin(), from.end());
    };
    append(record.inserted, intent.inserted);
    append(record.deleted, intent.deleted);
    append(record.brought_back, intent.brought_back);
  }
  for (const char32_t character : CodePointsOf(stored->Text())) record.text.push_back(character);
  return CheckIntent(record);
}

std::vector<Violation> CheckViews(WorldContext& context, const WorldEnd& end) {
  PresenceRecord& record = context.record.presence;
  record.grace_us = end.ghost_us;
  for (const auto& client : end.clients) {
    if (!client->is_running() || !client->is_connected()) continue;
    record.present[client->session()] = client->shown();
    record.views[client->session()] = client->SeenPresence();
  }
  return CheckPresence(record);
}

}  // namespace

std::vector<Violation> CheckWorld(WorldContext& context, const WorldEnd& end) {
  std::vector<Violation> violations;
  const auto add = [&](std::vector<Violation> found) {
    std::move(found.begin(), found.end(), std::back_inserter(violations));
  };
  add(CheckSettling(end));
  add(CheckCopies(end));
  add(CheckHistory(context, end));
  add(CheckCausalOrder(context.record.deliveries));
  add(CheckIntents(context, end));
  add(CheckViews(context, end));
  add(CheckBuffers(BuffersOf(context.record, *end.server_options)));
  add(context.record.refusals.Take());
  return violations;
}

}  // namespace cotext
