// SHA-256 of a text, to compare long ones by.
#ifndef COTEXT_TOOLS_SHA256_H_
#define COTEXT_TOOLS_SHA256_H_

#include <string>
#include <string_view>

namespace cotext {

// Returns the digest as 64 hexadecimal digits.
std::string Sha256Hex(std::string_view bytes);

}  // namespace cotext

#endif  // COTEXT_TOOLS_SHA256_H_
