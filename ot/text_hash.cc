#include "ot/text_hash.h"

#include <array>
#include <cstddef>
#include <string_view>

#include "document/check.h"
#include "document/delta.h"
#include "document/offset.h"

// Only the functions that are used are compiled, into this file.
#define XXH_INLINE_ALL  // NOLINT(readability-identifier-naming)
#define XXH_NO_XXH3     // NOLINT(readability-identifier-naming)
#include "xxhash.h"

namespace cotext {
namespace {

class Hasher {
 public:
  Hasher() { XXH64_reset(&state_, 0); }

  void Add(std::string_view bytes) { XXH64_update(&state_, bytes.data(), bytes.size()); }

  void Add(uint64_t number) {
    std::array<char, sizeof(number)> bytes{};
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(number >> (8U * i));
    Add(std::string_view(bytes.data(), bytes.size()));
  }

  uint64_t Value() const { return XXH64_digest(&state_); }

 private:
  XXH64_state_t state_;
};

}  // namespace

uint64_t HashText(const TextBuffer& text) {
  Hasher hasher;
  const Expected<void> read =
      text.ForEachChunk(CodePointOffset{0}, CodePointOffset{text.metrics().code_points},
                        [&hasher](std::string_view chunk) { hasher.Add(chunk); });
  COTEXT_CHECK(read.has_value());
  return hasher.Value();
}

uint64_t HashSubmission(const OtSubmission& submission) {
  Hasher hasher;
  hasher.Add(submission.base);
  for (const Delta::Component& component : submission.operation) {
    hasher.Add(static_cast<uint64_t>(component.kind));
    hasher.Add(component.count);
    hasher.Add(component.text.size());
    hasher.Add(component.text);
  }
  return hasher.Value();
}

}  // namespace cotext
