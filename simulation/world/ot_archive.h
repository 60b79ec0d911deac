// Every entry of a document's log that was ever known to be kept, also those that a snapshot stands
// for now: what all that a server ever decided can be found from, without trusting its snapshots.
#ifndef COTEXT_SIMULATION_WORLD_OT_ARCHIVE_H_
#define COTEXT_SIMULATION_WORLD_OT_ARCHIVE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "simulation/check/violation.h"
#include "sync/store.h"

namespace cotext {

class OtArchive {
 public:
  // The store has appended records, of which the last has this position.
  void OnAppended(uint64_t position, const std::vector<sync::Record>& records) {
    for (size_t i = 0; i < records.size(); ++i) {
      Keep(position - records.size() + 1 + i, records[i]);
    }
  }
  // The store has found this log.
  void OnFound(const sync::StoredLog& log) { OnAppended(log.position(), log.tail); }

  // Returns all records in order. Adds to `violations` where there is not exactly one.
  std::vector<sync::Record> All(Violations& violations) const {
    for (const std::string& each : changed_) violations.Add(each);
    std::vector<sync::Record> all;
    for (const auto& [position, record] : records_) {
      if (position != all.size() + 1) {
        violations.Add("the log has nothing at " + std::to_string(all.size() + 1));
        break;
      }
      all.push_back(record);
    }
    return all;
  }

 private:
  void Keep(uint64_t position, const sync::Record& record) {
    const auto [at, is_new] = records_.emplace(position, record);
    if (!is_new && at->second != record) {
      changed_.push_back("the log has another record at " + std::to_string(position));
    }
  }

  std::map<uint64_t, sync::Record> records_;
  std::vector<std::string> changed_;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_OT_ARCHIVE_H_
