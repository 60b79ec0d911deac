// Whole files in and out, gzipped or not.
//
// Reading tells by the content, writing by the name (".gz"). Errors are kIo, or kTooLarge for a
// file of more than kFileBytesMax bytes when unpacked, and name the file.
#ifndef COTEXT_SIMULATION_TRACE_GZIP_FILE_H_
#define COTEXT_SIMULATION_TRACE_GZIP_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "document/error.h"

struct gzFile_s;

namespace cotext {

// What a parser that works on 32-bit positions can take, with room to spare.
inline constexpr uint64_t kFileBytesMax = uint64_t{1} << 31U;

// Returns the unpacked content of the file, with room for `padding` bytes more behind it.
Expected<std::string> ReadGzipFile(const std::string& path, size_t padding = 0);

// Writes a file piece by piece. What was written is complete only once Close has succeeded.
class GzipWriter {
 public:
  static Expected<GzipWriter> Open(const std::string& path);

  Expected<void> Write(std::string_view bytes);
  Expected<void> Close();

 private:
  struct Closer {
    void operator()(gzFile_s* file) const;
  };

  GzipWriter(std::string path, gzFile_s* file) : path_(std::move(path)), file_(file) {}

  std::string path_;
  std::unique_ptr<gzFile_s, Closer> file_;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_TRACE_GZIP_FILE_H_
