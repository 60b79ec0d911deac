#include "storage/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "storage/descriptor.h"

namespace cotext {

Expected<std::string> ReadFile(const std::string& path, uint64_t max_bytes) {
  const Descriptor file(path, O_RDONLY);
  if (!file.is_open()) return SystemError(path, "cannot open");
  return file.Read(path, max_bytes);
}

Expected<void> WriteFileAtomically(const std::string& path, std::string_view bytes) {
  auto replacement = Replacement::Write(path, bytes);
  if (!replacement) return std::unexpected(std::move(replacement).error());
  COTEXT_RETURN_IF_ERROR(replacement->Rename());
  return replacement->SyncFolder();
}

Expected<void> AppendToFile(const std::string& path, std::string_view bytes, uint64_t size) {
  const Descriptor file(path, O_WRONLY | O_APPEND);
  if (!file.is_open()) return SystemError(path, "cannot open");
  struct stat status = {};
  if (fstat(file.number(), &status) != 0) return SystemError(path, "cannot append");
  if (std::cmp_not_equal(status.st_size, size)) {
    return std::unexpected(MakeIoError(
        path, "has " + std::to_string(status.st_size) + " bytes, not " + std::to_string(size)));
  }
  if (file.Write(bytes) && file.Sync()) return {};
  std::unexpected<Error> error = SystemError(path, "cannot append");
  if (Retry([&] { return ftruncate(file.number(), status.st_size); }) != 0 || !file.Sync()) {
    error.error().message += "; part of it may have stayed";
  }
  return error;
}

}  // namespace cotext
