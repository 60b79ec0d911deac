#include "document/common_ends.h"

#include <algorithm>

#include "document/utf8.h"

namespace cotext {

size_t CommonPrefixBytes(std::string_view left, std::string_view right) {
  const auto end = std::ranges::mismatch(left, right).in1;
  auto bytes = static_cast<size_t>(end - left.begin());
  // Characters that differ may begin with the same bytes.
  while (bytes < left.size() && IsContinuationByte(left[bytes])) --bytes;
  return bytes;
}

size_t CommonSuffixBytes(std::string_view left, std::string_view right) {
  const size_t limit = std::min(left.size(), right.size());
  size_t bytes = 0;
  while (bytes < limit && left[left.size() - bytes - 1] == right[right.size() - bytes - 1]) ++bytes;
  // Characters that differ may end with the same bytes.
  while (bytes > 0 && IsContinuationByte(left[left.size() - bytes])) --bytes;
  return bytes;
}

}  // namespace cotext
