// A position that survives edits, as bytes that only the engine reads.
//
// An anchor sits next to a character, not at a number: kBefore clings to the character on its left
// (text inserted there goes behind it), kAfter to the one on its right. At most kMaxBytes, so that
// presence messages stay small; a value, cheap to copy and compare.
#ifndef COTEXT_DOCUMENT_ANCHOR_H_
#define COTEXT_DOCUMENT_ANCHOR_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "document/error.h"

namespace cotext {

class Anchor {
 public:
  static constexpr size_t kMaxBytes = 32;

  // Takes bytes from outside; an engine checks them when it resolves the anchor.
  static Expected<Anchor> FromBytes(std::string_view bytes) {
    if (bytes.size() > kMaxBytes) {
      return MakeError(ErrorCode::kInvalidAnchor, "an anchor has at most 32 bytes");
    }
    Anchor anchor;
    std::copy(bytes.begin(), bytes.end(), anchor.bytes_.begin());
    anchor.size_ = bytes.size();
    return anchor;
  }

  // Valid while this anchor lives.
  std::string_view bytes() const { return {bytes_.data(), size_}; }

  friend bool operator==(const Anchor&, const Anchor&) = default;

 private:
  std::array<char, kMaxBytes> bytes_{};
  size_t size_ = 0;
};

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_ANCHOR_H_
