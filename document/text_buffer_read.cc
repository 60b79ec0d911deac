// Reading a TextBuffer: what document/text_conversion.h needs, and the text itself.
#include <cstddef>
#include <string>
#include <string_view>

#include "document/check.h"
#include "document/text_buffer.h"
#include "document/text_conversion.h"
#include "document/utf8.h"

namespace cotext {

auto TextBuffer::FindLeaf(TextUnit unit, uint64_t number) const -> Tree::Found {
  switch (unit) {
    case TextUnit::kCodePoints:
      return tree_.Find(number, [](const Tree::Sums& sums) { return sums[kCodePoints]; });
    case TextUnit::kBytes:
      return tree_.Find(number, [](const Tree::Sums& sums) { return sums[kBytes]; });
    case TextUnit::kUtf16:
      return tree_.Find(number, [](const Tree::Sums& sums) { return sums[kUtf16]; });
    case TextUnit::kNewlines:
      return tree_.Find(number, [](const Tree::Sums& sums) { return sums[kNewlines]; });
  }
  COTEXT_CHECK(false);  // No such unit.
}

FoundText TextBuffer::Find(TextUnit unit, uint64_t number) const {
  const Tree::Found found = FindLeaf(unit, number);
  const TextMetrics before = ToMetrics(tree_.Before(found.leaf));
  const auto inside = static_cast<size_t>(found.offset);
  const std::string_view front = leaves_.Front(found.leaf);
  const std::string_view back = leaves_.Back(found.leaf);
  if (back.empty()) return FoundText{.text = front, .before = before, .rest = inside};
  const TextMetrics in_front = Measure(front);
  const auto units_in_front = static_cast<size_t>(SizeIn(unit, in_front));
  if (inside < units_in_front) return FoundText{.text = front, .before = before, .rest = inside};
  return FoundText{.text = back, .before = before + in_front, .rest = inside - units_in_front};
}

Expected<CodePointOffset> TextBuffer::ToCodePoint(const AnyOffset& offset) const {
  return ConvertToCodePoint(*this, offset);
}

Expected<CodePointOffset> TextBuffer::LineStart(uint64_t line) const {
  return ConvertLineStart(*this, line);
}

Expected<Point> TextBuffer::ToPoint(CodePointOffset at) const { return ConvertToPoint(*this, at); }

Expected<ByteOffset> TextBuffer::ToByte(CodePointOffset at) const {
  return ConvertToByte(*this, at);
}

Expected<Utf16Offset> TextBuffer::ToUtf16(CodePointOffset at) const {
  return ConvertToUtf16(*this, at);
}

auto TextBuffer::StartWalk(uint64_t begin, uint64_t end) const -> Walk {
  if (begin == end) return Walk{.leaf = tree_.First(), .byte = 0, .missing_bytes = 0};
  const Tree::Found found = FindLeaf(TextUnit::kCodePoints, begin);
  const Place at = leaves_.AtCodePoint(found.leaf, static_cast<uint32_t>(found.offset));
  return Walk{.leaf = found.leaf, .byte = at.bytes, .missing_bytes = BytesOf(begin, end)};
}

std::string_view TextBuffer::NextChunk(Walk& walk) const {
  if (walk.missing_bytes == 0) return {};
  if (walk.byte == leaves_.Size(walk.leaf).bytes) {
    walk.leaf = tree_.Next(walk.leaf);
    walk.byte = 0;
  }
  const std::string_view front = leaves_.Front(walk.leaf);
  const std::string_view rest = walk.byte < front.size()
                                    ? front.substr(walk.byte)
                                    : leaves_.Back(walk.leaf).substr(walk.byte - front.size());
  const std::string_view chunk = rest.substr(0, walk.missing_bytes);
  walk.byte += static_cast<uint32_t>(chunk.size());
  walk.missing_bytes -= chunk.size();
  return chunk;
}

size_t TextBuffer::BytesOf(uint64_t begin, uint64_t end) const {
  return static_cast<size_t>(ToByte(CodePointOffset{end})->value -
                             ToByte(CodePointOffset{begin})->value);
}

std::string TextBuffer::Text() const {
  return *Slice(CodePointOffset{0}, CodePointOffset{total_.code_points});
}

Expected<std::string> TextBuffer::Slice(CodePointOffset begin, CodePointOffset end) const {
  if (!InRange(begin, end.value - begin.value)) return RangeError(begin.value, end.value);
  Walk walk = StartWalk(begin.value, end.value);
  std::string text;
  text.reserve(walk.missing_bytes);
  for (std::string_view chunk = NextChunk(walk); !chunk.empty(); chunk = NextChunk(walk)) {
    text += chunk;
  }
  return text;
}

bool TextBuffer::Holds(uint64_t begin, uint64_t count, std::string_view text) const {
  Walk walk = StartWalk(begin, begin + count);
  if (walk.missing_bytes != text.size()) return false;
  for (std::string_view chunk = NextChunk(walk); !chunk.empty(); chunk = NextChunk(walk)) {
    if (!text.starts_with(chunk)) return false;
    text.remove_prefix(chunk.size());
  }
  return true;
}

}  // namespace cotext
