// Encodings of which a value has one: whatever is accepted must be written as it was read.
#ifndef COTEXT_TESTS_SUPPORT_DAMAGED_BYTES_H_
#define COTEXT_TESTS_SUPPORT_DAMAGED_BYTES_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "document/random.h"

namespace cotext {

// Returns bytes with something changed: cut off, one bit, or some bytes put in or taken out.
inline std::string Damage(Random& random, std::string bytes) {
  if (bytes.empty()) return bytes;
  const auto at = static_cast<size_t>(random.Below(bytes.size()));
  switch (random.Below(4)) {
    case 0: bytes.resize(at); break;
    case 1: bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.Below(8))); break;
    case 2: bytes.insert(at, 1, static_cast<char>(random.Below(256))); break;
    default: bytes.erase(at, 1);
  }
  return bytes;
}

// Decodes damaged bytes; returns whether they were refused. What is accepted must be encoded to the
// same bytes.
template <typename Encode, typename Decode>
bool IsRefusedOrTheSame(Random& random, const std::string& bytes, Encode encode, Decode decode) {
  std::string damaged = bytes;
  for (uint64_t i = random.Between(1, 3); i > 0; --i) damaged = Damage(random, damaged);
  const auto decoded = decode(std::string_view(damaged));
  if (!decoded) return true;
  EXPECT_EQ(encode(*decoded), damaged);
  return false;
}

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_DAMAGED_BYTES_H_
