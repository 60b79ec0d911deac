// Anchors of an OtDocument, and their bytes.
//
// One byte says whether the anchor stands at the beginning, at the end or in between. In between, a
// state follows (PositionLog: its number) and a lean position in it, 8 bytes each with the least
// significant first: 17 bytes in all.
#ifndef COTEXT_OT_OT_ANCHOR_H_
#define COTEXT_OT_OT_ANCHOR_H_

#include <cstdint>
#include <optional>

#include "document/anchor.h"

namespace cotext {

enum class AnchorPlace : uint8_t { kBeginning, kEnd, kBetween };

struct OtAnchor {
  AnchorPlace place = AnchorPlace::kBeginning;
  // Both 0 unless in between.
  uint64_t number = 0;
  uint64_t lean = 0;
  friend bool operator==(const OtAnchor&, const OtAnchor&) = default;
};

Anchor EncodeOtAnchor(const OtAnchor& anchor);

// Returns what an anchor's bytes say; nothing if that is no anchor of this engine.
std::optional<OtAnchor> DecodeOtAnchor(const Anchor& anchor);

}  // namespace cotext

#endif  // COTEXT_OT_OT_ANCHOR_H_
