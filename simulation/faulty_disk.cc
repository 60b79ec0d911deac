#include "simulation/faulty_disk.h"

#include <algorithm>
#include <utility>

#include "document/check.h"

namespace cotext {

FaultyDisk FaultyDisk::AfterWorstCrash() const {
  FaultyDisk disk(1);
  for (const auto& [name, file] : files_) {
    if (!file->is_name_safe_) continue;
    const FilePointer copy = disk.Open(name, true);
    copy->seen_ = copy->safe_ = file->safe_;
    copy->is_name_safe_ = true;
  }
  return disk;
}

uint64_t FaultyDisk::used() const {
  uint64_t bytes = 0;
  for (const auto& [name, file] : files_) bytes += file->seen_.size();
  return bytes;
}

// Returns whether a change may be made.
bool FaultyDisk::MayChange() {
  if (!changes_left_) return true;
  if (*changes_left_ == 0) return false;
  --*changes_left_;
  return true;
}

FaultyDisk::FilePointer FaultyDisk::Open(std::string_view name, bool may_create) {
  const auto found = files_.find(name);
  if (found != files_.end()) return found->second;
  if (!may_create || is_read_only_ || !MayChange()) return nullptr;
  return files_.emplace(std::string(name), std::make_shared<File>()).first->second;
}

DiskResult FaultyDisk::Delete(std::string_view name, bool sync_folder) {
  if (is_read_only_) return DiskResult::kReadOnly;
  if (!MayChange()) return DiskResult::kFailed;
  const auto found = files_.find(name);
  if (found == files_.end()) return DiskResult::kDone;
  if (found->second->is_name_safe_) deleted_[found->first] = found->second;
  files_.erase(found);
  if (sync_folder) SyncFolder();
  return DiskResult::kDone;
}

FaultyDisk::ReadResult FaultyDisk::Read(const File& file, size_t offset, std::span<char> into) {
  ++reads_;
  if (Happens(faults_.read_failures_ppm)) return {.result = DiskResult::kFailed};
  const std::string_view content = file.seen_;
  const std::string_view there = content.substr(std::min(offset, content.size()), into.size());
  std::ranges::copy(there, into.begin());
  return {.result = DiskResult::kDone, .bytes = there.size()};
}

void FaultyDisk::Apply(std::string& content, const File::Change& change) {
  if (change.is_truncation) return content.resize(change.offset);
  content.resize(std::max(content.size(), change.offset + change.bytes.size()));
  content.replace(change.offset, change.bytes.size(), change.bytes);
}

void FaultyDisk::Make(File& file, File::Change change) {
  Apply(file.seen_, change);
  file.unsynced_.push_back(std::move(change));
}

DiskResult FaultyDisk::Write(File& file, size_t offset, std::string_view bytes) {
  if (is_read_only_) return DiskResult::kReadOnly;
  size_t size = bytes.size();
  DiskResult result = DiskResult::kDone;
  const size_t end = std::max(file.seen_.size(), offset + size);
  const uint64_t used_after = used() + (end - file.seen_.size());
  if (used_after > capacity_) {
    size -= static_cast<size_t>(std::min<uint64_t>(size, used_after - capacity_));
    result = DiskResult::kFull;
  }
  if (!MayChange()) return DiskResult::kFailed;
  const bool is_torn = changes_left_ == 0U;  // The write that the power fails in.
  if (is_torn || Happens(faults_.write_failures_ppm)) {
    size = static_cast<size_t>(random_.Below(size + 1));
    result = DiskResult::kFailed;
  }
  if (size > 0) Make(file, {.offset = offset, .bytes = std::string(bytes.substr(0, size))});
  return result;
}

DiskResult FaultyDisk::Truncate(File& file, size_t size) {
  if (is_read_only_) return DiskResult::kReadOnly;
  if (!MayChange() || Happens(faults_.write_failures_ppm)) return DiskResult::kFailed;
  Make(file, {.offset = size, .is_truncation = true});
  return DiskResult::kDone;
}

DiskResult FaultyDisk::Sync(File& file) {
  if (is_read_only_) return DiskResult::kReadOnly;
  if (!MayChange()) return DiskResult::kFailed;
  if (Happens(faults_.sync_failures_ppm)) {
    if (random_.Chance(50)) return DiskResult::kFailed;
    KeepSome(file);
    file.unsynced_.clear();
    return DiskResult::kFailed;
  }
  for (const File::Change& change : file.unsynced_) Apply(file.safe_, change);
  file.unsynced_.clear();
  if (!file.is_name_safe_) SyncFolder();
  return DiskResult::kDone;
}

void FaultyDisk::SyncFolder() {
  for (const auto& [name, file] : files_) file->is_name_safe_ = true;
  deleted_.clear();
}

// Makes some of what was not synced safe, as a loss of power would leave it.
void FaultyDisk::KeepSome(File& file) {
  enum { kNothing, kAll, kBeginning, kSectors, kWays };
  const uint64_t way = random_.Below(kWays);
  if (way == kNothing) return;
  size_t whole = file.unsynced_.size();
  if (way == kBeginning) whole = static_cast<size_t>(random_.Below(whole + 1));
  for (size_t i = 0; i < file.unsynced_.size(); ++i) {
    File::Change& change = file.unsynced_[i];
    if (way == kSectors) {
      KeepSectors(file, change);
    } else if (i < whole) {
      Apply(file.safe_, change);
    } else if (i == whole && !change.is_truncation) {
      change.bytes.resize(static_cast<size_t>(random_.Below(change.bytes.size() + 1)));
      Apply(file.safe_, change);
    }
  }
}

void FaultyDisk::KeepSectors(File& file, const File::Change& change) {
  if (change.is_truncation) {
    if (random_.Chance(50)) Apply(file.safe_, change);
    return;
  }
  size_t at = 0;
  while (at < change.bytes.size()) {
    const size_t to_border = kSectorBytes - (change.offset + at) % kSectorBytes;
    const std::string sector = change.bytes.substr(at, to_border);
    if (random_.Chance(50)) Apply(file.safe_, {.offset = change.offset + at, .bytes = sector});
    at += sector.size();
  }
}

void FaultyDisk::LosePower(File& file) {
  KeepSome(file);
  file.unsynced_.clear();
  file.seen_ = file.safe_;
}

void FaultyDisk::Crash(CrashKind kind) {
  changes_left_.reset();
  if (kind == CrashKind::kProcess) return;
  for (const auto& [name, file] : deleted_) {
    const auto successor = files_.find(name);
    if (successor != files_.end() && successor->second->is_name_safe_) continue;
    if (random_.Chance(50)) files_[name] = file;
  }
  deleted_.clear();
  std::erase_if(files_, [&](const auto& entry) {
    File& file = *entry.second;
    const bool is_gone = !file.is_name_safe_ && random_.Chance(50);
    LosePower(file);
    file.is_name_safe_ = true;
    return is_gone;
  });
}

void FaultyDisk::Damage(std::string_view name, size_t offset, std::string_view bytes) {
  const auto found = files_.find(name);
  COTEXT_CHECK(found != files_.end());
  for (std::string* const content : {&found->second->seen_, &found->second->safe_}) {
    Apply(*content, {.offset = offset, .bytes = std::string(bytes)});
  }
}

}  // namespace cotext
