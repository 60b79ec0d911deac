// An OT document's log, entry by entry, for the checkers.
#ifndef COTEXT_SIMULATION_WORLD_OT_RECORDS_H_
#define COTEXT_SIMULATION_WORLD_OT_RECORDS_H_

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crdt/ids.h"
#include "document/error.h"
#include "ot/server_state.h"
#include "simulation/check/check_causal_order.h"
#include "simulation/check/check_convergence.h"
#include "simulation/check/check_durability.h"
#include "simulation/check/check_exactly_once.h"
#include "simulation/world/world_record.h"
#include "sync/store.h"

namespace cotext {

// What a submission does, and what a commit does, in a form that tells them apart.
std::string SubmissionContent(uint64_t base, std::string_view operation);
std::string CommitContent(uint64_t client, uint64_t seq, std::string_view operation);

struct OtLogCommit {
  EditRecord submission;
  uint64_t base = 0;
  std::string content = {};  // CommitContent.
};

// What a log comes to, with the commits that it shows: not those in its snapshot.
struct OtLog {
  explicit OtLog(const OtServerOptions& options) : state(options) {}

  OtServerState state;
  std::vector<OtLogCommit> commits;  // Revisions 1, 2, ... if there was no snapshot.
  std::map<std::pair<uint64_t, uint64_t>, ErrorCode> refused;  // By client and number.
};

Expected<OtLog> ReadOtLog(std::span<const sync::Record> records, const OtServerOptions& options);

// Up to which submission of each client all are decided.
EditExtent ExtentOf(const OtServerState& state);

// The commits in the order of the log, which is a copy of its own, number 0, and as the copies
// followed it. A step back is a delivery once more.
std::vector<Delivery> DeliveriesOf(std::span<const OtLogCommit> commits,
                                   std::span<const RevisionStep> steps);

// All commits, as the log has them but for those that a node saw otherwise.
std::string HistoryAsSeen(std::span<const OtLogCommit> commits,
                          const std::map<uint64_t, std::string>& seen);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_OT_RECORDS_H_
