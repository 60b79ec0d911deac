// Lines of an input that is read as it comes, without waiting for more.
#ifndef COTEXT_TOOLS_LIVE_LINE_READER_H_
#define COTEXT_TOOLS_LIVE_LINE_READER_H_

#include <cstddef>
#include <optional>
#include <string>

namespace cotext {

class LineReader {
 public:
  // A longer line is cut into several.
  static constexpr size_t kLineBytesMax = size_t{1} << 26U;

  explicit LineReader(int descriptor) : descriptor_(descriptor) {}

  // Reads what is there. REQUIRES: the descriptor can be read.
  void Read();
  // Returns the next whole line, or what stands behind the last one at the end of the input.
  std::optional<std::string> TakeLine();
  bool has_ended() const { return has_ended_; }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
  std::string buffer_;
  size_t taken_ = 0;     // Of the buffer.
  size_t searched_ = 0;  // Up to here there is no further end of a line.
  bool has_ended_ = false;
};

}  // namespace cotext

#endif  // COTEXT_TOOLS_LIVE_LINE_READER_H_
