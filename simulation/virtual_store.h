// The Store of storage/sqlite_store.h in virtual time on a disk in memory: the same queue and
// engine, without a thread, driven as sync/memory_store.h is.
//
// A turn of the queue takes its time, any number between the delays, and happens at its end. The
// faults are those of the disk (faulty_disk.h): of four of its operations about one belongs to a
// call. A crash is one of the process or of the power, in the middle of a transaction, between two,
// or after an end in order. The disk may be full.
//
// The same calls and seed give the same answers. Thread-compatible.
#ifndef COTEXT_SIMULATION_VIRTUAL_STORE_H_
#define COTEXT_SIMULATION_VIRTUAL_STORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "document/random.h"
#include "simulation/faulty_disk.h"
#include "simulation/faulty_vfs.h"
#include "storage/store_engine.h"
#include "storage/store_queue.h"
#include "sync/memory_store.h"
#include "sync/store.h"

namespace cotext {

class VirtualStore final : public sync::Store {
 public:
  explicit VirtualStore(uint64_t seed = 1, const sync::MemoryStoreFaults& faults = {});

  void Load(std::string_view document, sync::Ticket ticket) override;
  void Append(std::string_view document, sync::Ticket ticket,
              std::vector<sync::Record> records) override;
  void Compact(std::string_view document, sync::Ticket ticket, uint64_t up_to,
               std::vector<sync::Record> snapshot) override;
  std::vector<sync::StoreAnswer> TakeAnswers() override;

  // As of MemoryStore.
  void SetFaults(const sync::MemoryStoreFaults& faults);
  void SetTime(uint64_t now_ms);
  std::optional<uint64_t> NextTimeMs() const;
  void Crash();
  sync::StoredLog Synced(std::string_view document) const;
  size_t outstanding() const { return queue_.waiting(); }

  // Lets the disk take so many bytes more than it has now; nothing: as many as come.
  void SetRoom(std::optional<uint64_t> bytes);
  // The process ends in order, and what it wrote stays. REQUIRES: every call was answered.
  void Close();

 private:
  struct Turn {
    StoreQueue::Turn calls;
    uint64_t due_ms = 0;
  };

  void Ask(StoreCall call);
  void BeginTurn(uint64_t now_ms);
  void RunDue();
  void RunTurn();
  Expected<void> NeedEngine();

  Random random_;
  sync::MemoryStoreFaults faults_;
  uint64_t now_ms_ = 0;
  FaultyDisk disk_;
  FaultyVfs vfs_;
  std::unique_ptr<StoreEngine> engine_;  // None after a crash.
  StoreQueue queue_;
  std::optional<Turn> turn_;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_VIRTUAL_STORE_H_
