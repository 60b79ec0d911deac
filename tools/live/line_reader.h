// Lines of an input that is read as it comes, without waiting for more.
#ifndef COTEXT_TOOLS_LIVE_LINE_READER_H_
#define COTEXT_TOOLS_LIVE_LINE_READER_H_

#include <cstddef>
#include <optional>
#include <string>

#include "document/error.h"

namespace cotext {

class LineReader {
 public:
  static constexpr size_t kLineBytesMax = size_t{1} << 26U;

  explicit LineReader(int descriptor, size_t line_bytes_max = kLineBytesMax)
      : descriptor_(descriptor), line_bytes_max_(line_bytes_max) {}

  // Reads what is there. REQUIRES: the descriptor can be read.
  void Read();
  // Returns the next whole line, or what stands behind the last one at the end of the input.
  // kTooLarge: the line is longer than what is kept of one, and none of it is returned.
  std::optional<Expected<std::string>> TakeLine();
  bool has_ended() const { return has_ended_; }
  int descriptor() const { return descriptor_; }

 private:
  Expected<std::string> LineEndingAt(size_t end);

  int descriptor_;
  size_t line_bytes_max_;
  std::string buffer_;
  size_t taken_ = 0;          // Of the buffer.
  size_t searched_ = 0;       // Up to here there is no further end of a line.
  bool is_too_long_ = false;  // The line in progress; what came of it was dropped.
  bool has_ended_ = false;
};

}  // namespace cotext

#endif  // COTEXT_TOOLS_LIVE_LINE_READER_H_
