// A disk in memory that does what disks do when the power fails, and some that they should not.
//
// What is written is seen at once, and is safe once the file was synced. A crash keeps, of what was
// not synced, nothing, all, the first part, or some sectors; a file that was created and never
// synced may be gone, one that was deleted and whose folder was not synced may be back.
//
// Faults: reads, writes and syncs fail with a given share. A write that failed has left a part of
// its bytes, or none. A sync that failed may have synced some; and may, as Linux does, take what it
// could not write for written: a later sync of the same bytes then succeeds without them. The disk
// may be full, or take nothing at all.
//
// The same calls and seed give the same results. Thread-compatible.
#ifndef COTEXT_SIMULATION_FAULTY_DISK_H_
#define COTEXT_SIMULATION_FAULTY_DISK_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "document/random.h"

namespace cotext {

// Shares are in millionths, of operations of the disk.
struct DiskFaults {
  uint64_t read_failures_ppm = 0;
  uint64_t write_failures_ppm = 0;
  uint64_t sync_failures_ppm = 0;
  friend bool operator==(const DiskFaults&, const DiskFaults&) = default;
};

enum class DiskResult : uint8_t { kDone, kFailed, kFull, kReadOnly };

class FaultyDisk {
 public:
  static constexpr size_t kSectorBytes = 512;

  class File {
   public:
    const std::string& content() const { return seen_; }

   private:
    friend class FaultyDisk;
    // Bytes put at a place, or the end of the file put there.
    struct Change {
      size_t offset = 0;
      std::string bytes = {};
      bool is_truncation = false;
    };

    std::string seen_;
    std::string safe_;
    std::vector<Change> unsynced_;  // From safe_ to seen_, but for what a failed sync forgot.
    bool is_name_safe_ = false;
  };
  using FilePointer = std::shared_ptr<File>;

  explicit FaultyDisk(uint64_t seed) : random_(seed) {}
  // Returns a disk as this one is after a crash that keeps nothing that was not synced.
  FaultyDisk AfterWorstCrash() const;

  void SetFaults(const DiskFaults& faults) { faults_ = faults; }
  // All files together; a write beyond that fails with kFull.
  void SetCapacity(uint64_t bytes) { capacity_ = bytes; }
  void SetReadOnly(bool is_read_only) { is_read_only_ = is_read_only; }
  // After so many changes more, nothing works until the next crash.
  void CutPowerAfter(uint64_t changes) { changes_left_ = changes; }

  // What a crash does to programs ends with this; what was open before is not to be used.
  enum class CrashKind : uint8_t { kProcess, kPower };
  void Crash(CrashKind kind);

  bool Exists(std::string_view name) const { return files_.contains(name); }
  // Returns nothing if there is no such file and it may not be created.
  FilePointer Open(std::string_view name, bool may_create);
  DiskResult Delete(std::string_view name, bool sync_folder);
  // Copies as many bytes as there are from there on; returns how many.
  struct ReadResult {
    DiskResult result = DiskResult::kDone;
    size_t bytes = 0;
  };
  ReadResult Read(const File& file, size_t offset, std::span<char> into);
  DiskResult Write(File& file, size_t offset, std::string_view bytes);
  DiskResult Truncate(File& file, size_t size);
  // Syncing a new file syncs the folder, as SQLite does it.
  DiskResult Sync(File& file);
  void SyncFolder();

  bool is_read_only() const { return is_read_only_; }
  uint64_t used() const;
  uint64_t reads() const { return reads_; }  // Calls of Read.
  // Changes the content behind the back of everybody, also where it is safe.
  void Damage(std::string_view name, size_t offset, std::string_view bytes);

 private:
  static void Apply(std::string& content, const File::Change& change);
  void Make(File& file, File::Change change);
  void KeepSome(File& file);
  void KeepSectors(File& file, const File::Change& change);
  void LosePower(File& file);
  bool MayChange();
  bool Happens(uint64_t ppm) { return ppm > 0 && random_.Below(1'000'000) < ppm; }

  Random random_;
  DiskFaults faults_;
  uint64_t capacity_ = UINT64_MAX;
  bool is_read_only_ = false;
  uint64_t reads_ = 0;
  std::optional<uint64_t> changes_left_;
  std::map<std::string, FilePointer, std::less<>> files_;
  std::map<std::string, FilePointer, std::less<>> deleted_;  // Whose names may come back.
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_FAULTY_DISK_H_
