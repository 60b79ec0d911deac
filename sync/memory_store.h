// A Store in memory, with the contract of one on a disk: for tests, for simulations, and for
// servers that need not remember.
//
// Left alone it answers everything at once and forgets nothing. Whoever drives it can make it worse
// (MemoryStoreFaults): answers take time, writes fail, with none, some or all of their bytes on the
// disk, loads fail; and Crash does what a loss of power does.
//
// Each document is a file of its own (memory_log.h). A call writes at once; the write is synced
// when its answer comes, so between the two a crash keeps it, loses it or tears it.
//
// The same calls and seed give the same answers on any machine. Complexity: Append O(its bytes +
// log(outstanding calls)), Load and Compact O(bytes of the document). Thread-compatible.
#ifndef COTEXT_SYNC_MEMORY_STORE_H_
#define COTEXT_SYNC_MEMORY_STORE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/random.h"
#include "sync/memory_log.h"
#include "sync/store.h"

namespace cotext::sync {

// Shares are in millionths.
struct MemoryStoreFaults {
  uint64_t delay_min_ms = 0;  // What an answer takes, any number between the two.
  uint64_t delay_max_ms = 0;
  uint64_t write_failures_ppm = 0;  // Of Append and Compact.
  uint64_t load_failures_ppm = 0;
  friend bool operator==(const MemoryStoreFaults&, const MemoryStoreFaults&) = default;
};

class MemoryStore final : public Store {
 public:
  explicit MemoryStore(uint64_t seed = 1, const MemoryStoreFaults& faults = {})
      : random_(seed), faults_(faults) {}

  void Load(std::string_view document, Ticket ticket) override;
  void Append(std::string_view document, Ticket ticket, std::vector<Record> records) override;
  void Compact(std::string_view document, Ticket ticket, uint64_t up_to,
               std::vector<Record> snapshot) override;
  std::vector<StoreAnswer> TakeAnswers() override;

  // What is asked from now on meets these faults.
  void SetFaults(const MemoryStoreFaults& faults) { faults_ = faults; }
  // Answers come when their time has. REQUIRES: time does not go back.
  void SetTime(uint64_t now_ms);
  // When there is an answer to take; nothing if nothing was asked.
  std::optional<uint64_t> NextTimeMs() const;
  // Loses every outstanding call, and what was not synced.
  void Crash();

  // Returns what no crash can take from a document.
  StoredLog Synced(std::string_view document) const;
  size_t outstanding() const { return calls_.size(); }

 private:
  struct File {
    MemoryLog log;
    uint64_t last_due_ms = 0;    // Of the answer that comes last.
    bool failed = false;         // A write failed, and its error was not taken.
    bool needs_recovery = true;  // A crash, or that error, came before the next call.
  };
  struct Call {
    enum class Kind : uint8_t { kLoad, kWrite };

    File* file = nullptr;
    Kind kind{};
    Ticket ticket = 0;
    Expected<uint64_t> position = 0;
    uint64_t end = 0;  // What is synced with the answer.
  };

  File& FileOf(std::string_view document);
  File& OpenFile(std::string_view document);
  void AddWrite(File& file, Ticket ticket, uint64_t begin, uint64_t position);
  void AddCall(Call call);
  StoreAnswer Answer(Call call) const;
  bool Happens(uint64_t ppm) { return random_.Below(1'000'000) < ppm; }

  Random random_;
  MemoryStoreFaults faults_;
  uint64_t now_ms_ = 0;
  uint64_t next_call_ = 0;
  std::map<std::string, File, std::less<>> files_;
  std::map<std::pair<uint64_t, uint64_t>, Call> calls_;  // By when they are due, then in order.
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_MEMORY_STORE_H_
