#include "simulation/trace/gzip_file.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace cotext {
namespace {

// Large enough that zlib's overhead per call does not show, small enough to stay in the cache.
constexpr unsigned kStepBytes = 256U << 10U;

struct GzipCloser {
  void operator()(gzFile file) const { gzclose(file); }
};
using GzipHandle = std::unique_ptr<gzFile_s, GzipCloser>;

std::unexpected<Error> IoError(const std::string& path, std::string_view problem) {
  return MakeError(ErrorCode::kIo, path + ": " + std::string(problem));
}

// Says what went wrong last: the system's reason where there is one.
std::string Reason(gzFile file) {
  int code = Z_OK;
  const char* message = gzerror(file, &code);
  if (code == Z_ERRNO) return std::strerror(errno);
  return code == Z_BUF_ERROR ? "gzip data ends too early"
                             : "gzip data is damaged: " + std::string(message);
}

}  // namespace

Expected<std::string> ReadGzipFile(const std::string& path, size_t padding) {
  errno = 0;
  const GzipHandle file(gzopen(path.c_str(), "rb"));
  if (!file) return IoError(path, std::string("cannot open: ") + std::strerror(errno));
  gzbuffer(file.get(), kStepBytes);
  std::string content;
  size_t used = 0;
  while (true) {
    if (content.capacity() - used < kStepBytes + padding) {
      content.reserve(content.capacity() + content.capacity() / 2 + kStepBytes + padding);
    }
    content.resize(used + kStepBytes);
    const int count = gzread(file.get(), content.data() + used, kStepBytes);
    if (count < 0) return IoError(path, "cannot read: " + Reason(file.get()));
    used += static_cast<size_t>(count);
    if (used > kFileBytesMax) {
      return MakeError(
          ErrorCode::kTooLarge,
          path + ": larger than " + std::to_string(kFileBytesMax) + " bytes when unpacked");
    }
    if (static_cast<unsigned>(count) < kStepBytes) break;
  }
  // A file that was cut off inside the gzip stream reads short without a negative count.
  int code = Z_OK;
  gzerror(file.get(), &code);
  if (code != Z_OK) return IoError(path, "cannot read: " + Reason(file.get()));
  content.resize(used);
  return content;
}

void GzipWriter::Closer::operator()(gzFile_s* file) const { gzclose(file); }

Expected<GzipWriter> GzipWriter::Open(const std::string& path) {
  errno = 0;
  // "T" writes the bytes as they are.
  gzFile file = gzopen(path.c_str(), path.ends_with(".gz") ? "wb" : "wbT");
  if (file == nullptr) return IoError(path, std::string("cannot open: ") + std::strerror(errno));
  gzbuffer(file, kStepBytes);
  return GzipWriter(path, file);
}

Expected<void> GzipWriter::Write(std::string_view bytes) {
  gzFile_s* const file = file_.get();
  while (!bytes.empty()) {
    const std::string_view step = bytes.substr(0, kStepBytes);
    if (gzwrite(file, step.data(), static_cast<unsigned>(step.size())) == 0) {
      return IoError(path_, "cannot write: " + Reason(file));
    }
    bytes.remove_prefix(step.size());
  }
  return {};
}

Expected<void> GzipWriter::Close() {
  errno = 0;
  if (gzclose(file_.release()) != Z_OK) {
    return IoError(path_, std::string("cannot write: ") + std::strerror(errno));
  }
  return {};
}

}  // namespace cotext
