#include "simulation/check/check_presence.h"

namespace cotext {
namespace {

std::string NameOf(SessionName session) { return "session " + std::to_string(session); }

void CheckGhosts(const PresenceRecord& record, Violations& found) {
  for (const PresenceSample& sample : record.samples) {
    for (const auto& [session, state] : sample.seen) {
      const auto gone = record.gone_at_us.find(session);
      if (gone == record.gone_at_us.end()) continue;
      if (sample.at_us <= gone->second + record.grace_us) continue;
      found.Add(AtTime(sample.at_us) + " " + NodeName(sample.node) + " sees " + NameOf(session) +
                ", gone since " + std::to_string(gone->second) + " us");
    }
  }
}

void CheckView(SessionName viewer, const PresenceSample& view, const PresenceRecord& record,
               Violations& found) {
  const std::string who = NodeName(view.node) + " in " + NameOf(viewer);
  for (const auto& [session, state] : record.present) {
    if (session == viewer) continue;
    const auto seen = view.seen.find(session);
    if (seen == view.seen.end()) {
      found.Add("in the end " + who + " does not see " + NameOf(session));
    } else if (seen->second != state) {
      found.Add("in the end " + who + " sees " + NameOf(session) + " with an outdated state");
    }
  }
  for (const auto& [session, state] : view.seen) {
    if (!record.present.contains(session)) {
      found.Add("in the end " + who + " sees " + NameOf(session) + ", which is not there");
    }
  }
}

}  // namespace

std::vector<Violation> CheckPresence(const PresenceRecord& record) {
  Violations found("presence");
  CheckGhosts(record, found);
  for (const auto& [viewer, view] : record.views) CheckView(viewer, view, record, found);
  return found.Take();
}

}  // namespace cotext
