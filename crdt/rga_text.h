// The visible text of an RGA, as document/text_conversion.h wants it: the pieces are runs, cut at
// the pages of the text store.
#ifndef COTEXT_CRDT_RGA_TEXT_H_
#define COTEXT_CRDT_RGA_TEXT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "crdt/rga.h"
#include "crdt/sequence.h"
#include "crdt/text_store.h"
#include "document/offset.h"
#include "document/text_conversion.h"

namespace cotext {

class RgaText {
 public:
  // The text changes with the RGA, which outlives this view.
  explicit RgaText(const Rga& rga) : rga_(rga) {}

  TextMetrics metrics() const { return rga_.sequence().metrics(); }

  FoundText Find(TextUnit unit, uint64_t number) const {
    const Sequence::Found found = rga_.sequence().Find(rga_.history(), unit, number);
    const TextStore& text = rga_.history().text;
    const TextStore::Piece piece =
        text.FindPiece(found.run.first, found.run.length, unit, found.rest);
    return FoundText{.text = text.Slice(piece.first, piece.length),
                     .before = found.before + piece.before,
                     .rest = static_cast<size_t>(piece.rest)};
  }

  // Calls `read` with the text at [begin, end), piece by piece.
  // REQUIRES: begin <= end <= metrics().code_points.
  template <typename Reader>
  void ForEachChunk(uint64_t begin, uint64_t end, const Reader& read) const {
    uint64_t left = end - begin;
    if (left == 0) return;
    rga_.sequence().ForEachVisibleFrom(begin, [&](const Sequence::Run& run, uint32_t offset) {
      const auto length = static_cast<uint32_t>(std::min<uint64_t>(left, run.length - offset));
      read(rga_.history().text.Slice(run.first + offset, length));
      left -= length;
      return left > 0;
    });
  }

 private:
  const Rga& rga_;
};

// Returns the visible text.
inline std::string VisibleText(const Rga& rga) {
  const TextMetrics metrics = rga.sequence().metrics();
  std::string text;
  text.reserve(static_cast<size_t>(metrics.bytes));
  RgaText(rga).ForEachChunk(0, metrics.code_points,
                            [&text](std::string_view chunk) { text += chunk; });
  return text;
}

}  // namespace cotext

#endif  // COTEXT_CRDT_RGA_TEXT_H_
