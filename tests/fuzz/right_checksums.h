// Sections whose bytes were changed, with checksums that fit them.
#ifndef COTEXT_TESTS_FUZZ_RIGHT_CHECKSUMS_H_
#define COTEXT_TESTS_FUZZ_RIGHT_CHECKSUMS_H_

#include <string>
#include <string_view>

namespace cotext {

// Returns the bytes of a file with the checksums of its sections put right. Without that, whatever
// a fuzzer changes is refused for its checksum, and nothing behind is ever reached. What has no
// sections stays as it is.
std::string WithRightChecksums(std::string_view file);

}  // namespace cotext

#endif  // COTEXT_TESTS_FUZZ_RIGHT_CHECKSUMS_H_
