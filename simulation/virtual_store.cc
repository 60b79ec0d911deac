#include "simulation/virtual_store.h"

#include <string>
#include <utility>

#include "document/check.h"

namespace cotext {
namespace {

constexpr char kFile[] = "store.db";

// So that there are many checkpoints.
constexpr uint64_t kCheckpointPages = 12;

StoreEngineOptions OptionsFor(const FaultyVfs& vfs) {
  return {
      .path = kFile, .vfs = vfs.name(), .is_exclusive = true, .checkpoint_pages = kCheckpointPages};
}

DiskFaults ForDisk(const sync::MemoryStoreFaults& faults) {
  constexpr uint64_t kOperationsOfACall = 4;
  return {.read_failures_ppm = faults.load_failures_ppm / kOperationsOfACall,
          .write_failures_ppm = faults.write_failures_ppm / kOperationsOfACall,
          .sync_failures_ppm = faults.write_failures_ppm / kOperationsOfACall};
}

}  // namespace

VirtualStore::VirtualStore(uint64_t seed, const sync::MemoryStoreFaults& faults)
    : random_(seed), disk_(random_.Next()), vfs_(disk_) {
  SetFaults(faults);
}

void VirtualStore::SetFaults(const sync::MemoryStoreFaults& faults) {
  faults_ = faults;
  disk_.SetFaults(ForDisk(faults));
}

void VirtualStore::Load(std::string_view document, sync::Ticket ticket) {
  Ask({.kind = StoreCall::Kind::kLoad, .document = std::string(document), .ticket = ticket});
}

void VirtualStore::Append(std::string_view document, sync::Ticket ticket,
                          std::vector<sync::Record> records) {
  Ask({.kind = StoreCall::Kind::kAppend,
       .document = std::string(document),
       .ticket = ticket,
       .records = std::move(records)});
}

void VirtualStore::Compact(std::string_view document, sync::Ticket ticket, uint64_t up_to,
                           std::vector<sync::Record> snapshot) {
  Ask({.kind = StoreCall::Kind::kCompact,
       .document = std::string(document),
       .ticket = ticket,
       .records = std::move(snapshot),
       .up_to = up_to});
}

void VirtualStore::Ask(StoreCall call) {
  queue_.Add(std::move(call));
  if (!turn_) BeginTurn(now_ms_);
}

void VirtualStore::BeginTurn(uint64_t now_ms) {
  if (!queue_.has_work()) return;
  turn_ = Turn{.calls = queue_.TakeTurn(),
               .due_ms = now_ms + random_.Between(faults_.delay_min_ms, faults_.delay_max_ms)};
}

void VirtualStore::RunDue() {
  while (turn_ && turn_->due_ms <= now_ms_) {
    const uint64_t due_ms = turn_->due_ms;
    RunTurn();
    turn_.reset();
    BeginTurn(due_ms);
  }
}

Expected<void> VirtualStore::NeedEngine() {
  if (engine_ != nullptr) return {};
  disk_.SyncFolder();  // As StoreFolder does.
  auto engine = StoreEngine::Open(OptionsFor(vfs_));
  if (!engine) return std::unexpected(std::move(engine).error());
  if ((*engine)->is_read_only()) return MakeError(ErrorCode::kIo, "the disk did not write");
  engine_ = *std::move(engine);
  return {};
}

void VirtualStore::RunTurn() {
  StoreQueue::Turn& calls = turn_->calls;
  const Expected<void> opened = NeedEngine();
  if (!opened) {
    std::vector<sync::StoreAnswer> errors;
    for (const StoreCall& call : calls.writes) {
      errors.push_back({.ticket = call.ticket, .position = std::unexpected(opened.error())});
    }
    queue_.FinishWrites(calls, std::move(errors));
    for (const StoreCall& load : calls.loads) {
      queue_.FinishLoad(load, {.ticket = load.ticket, .position = std::unexpected(opened.error())});
    }
    return;
  }
  queue_.FinishWrites(calls, engine_->Write(calls.writes));
  for (const StoreCall& load : calls.loads) queue_.FinishLoad(load, engine_->Load(load));
  static_cast<void>(engine_->CheckpointIfLong());
}

std::vector<sync::StoreAnswer> VirtualStore::TakeAnswers() {
  RunDue();
  std::vector<sync::StoreAnswer> answers = queue_.TakeAnswers();
  if (!turn_) BeginTurn(now_ms_);
  return answers;
}

void VirtualStore::SetTime(uint64_t now_ms) {
  COTEXT_CHECK(now_ms >= now_ms_);
  now_ms_ = now_ms;
  RunDue();
}

std::optional<uint64_t> VirtualStore::NextTimeMs() const {
  if (queue_.has_answers()) return now_ms_;
  if (!turn_) return std::nullopt;
  return turn_->due_ms;
}

void VirtualStore::Crash() {
  constexpr uint64_t kChangesOfATurn = 16;
  const bool ends_in_order = random_.Chance(20);
  if (turn_ && engine_ != nullptr && random_.Chance(70)) {
    if (!ends_in_order) disk_.CutPowerAfter(random_.Below(kChangesOfATurn));
    static_cast<void>(engine_->Write(turn_->calls.writes));
  }
  // Without power, closing changes nothing.
  if (!ends_in_order) disk_.CutPowerAfter(0);
  engine_.reset();
  disk_.Crash(random_.Chance(30) ? FaultyDisk::CrashKind::kProcess : FaultyDisk::CrashKind::kPower);
  queue_ = StoreQueue();
  turn_.reset();
}

void VirtualStore::Close() {
  COTEXT_CHECK(outstanding() == 0);
  engine_.reset();
}

void VirtualStore::SetRoom(std::optional<uint64_t> bytes) {
  disk_.SetCapacity(bytes ? disk_.used() + *bytes : UINT64_MAX);
}

sync::StoredLog VirtualStore::Synced(std::string_view document) const {
  FaultyDisk disk = disk_.AfterWorstCrash();
  const FaultyVfs vfs(disk);
  const auto engine = StoreEngine::Open(OptionsFor(vfs));
  COTEXT_CHECK(engine.has_value());
  const sync::StoreAnswer answer = (*engine)->Load(
      {.kind = StoreCall::Kind::kLoad, .document = std::string(document), .ticket = 1});
  COTEXT_CHECK(answer.position.has_value());
  return answer.log;
}

}  // namespace cotext
