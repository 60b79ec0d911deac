#include "tools/live/line_reader.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace cotext {

void LineReader::Read() {
  std::array<char, 65536> bytes;
  const ssize_t size = read(descriptor_, bytes.data(), bytes.size());
  if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (size <= 0) {
    has_ended_ = true;
    return;
  }
  buffer_.erase(0, taken_);
  searched_ -= taken_;
  taken_ = 0;
  buffer_.append(bytes.data(), static_cast<size_t>(size));
}

std::optional<Expected<std::string>> LineReader::TakeLine() {
  const size_t end = buffer_.find('\n', std::max(searched_, taken_));
  if (end != buffer_.npos) {
    Expected<std::string> line = LineEndingAt(end);
    taken_ = searched_ = end + 1;
    return line;
  }
  searched_ = buffer_.size();
  if (has_ended_ && (is_too_long_ || taken_ < buffer_.size())) {
    Expected<std::string> line = LineEndingAt(buffer_.size());
    taken_ = buffer_.size();
    return line;
  }
  if (buffer_.size() - taken_ > line_bytes_max_) {
    is_too_long_ = true;
    taken_ = buffer_.size();
  }
  return std::nullopt;
}

Expected<std::string> LineReader::LineEndingAt(size_t end) {
  if (std::exchange(is_too_long_, false) || end - taken_ > line_bytes_max_) {
    return MakeError(ErrorCode::kTooLarge,
                     "the line is longer than " + std::to_string(line_bytes_max_) + " bytes");
  }
  return buffer_.substr(taken_, end - taken_);
}

}  // namespace cotext
