#include "document/newline_bits.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "document/random.h"
#include "tests/support/for_each_seed.h"

namespace cotext {
namespace {

// Bytes that differ from a newline by one bit, or by nothing but what a sum would carry.
char AnyByte(Random& random) {
  switch (random.Below(4)) {
    case 0: return '\n';
    case 1: return static_cast<char>('\n' ^ (1U << random.Below(8)));
    case 2: return static_cast<char>('\n' + 1 - 2 * static_cast<int>(random.Below(2)));
    default: return static_cast<char>(random.Below(256));
  }
}

TEST(NewlineBitsTest, WordsAndVectorsEqualALoop) {
  ForEachSeed(2000, [](Random& random) {
    std::array<char, 64> bytes;
    for (char& byte : bytes) byte = AnyByte(random);
    uint64_t expected = 0;
    for (size_t i = 0; i < bytes.size(); ++i) {
      if (bytes[i] == '\n') expected |= uint64_t{1} << i;
    }
    EXPECT_EQ(NewlinesOf64(bytes.data()), expected);
    uint64_t by_words = 0;
    for (size_t i = 0; i < bytes.size(); i += 8) {
      by_words |= NewlinesOfEight(bytes.data() + i) << i;
    }
    EXPECT_EQ(by_words, expected);
  });
}

}  // namespace
}  // namespace cotext
