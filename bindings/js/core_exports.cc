// The functions that JavaScript calls.
//
// Errors are returned as the number of an ErrorCode, 0 for none. What is CHECKed here is the duty
// of cotext's own JavaScript, never of its users.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "bindings/js/export.h"
#include "document/check.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/utf8.h"

// Only the function that is used is compiled, into this file.
#define XXH_INLINE_ALL  // NOLINT(readability-identifier-naming)
#define XXH_NO_XXH3     // NOLINT(readability-identifier-naming)
#include "xxhash.h"

namespace cotext {
namespace {

constexpr int32_t kOk = 0;

int32_t Number(ErrorCode code) { return static_cast<int32_t>(code); }

// Memory for the caller, aligned for any type; null if there is no more.
COTEXT_EXPORT(void*, cotext_alloc)(size_t size) { return std::malloc(size == 0 ? 1 : size); }

COTEXT_EXPORT(void, cotext_free)(void* memory) { std::free(memory); }

COTEXT_EXPORT(int32_t, cotext_utf8_is_valid)(const char* text, size_t size) {
  return IsValidUtf8({text, size}) ? 1 : 0;
}

// Writes the text's bytes, code points, UTF-16 units and newlines, each a uint64_t, to `metrics`.
COTEXT_EXPORT(int32_t, cotext_utf8_measure)(const char* text, size_t size, uint64_t* metrics) {
  COTEXT_CHECK(metrics != nullptr);
  COTEXT_CHECK(reinterpret_cast<uintptr_t>(metrics) % alignof(uint64_t) == 0);
  if (!IsValidUtf8({text, size})) return Number(ErrorCode::kInvalidUtf8);
  const TextMetrics measured = Measure({text, size});
  metrics[0] = measured.bytes;
  metrics[1] = measured.code_points;
  metrics[2] = measured.utf16;
  metrics[3] = measured.newlines;
  return kOk;
}

// XXH64 with seed 0, which the checksums of packets are made of (docs/PROTOCOL.md §1.1).
COTEXT_EXPORT(uint64_t, cotext_xxh64)(const char* bytes, size_t size) {
  return XXH64(bytes, size, 0);
}

}  // namespace
}  // namespace cotext
