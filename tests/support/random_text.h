// Random texts for tests, and the seed that reproduces them.
//
// A text mixes what breaks text code: characters of 1 to 4 bytes in UTF-8, CR LF, combining marks,
// emoji joined by U+200D, regional indicators, NUL, U+FEFF and the limits of each UTF-8 length. The
// alphabet is small, so that equal characters meet often.
#ifndef COTEXT_TESTS_SUPPORT_RANDOM_TEXT_H_
#define COTEXT_TESTS_SUPPORT_RANDOM_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "document/random.h"

namespace cotext {

// Returns a valid text of 0 to `max_code_points` code points, every length equally likely.
std::string RandomText(Random& random, size_t max_code_points);

// Returns the number in the environment variable COTEXT_SEED, or `default_seed` if it is unset.
// Anything but a decimal number there fails the current test.
uint64_t SeedFromEnvironment(uint64_t default_seed);

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_RANDOM_TEXT_H_
