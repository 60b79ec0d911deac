#include "simulation/world/world_checks.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "simulation/check/check_buffers.h"
#include "simulation/check/check_causal_order.h"
#include "simulation/check/check_convergence.h"
#include "simulation/check/check_durability.h"
#include "simulation/check/check_exactly_once.h"
#include "simulation/check/check_handed_back.h"
#include "simulation/check/check_hostile.h"
#include "simulation/check/check_intent.h"
#include "simulation/check/check_liveness.h"
#include "simulation/check/check_presence.h"
#include "simulation/check/operation_records.h"
#include "simulation/world/intent_recorder.h"
#include "simulation/world/ot_records.h"
#include "simulation/world/stored_end.h"
#include "sync/message.h"

namespace cotext {
namespace {

// Calls something with every node that has the document in memory.
template <typename Call>
void ForEachCopy(const WorldEnd& end, Call call) {
  for (const auto& client : end.clients) call(*client);
  for (const auto& peer : end.peers) call(*peer);
  for (const auto& bridge : end.bridges) call(*bridge);
}

FinalCopy CopyOf(NodeNumber node, const RgaDocument& document) {
  return {.node = node,
          .text = document.Text(),
          .version = document.version().bytes,
          .history = CanonicalHistory(document.ChangesSince({}))};
}

// Returns what a node has. REQUIRES: it is running.
template <typename Node>
FinalCopy FinalOf(const Node& node) {
  if constexpr (requires { node.Final(); }) {
    return node.Final();
  } else {
    return CopyOf(node.node(), node.document());
  }
}

// Returns what each server has stored; of peers, the first one that is there stands for them.
std::vector<StoredEnd> ReadAllStored(const WorldEnd& end) {
  std::vector<StoredEnd> all;
  for (const auto& server : end.servers) all.push_back(server->ReadStored());
  for (const auto& peer : end.peers) {
    if (!peer->is_running()) continue;
    const RgaDocument& document = peer->document();
    StoredEnd& stored = all.emplace_back();
    stored.copies.push_back(CopyOf(peer->node(), document));
    stored.extent = ExtentOf(document.version_vector());
    stored.applied = OperationsOf(document.ChangesSince({}));
    return all;
  }
  if (all.empty()) all.emplace_back();
  return all;
}

std::vector<Violation> CheckSettling(const WorldEnd& end) {
  LivenessRecord record{.quiet_since_us = end.quiet_since_us, .patience_us = end.patience_us};
  std::map<std::string, uint64_t> versions;
  uint64_t copies = 0;
  ForEachCopy(end, [&](const auto& node) {
    if (!node.is_running()) return;
    ++copies;
    ++versions[FinalOf(node).version];
  });
  ForEachCopy(end, [&](const auto& node) {
    NodeProgress progress = node.Progress();
    if (node.is_running()) {
      progress.waiting["copies with another version"] = copies - versions[FinalOf(node).version];
    }
    progress.settled_at_us = end.settled_at_us;
    record.nodes.push_back(std::move(progress));
  });
  return CheckLiveness(record);
}

std::vector<Violation> CheckCopies(const WorldContext& context, const WorldEnd& end,
                                   const std::vector<StoredEnd>& all) {
  std::vector<FinalCopy> copies;
  for (const StoredEnd& stored : all) {
    copies.insert(copies.end(), stored.copies.begin(), stored.copies.end());
  }
  Violations events("events");
  ForEachCopy(end, [&](const auto& node) {
    if (!node.is_running()) return;
    copies.push_back(FinalOf(node));
    if constexpr (requires { node.recorded_text(); }) {
      if (node.recorded_text() != CodePointsOf(copies.back().text)) {
        events.Add(NodeName(node.node()) + " was told of other edits than it has");
      }
    }
    if (!all[0].is_ot) return;
    const auto seen = context.record.commits.find(node.node());
    copies.back().history = HistoryAsSeen(all[0].commits, seen == context.record.commits.end()
                                                              ? std::map<uint64_t, std::string>()
                                                              : seen->second);
  });
  std::vector<Violation> found = CheckConvergence(copies);
  for (Violation& violation : events.Take()) found.push_back(std::move(violation));
  return found;
}

// What each disk was said to have is on that disk.
std::vector<Violation> CheckDisks(WorldContext& context, const WorldEnd& end,
                                  const std::vector<StoredEnd>& stored) {
  std::vector<DurabilityEvent>& all = context.record.durability;
  const auto note = [&](NodeNumber node, const EditExtent& extent) {
    all.push_back({.kind = DurabilityEvent::Kind::kFound,
                   .at_us = context.now_us,
                   .node = node,
                   .extent = extent});
  };
  for (size_t i = 0; i < end.servers.size(); ++i) note(end.servers[i]->node(), stored[i].extent);
  for (const auto& peer : end.peers) {
    if (peer->is_running()) note(peer->node(), ExtentOf(peer->document().version_vector()));
  }
  std::map<uint64_t, std::vector<DurabilityEvent>> by_disk;
  for (const DurabilityEvent& event : all) {
    const bool is_found = event.kind == DurabilityEvent::Kind::kFound;
    by_disk[is_found ? event.node : event.store].push_back(event);
  }
  std::vector<Violation> found;
  for (const auto& [disk, events] : by_disk) {
    for (Violation& violation : CheckDurability(events)) found.push_back(std::move(violation));
  }
  return found;
}

// The other copies are the same as the first one that is stored, or there is another violation.
std::vector<Violation> CheckOnce(const WorldRecord& record, const StoredEnd& stored) {
  ExactlyOnceRecord once{.made = record.made, .lost = record.lost, .copies = {}};
  once.lost.insert(once.lost.end(), stored.refused.begin(), stored.refused.end());
  once.copies.push_back({.node = 0, .is_final = true, .applied = stored.applied});
  return CheckExactlyOnce(once);
}

std::vector<Violation> CheckOrder(const WorldRecord& record, const StoredEnd& stored) {
  if (!stored.is_ot) return CheckCausalOrder(record.deliveries);
  return CheckCausalOrder(DeliveriesOf(stored.commits, record.steps));
}

std::vector<Violation> CheckIntents(const WorldContext& context, const StoredEnd& stored) {
  if (!context.record.has_unique_text || stored.copies.empty()) return {};
  IntentRecord record;
  for (const UserIntent& intent : context.record.intents) {
    if (!stored.Has(intent.last)) continue;
    const auto append = [](auto& to, const auto& from) {
      to.insert(to.end(), from.begin(), from.end());
    };
    append(record.inserted, intent.inserted);
    append(record.deleted, intent.deleted);
    append(record.brought_back, intent.brought_back);
    // Undo brings back what was handed back, too.
    if (!stored.is_ot) continue;
    for (const CharacterNumber each : intent.brought_back) {
      record.inserted.push_back({.character = each});
    }
  }
  for (const char32_t character : CodePointsOf(stored.copies[0].text)) {
    record.text.push_back(character);
  }
  return CheckIntent(record);
}

// At the end: who is at one server sees who is there too.
std::vector<PresenceRecord> ViewsAtServers(const WorldEnd& end) {
  std::vector<PresenceRecord> records(end.servers.size());
  for (const auto& client : end.clients) {
    if (!client->is_running() || !client->is_connected()) continue;
    PresenceRecord& record = records[client->server()];
    record.present[client->session()] = client->shown();
    record.views[client->session()] = client->SeenPresence();
  }
  return records;
}

// At the end: a peer sees those whom it is linked to.
std::vector<PresenceRecord> ViewsOfPeers(const WorldEnd& end) {
  std::vector<PresenceRecord> records;
  for (const auto& peer : end.peers) {
    if (!peer->is_running()) continue;
    PresenceRecord& record = records.emplace_back();
    record.views[peer->session()] = peer->SeenPresence();
    for (const NodeNumber node : peer->neighbours()) {
      const WorldPeer& other = *end.peers[node];
      if (other.is_running()) record.present[other.session()] = other.shown();
    }
  }
  return records;
}

std::vector<Violation> CheckViews(WorldContext& context, const WorldEnd& end) {
  std::vector<PresenceRecord> records = end.peers.empty() ? ViewsAtServers(end) : ViewsOfPeers(end);
  context.record.presence.grace_us = end.ghost_us;
  records.push_back(std::move(context.record.presence));
  std::vector<Violation> found;
  for (const PresenceRecord& record : records) {
    for (Violation& violation : CheckPresence(record)) found.push_back(std::move(violation));
  }
  return found;
}

// The longest message that anybody may have sent, in bytes: no update says more than all there is
// to say of the document, in whatever encoding.
size_t LongestMessage(const WorldEnd& end) {
  constexpr size_t kOthers = 2000;  // As those of presence.
  std::optional<size_t> longest;
  ForEachCopy(end, [&](const auto& node) {
    if (!node.is_running()) return;
    std::optional<size_t> all;
    if constexpr (requires { node.HistoryBytes(); }) {
      all = node.HistoryBytes();
    } else if (const auto update = node.document().EncodeSince(Version{VersionVector().Encode()})) {
      all = update->size();
    }
    if (all) longest = std::max(longest.value_or(0), *all);
  });
  return longest ? std::min(sync::kMessageBytesMax, kOthers + 2 * *longest)
                 : sync::kMessageBytesMax;
}

BufferRecord Buffers(const WorldContext& context, const WorldEnd& end) {
  BufferRecord buffers = BuffersOf(context.record, *end.server_options);
  const size_t longest = LongestMessage(end);
  // Beyond its maximum a queue may have what it pulled itself: up to another, and the last message.
  const sync::ServerOptions& server = *end.server_options;
  buffers.maxima["session queue"] = server.queue_bytes_max + server.pull_bytes + longest;
  buffers.maxima["peer queue"] = end.peer_options->link.window_bytes + longest;
  return buffers;
}

}  // namespace

std::vector<Violation> CheckWorld(WorldContext& context, const WorldEnd& end) {
  std::vector<Violation> violations;
  const auto add = [&](std::vector<Violation> found) {
    std::move(found.begin(), found.end(), std::back_inserter(violations));
  };
  const std::vector<StoredEnd> stored = ReadAllStored(end);
  for (const StoredEnd& each : stored) add(each.violations);
  add(CheckSettling(end));
  add(CheckCopies(context, end, stored));
  add(CheckDisks(context, end, stored));
  add(CheckOnce(context.record, stored[0]));
  add(CheckOrder(context.record, stored[0]));
  add(CheckIntents(context, stored[0]));
  add(CheckViews(context, end));
  add(CheckBuffers(Buffers(context, end)));
  add(CheckHandedBack(context.record.handed_back));
  add(CheckHostile(context.record.attacks));
  add(context.record.refusals.Take());
  return violations;
}

}  // namespace cotext
