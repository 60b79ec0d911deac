#include "document/text_buffer.h"

#include <string>

#include "document/check.h"
#include "document/utf8.h"

namespace cotext {
namespace {

std::unexpected<Error> Utf8Error() {
  return MakeError(ErrorCode::kInvalidUtf8, "the inserted text is not valid UTF-8");
}

uint64_t InsertedBytes(const Delta& delta) {
  uint64_t bytes = 0;
  for (const Delta::Component part : delta) {
    if (part.kind == Delta::Kind::kInsert) bytes += part.text.size();
  }
  return bytes;
}

}  // namespace

TextBuffer::TextBuffer(const TextBufferOptions& options)
    : leaves_(options.leaf_bytes),
      tree_(options.fanout),
      small_bytes_(options.leaf_bytes / 8 * 3),
      max_bytes_(options.max_bytes) {
  COTEXT_CHECK(options.max_bytes <= TextBufferOptions::kMaxBytes);
  tree_.InsertFirst(leaves_.New());
  ResetCursor();
}

Expected<TextBuffer> TextBuffer::FromText(std::string_view text, const TextBufferOptions& options) {
  TextBuffer buffer(options);
  if (text.size() > options.max_bytes) return buffer.SizeError();
  if (!IsValidUtf8(text)) return Utf8Error();
  // Up to three bytes of a leaf stay free where a character does not fit any more.
  buffer.leaves_.Reserve(text.size() / (options.leaf_bytes - 3) + 1);
  buffer.InsertValid(0, text);
  return buffer;
}

std::unexpected<Error> TextBuffer::RangeError(uint64_t begin, uint64_t end) const {
  return MakeError(ErrorCode::kOutOfRange, "[" + std::to_string(begin) + ", " +
                                               std::to_string(end) + ") is no range of a text of " +
                                               std::to_string(total_.code_points) + " characters");
}

std::unexpected<Error> TextBuffer::SizeError() const {
  return MakeError(ErrorCode::kTooLarge,
                   "a text may have at most " + std::to_string(max_bytes_) + " bytes");
}

Expected<void> TextBuffer::Insert(CodePointOffset at, std::string_view text) {
  if (!InRange(at, 0)) return RangeError(at.value, at.value);
  if (!IsValidUtf8(text)) return Utf8Error();
  if (text.size() > max_bytes_ - total_.bytes) return SizeError();
  InsertValid(at.value, text);
  return {};
}

Expected<void> TextBuffer::Erase(CodePointOffset begin, uint64_t count) {
  if (!InRange(begin, count)) return RangeError(begin.value, begin.value + count);
  EraseValid(begin.value, count);
  return {};
}

Expected<void> TextBuffer::Replace(CodePointOffset begin, uint64_t count, std::string_view text) {
  if (!InRange(begin, count)) return RangeError(begin.value, begin.value + count);
  if (!IsValidUtf8(text)) return Utf8Error();
  if (text.size() > max_bytes_ - total_.bytes) {
    const uint64_t erased = BytesOf(begin.value, begin.value + count);
    if (text.size() > max_bytes_ - (total_.bytes - erased)) return SizeError();
  }
  EraseValid(begin.value, count);
  InsertValid(begin.value, text);
  return {};
}

Expected<void> TextBuffer::Apply(const Delta& delta) {
  COTEXT_RETURN_IF_ERROR(CheckDelta(delta));
  // Deletes go first: so the text is never larger than before and after.
  uint64_t at = 0;
  for (const Delta::Component part : delta) {
    if (part.kind == Delta::Kind::kRetain) at += part.count;
    if (part.kind == Delta::Kind::kDelete) EraseValid(at, part.count);
  }
  at = 0;
  for (const Delta::Component part : delta) {
    if (part.kind == Delta::Kind::kInsert) InsertValid(at, part.text);
    if (part.kind != Delta::Kind::kDelete) at += part.count;
  }
  return {};
}

Expected<void> TextBuffer::CheckDelta(const Delta& delta) const {
  if (delta.base_length() > total_.code_points) {
    return MakeError(ErrorCode::kDeltaMismatch,
                     "the delta is for a text of at least " + std::to_string(delta.base_length()) +
                         " characters, this one has " + std::to_string(total_.code_points));
  }
  uint64_t at = 0;
  for (const Delta::Component part : delta) {
    if (part.kind == Delta::Kind::kInsert) continue;
    if (part.kind == Delta::Kind::kDelete && part.has_text() && !Holds(at, part.count, part.text)) {
      return MakeError(ErrorCode::kDeltaMismatch,
                       "the text at " + std::to_string(at) + " is not the deleted one");
    }
    at += part.count;
  }
  const uint64_t inserted = InsertedBytes(delta);
  if (inserted > max_bytes_ - total_.bytes &&
      inserted > max_bytes_ - (total_.bytes - ErasedBytes(delta))) {
    return SizeError();
  }
  return {};
}

uint64_t TextBuffer::ErasedBytes(const Delta& delta) const {
  uint64_t at = 0;
  uint64_t bytes = 0;
  for (const Delta::Component part : delta) {
    if (part.kind == Delta::Kind::kInsert) continue;
    if (part.kind == Delta::Kind::kDelete) bytes += BytesOf(at, at + part.count);
    at += part.count;
  }
  return bytes;
}

void TextBuffer::InsertValid(uint64_t at, std::string_view text) {
  if (text.empty()) return;
  Seek(at, 0);
  const Leaf leaf = cursor_.leaf;
  const Place place = PlaceInCursor(at);
  if (text.size() <= leaves_.Room(leaf)) {
    Put(leaf, place, text);
  } else {
    InsertOverflowing(leaf, place, text);
  }
}

void TextBuffer::EraseValid(uint64_t begin, uint64_t count) {
  if (count == 0) return;
  Seek(begin, count);
  const Leaf leaf = cursor_.leaf;
  const Place from = PlaceInCursor(begin);
  const Place size = leaves_.Size(leaf);
  if (count > size.code_points - from.code_points) {
    EraseSpanning(leaf, from, count);
    return;
  }
  Cut(leaf, from, PlaceInCursor(begin + count));
  // A leaf that was small before has no small neighbour, so its merging can wait until it is empty.
  const uint32_t left = leaves_.Size(leaf).bytes;
  if (left == 0 || (left < small_bytes_ && size.bytes >= small_bytes_)) {
    Settle(leaf, leaf);
    ResetCursor();
  }
}

void TextBuffer::Seek(uint64_t begin, uint64_t count) {
  if (CursorHolds(begin, count)) return;
  if (begin == 0 && count == 0) {
    ResetCursor();
    return;
  }
  // Of an empty range the character before it is sought, so that text is appended to its leaf.
  const uint64_t character = count > 0 ? begin : begin - 1;
  const Tree::Found found = FindLeaf(TextUnit::kCodePoints, character);
  cursor_ = Cursor{.leaf = found.leaf, .begin = character - found.offset};
}

void TextBuffer::Grow(Leaf leaf, const TextMetrics& by) {
  tree_.Add(leaf, {static_cast<int64_t>(by.bytes), static_cast<int64_t>(by.code_points),
                   static_cast<int64_t>(by.utf16), static_cast<int64_t>(by.newlines)});
  total_ = total_ + by;
}

void TextBuffer::Shrink(Leaf leaf, const TextMetrics& by) {
  // Sums wrap around, so adding the negated counts subtracts.
  Grow(leaf, TextMetrics{} - by);
}

void TextBuffer::CountAscii(Leaf leaf, char character, int64_t step) {
  const int64_t newlines = character == '\n' ? step : 0;
  tree_.Add(leaf, {step, step, step, newlines});
  const auto wrapped = static_cast<uint64_t>(step);
  total_.bytes += wrapped;
  total_.code_points += wrapped;
  total_.utf16 += wrapped;
  total_.newlines += static_cast<uint64_t>(newlines);
}

void TextBuffer::Put(Leaf leaf, Place at, std::string_view text) {
  // Keystrokes have their own path: it carries its counts in registers.
  if (text.size() == 1) {
    leaves_.InsertAscii(leaf, at, text[0]);
    CountAscii(leaf, text[0], 1);
    return;
  }
  const TextMetrics added = Measure(text);
  leaves_.Insert(leaf, at, text, static_cast<uint32_t>(added.code_points));
  Grow(leaf, added);
}

void TextBuffer::Cut(Leaf leaf, Place begin, Place end) {
  if (begin + TextLeaves::kAscii == end) {
    CountAscii(leaf, leaves_.EraseAscii(leaf, begin), -1);
  } else {
    Shrink(leaf, leaves_.Erase(leaf, begin, end));
  }
}

}  // namespace cotext
