#include "sync/memory_store.h"

#include <algorithm>

#include "document/check.h"

namespace cotext::sync {
namespace {

std::unexpected<Error> Failure(std::string_view what) {
  return MakeError(ErrorCode::kStorageFailed, std::string(what));
}

}  // namespace

MemoryStore::File& MemoryStore::FileOf(std::string_view document) {
  const auto found = files_.find(document);
  if (found != files_.end()) return found->second;
  return files_.emplace(std::string(document), File{}).first->second;
}

// Returns a document's file, fit for the next call.
MemoryStore::File& MemoryStore::OpenFile(std::string_view document) {
  File& file = FileOf(document);
  if (file.needs_recovery && !file.failed) {
    file.log.Recover();
    file.needs_recovery = false;
  }
  return file;
}

void MemoryStore::Load(std::string_view document, Ticket ticket) {
  File& file = OpenFile(document);
  Call call{.file = &file, .kind = Call::Kind::kLoad, .ticket = ticket};
  if (file.failed) {
    call.position = Failure("a write before this load failed");
  } else if (Happens(faults_.load_failures_ppm)) {
    call.position = Failure("the disk did not read");
  } else {
    call.position = file.log.position();
    call.end = file.log.end();
  }
  AddCall(std::move(call));
}

void MemoryStore::Append(std::string_view document, Ticket ticket, std::vector<Record> records) {
  File& file = OpenFile(document);
  const uint64_t begin = file.log.end();
  if (!file.failed && !records.empty()) file.log.WriteRecords(records);
  AddWrite(file, ticket, begin, file.log.position());
}

void MemoryStore::Compact(std::string_view document, Ticket ticket, uint64_t up_to,
                          std::vector<Record> snapshot) {
  File& file = OpenFile(document);
  const uint64_t begin = file.log.end();
  const bool is_news = up_to > file.log.snapshot_position();
  if (!file.failed && is_news) file.log.WriteSnapshot(up_to, snapshot);
  AddWrite(file, ticket, begin, file.log.snapshot_position());
}

// Adds the call of a write that was done from `begin` on, unless an earlier one failed; perhaps
// this one fails.
void MemoryStore::AddWrite(File& file, Ticket ticket, uint64_t begin, uint64_t position) {
  Call call{.file = &file, .kind = Call::Kind::kWrite, .ticket = ticket, .position = position};
  if (file.failed) {
    call.position = Failure("a write before this one failed");
  } else if (Happens(faults_.write_failures_ppm)) {
    // As often gone, torn and whole.
    const uint64_t outcome = random_.Below(3);
    if (outcome == 0) file.log.CutTo(begin);
    if (outcome == 1) file.log.CutTo(random_.Between(begin, file.log.end()));
    call.position = Failure("the disk did not write");
    file.failed = true;
    file.needs_recovery = true;
  } else {
    call.end = file.log.end();
  }
  AddCall(std::move(call));
}

void MemoryStore::AddCall(Call call) {
  File& file = *call.file;
  const uint64_t delay_ms = random_.Between(faults_.delay_min_ms, faults_.delay_max_ms);
  file.last_due_ms = std::max(file.last_due_ms, now_ms_ + delay_ms);
  calls_.emplace(std::pair(file.last_due_ms, next_call_++), std::move(call));
}

std::vector<StoreAnswer> MemoryStore::TakeAnswers() {
  std::vector<StoreAnswer> answers;
  while (!calls_.empty() && calls_.begin()->first.first <= now_ms_) {
    answers.push_back(Answer(std::move(calls_.begin()->second)));
    calls_.erase(calls_.begin());
  }
  return answers;
}

StoreAnswer MemoryStore::Answer(Call call) const {
  File& file = *call.file;
  StoreAnswer answer{.ticket = call.ticket, .position = std::move(call.position)};
  if (!answer.position) {
    if (call.kind == Call::Kind::kWrite) file.failed = false;
    return answer;
  }
  file.log.SyncTo(call.end);
  if (call.kind == Call::Kind::kLoad) answer.log = file.log.Read(call.end);
  return answer;
}

void MemoryStore::SetTime(uint64_t now_ms) {
  COTEXT_CHECK(now_ms >= now_ms_);
  now_ms_ = now_ms;
}

std::optional<uint64_t> MemoryStore::NextTimeMs() const {
  if (calls_.empty()) return std::nullopt;
  return calls_.begin()->first.first;
}

void MemoryStore::Crash() {
  calls_.clear();
  for (auto& [document, file] : files_) {
    file.log.Crash(random_);
    file.failed = false;
    file.needs_recovery = true;
    file.last_due_ms = 0;
  }
}

StoredLog MemoryStore::Synced(std::string_view document) const {
  const auto found = files_.find(document);
  if (found == files_.end()) return {};
  return found->second.log.Read(found->second.log.synced());
}

}  // namespace cotext::sync
