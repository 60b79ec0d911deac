// What a fuzz target is: one function that gives bytes from outside to a decoder.
//
// It is linked twice (fuzz.bzl): with libFuzzer, which makes inputs up (libfuzzer_entry.cc), and
// into a test that takes them from the target's corpus (replay_corpus.cc).
#ifndef COTEXT_TESTS_FUZZ_FUZZ_TARGET_H_
#define COTEXT_TESTS_FUZZ_FUZZ_TARGET_H_

#include <string_view>

namespace cotext {

// Returns whether `input` is accepted. Stops the program if a promise is broken, by the decoder or
// by what works on its result.
bool TryInput(std::string_view input) noexcept;

}  // namespace cotext

#endif  // COTEXT_TESTS_FUZZ_FUZZ_TARGET_H_
