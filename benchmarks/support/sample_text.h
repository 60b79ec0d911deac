// Texts to measure on: random, the same on every machine.
#ifndef COTEXT_BENCHMARKS_SUPPORT_SAMPLE_TEXT_H_
#define COTEXT_BENCHMARKS_SUPPORT_SAMPLE_TEXT_H_

#include <cstdint>
#include <string>

namespace cotext {

// kMixed: two characters in five are beyond ASCII, of two to four bytes and both UTF-16 lengths.
enum class Alphabet : uint8_t { kAscii, kMixed };

// Returns `length` characters in lines of about 60.
std::string MakeText(uint64_t length, Alphabet alphabet);

}  // namespace cotext

#endif  // COTEXT_BENCHMARKS_SUPPORT_SAMPLE_TEXT_H_
