// Bytes to decompress: a method, the size that is claimed in 3 bytes, the compressed bytes.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "crdt/codec/compression.h"
#include "document/check.h"
#include "document/error.h"
#include "storage/compression.h"
#include "tests/fuzz/fuzz_target.h"

namespace cotext {
namespace {

constexpr size_t kHeadBytes = 4;
// Claimed sizes are below this.
constexpr size_t kSizeLimit = size_t{1} << 20U;

size_t ClaimedSize(std::string_view head) {
  size_t size = 0;
  for (size_t i = 1; i < kHeadBytes; ++i) {
    size |= size_t{static_cast<unsigned char>(head[i])} << (8 * (i - 1));
  }
  return size % kSizeLimit;
}

}  // namespace

bool TryInput(std::string_view input) noexcept {
  if (input.size() < kHeadBytes) return false;
  // It keeps what it works in from one input to the next, as it does from one section to the next.
  static const Decompressor decompress = NativeDecompressor();
  const auto method = static_cast<Compression>(input[0]);
  const size_t size = ClaimedSize(input);
  const std::string_view bytes = input.substr(kHeadBytes);
  const Expected<std::string> raw = decompress(method, bytes, size);
  if (!raw) {
    COTEXT_CHECK(raw.error().code == (method > Compression::kLz4 ? ErrorCode::kUnsupported
                                                                 : ErrorCode::kMalformedUpdate));
    return false;
  }
  COTEXT_CHECK(raw->size() == size);
  const Expected<std::string> again = decompress(method, bytes, size);
  COTEXT_CHECK(again.has_value());
  COTEXT_CHECK(*again == *raw);
  // They have one size only.
  COTEXT_CHECK(!decompress(method, bytes, size + 1).has_value());
  COTEXT_CHECK(size == 0 || !decompress(method, bytes, size - 1).has_value());
  return true;
}

}  // namespace cotext
