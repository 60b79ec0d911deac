#include "tools/live/line_reader.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

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

std::optional<std::string> LineReader::TakeLine() {
  const size_t end = buffer_.find('\n', std::max(searched_, taken_));
  if (end != buffer_.npos) {
    std::string line = buffer_.substr(taken_, end - taken_);
    taken_ = searched_ = end + 1;
    return line;
  }
  searched_ = buffer_.size();
  const size_t rest = buffer_.size() - taken_;
  if (rest == 0 || (!has_ended_ && rest < kLineBytesMax)) return std::nullopt;
  std::string line = buffer_.substr(taken_);
  taken_ = buffer_.size();
  return line;
}

}  // namespace cotext
