#include "simulation/faulty_vfs.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "document/check.h"

namespace cotext {
namespace {

// SQLite gives the memory, and ends it without a destructor.
struct OpenFile {
  sqlite3_file base;
  FaultyDisk* disk;
  FaultyDisk::FilePointer* file;
};

OpenFile& Of(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }
FaultyDisk& DiskOf(sqlite3_vfs* vfs) { return *static_cast<FaultyDisk*>(vfs->pAppData); }

int CodeOf(DiskResult result, int failure) {
  switch (result) {
    case DiskResult::kDone: return SQLITE_OK;
    case DiskResult::kFailed: return failure;
    case DiskResult::kFull: return SQLITE_FULL;
    case DiskResult::kReadOnly: return SQLITE_READONLY;
  }
  return failure;
}

int CloseFile(sqlite3_file* file) {
  delete Of(file).file;
  Of(file).file = nullptr;
  return SQLITE_OK;
}

int ReadFile(sqlite3_file* file, void* into, int size, sqlite3_int64 offset) {
  const std::span<char> bytes(static_cast<char*>(into), static_cast<size_t>(size));
  const auto read = Of(file).disk->Read(**Of(file).file, static_cast<size_t>(offset), bytes);
  if (read.result != DiskResult::kDone) return SQLITE_IOERR_READ;
  if (read.bytes == bytes.size()) return SQLITE_OK;
  std::ranges::fill(bytes.subspan(read.bytes), '\0');
  return SQLITE_IOERR_SHORT_READ;
}

int WriteFile(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  const std::string_view bytes(static_cast<const char*>(from), static_cast<size_t>(size));
  return CodeOf(Of(file).disk->Write(**Of(file).file, static_cast<size_t>(offset), bytes),
                SQLITE_IOERR_WRITE);
}

int TruncateFile(sqlite3_file* file, sqlite3_int64 size) {
  return CodeOf(Of(file).disk->Truncate(**Of(file).file, static_cast<size_t>(size)),
                SQLITE_IOERR_TRUNCATE);
}

int SyncFile(sqlite3_file* file, int /*flags*/) {
  return CodeOf(Of(file).disk->Sync(**Of(file).file), SQLITE_IOERR_FSYNC);
}

int SizeOfFile(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>((*Of(file).file)->content().size());
  return SQLITE_OK;
}

int Lock(sqlite3_file* /*file*/, int /*level*/) { return SQLITE_OK; }

int CheckLock(sqlite3_file* /*file*/, int* is_locked) {
  *is_locked = 0;
  return SQLITE_OK;
}

int Control(sqlite3_file* /*file*/, int /*what*/, void* /*argument*/) { return SQLITE_NOTFOUND; }

int SectorSize(sqlite3_file* /*file*/) { return FaultyDisk::kSectorBytes; }

// A write that is torn does no harm to its neighbours, as on any disk that is in use.
int Characteristics(sqlite3_file* /*file*/) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

constexpr sqlite3_io_methods kMethods = {.iVersion = 1,
                                         .xClose = CloseFile,
                                         .xRead = ReadFile,
                                         .xWrite = WriteFile,
                                         .xTruncate = TruncateFile,
                                         .xSync = SyncFile,
                                         .xFileSize = SizeOfFile,
                                         .xLock = Lock,
                                         .xUnlock = Lock,
                                         .xCheckReservedLock = CheckLock,
                                         .xFileControl = Control,
                                         .xSectorSize = SectorSize,
                                         .xDeviceCharacteristics = Characteristics,
                                         .xShmMap = nullptr,
                                         .xShmLock = nullptr,
                                         .xShmBarrier = nullptr,
                                         .xShmUnmap = nullptr,
                                         .xFetch = nullptr,
                                         .xUnfetch = nullptr};

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  file->pMethods = nullptr;
  // Nothing of ours needs a file without a name.
  if (name == nullptr) return SQLITE_CANTOPEN;
  FaultyDisk& disk = DiskOf(vfs);
  FaultyDisk::FilePointer opened = disk.Open(name, (flags & SQLITE_OPEN_CREATE) != 0);
  if (opened == nullptr) return SQLITE_CANTOPEN;
  Of(file).disk = &disk;
  Of(file).file = new FaultyDisk::FilePointer(std::move(opened));
  file->pMethods = &kMethods;
  if (disk.is_read_only()) flags = (flags & ~SQLITE_OPEN_READWRITE) | SQLITE_OPEN_READONLY;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int Delete(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  return CodeOf(DiskOf(vfs).Delete(name, sync_folder != 0), SQLITE_IOERR_DELETE);
}

int Access(sqlite3_vfs* vfs, const char* name, int what, int* result) {
  const bool is_for_writing = what == SQLITE_ACCESS_READWRITE;
  const bool may = DiskOf(vfs).Exists(name) && !(is_for_writing && DiskOf(vfs).is_read_only());
  *result = may ? 1 : 0;
  return SQLITE_OK;
}

int FullPath(sqlite3_vfs* /*vfs*/, const char* name, int size, char* into) {
  const size_t length = std::strlen(name) + 1;
  if (length > static_cast<size_t>(size)) return SQLITE_CANTOPEN;
  std::memcpy(into, name, length);
  return SQLITE_OK;
}

int Randomness(sqlite3_vfs* /*vfs*/, int size, char* into) {
  std::memset(into, 0, static_cast<size_t>(size));
  return size;
}

int Sleep(sqlite3_vfs* /*vfs*/, int microseconds) { return microseconds; }

int CurrentTime(sqlite3_vfs* /*vfs*/, double* julian_day) {
  *julian_day = 0;
  return SQLITE_OK;
}

int LastError(sqlite3_vfs* /*vfs*/, int /*size*/, char* /*into*/) { return 0; }

}  // namespace

FaultyVfs::FaultyVfs(FaultyDisk& disk)
    : name_("faulty-" + std::to_string(reinterpret_cast<uintptr_t>(this))) {
  constexpr int kPathMax = 512;
  vfs_.iVersion = 1;
  vfs_.szOsFile = sizeof(OpenFile);
  vfs_.mxPathname = kPathMax;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = &disk;
  vfs_.xOpen = Open;
  vfs_.xDelete = Delete;
  vfs_.xAccess = Access;
  vfs_.xFullPathname = FullPath;
  vfs_.xRandomness = Randomness;
  vfs_.xSleep = Sleep;
  vfs_.xCurrentTime = CurrentTime;
  vfs_.xGetLastError = LastError;
  COTEXT_CHECK(sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK);
}

FaultyVfs::~FaultyVfs() { sqlite3_vfs_unregister(&vfs_); }

}  // namespace cotext
