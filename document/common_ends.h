// What two texts have in common at their ends, in whole characters.
#ifndef COTEXT_DOCUMENT_COMMON_ENDS_H_
#define COTEXT_DOCUMENT_COMMON_ENDS_H_

#include <cstddef>
#include <string_view>

namespace cotext {

// Returns the bytes of the longest text that both begin with.
// REQUIRES: both are valid UTF-8.
size_t CommonPrefixBytes(std::string_view left, std::string_view right);

// Returns the bytes of the longest text that both end with.
// REQUIRES: both are valid UTF-8.
size_t CommonSuffixBytes(std::string_view left, std::string_view right);

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_COMMON_ENDS_H_
