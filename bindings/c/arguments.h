// What C gives and takes, checked: pointers with lengths, offsets with units, bytes to be freed.
#ifndef COTEXT_BINDINGS_C_ARGUMENTS_H_
#define COTEXT_BINDINGS_C_ARGUMENTS_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

#include "bindings/c/cotext.h"
#include "bindings/c/status.h"
#include "document/anchor.h"
#include "document/document.h"
#include "document/error.h"
#include "document/offset.h"

namespace cotext::c {

inline constexpr Refusal kAccepted{};
inline constexpr Refusal kNull{.status = COTEXT_INVALID_ARGUMENT,
                               .message = "a pointer is null where something must be"};
inline constexpr Refusal kTooLong{.status = COTEXT_TOO_LARGE,
                                  .message = "an argument is longer than its limit"};

template <typename... Pointers>
Refusal CheckNotNull(Pointers... pointers) {
  return ((pointers != nullptr) && ...) ? kAccepted : kNull;
}

// Whether `count` values may be read at `data`.
template <typename Value>
Refusal CheckArray(const Value* data, size_t count, size_t count_max) {
  if (count > count_max) return kTooLong;
  return data == nullptr && count > 0 ? kNull : kAccepted;
}
inline Refusal CheckBytes(const void* data, size_t size, size_t size_max = COTEXT_INPUT_BYTES_MAX) {
  return CheckArray(static_cast<const char*>(data), size, size_max);
}

// REQUIRES, of these: that was checked.
template <typename Value>
std::span<const Value> SpanOf(const Value* data, size_t count) {
  return count == 0 ? std::span<const Value>() : std::span(data, count);
}
inline std::string_view BytesOf(const void* data, size_t size) {
  return size == 0 ? std::string_view() : std::string_view(static_cast<const char*>(data), size);
}
inline cotext_bytes BytesFor(std::string_view bytes) {
  return {.data = bytes.data(), .size = bytes.size()};
}

// A struct that may grow: one of an earlier or the same version of the interface.
template <typename Options>
Refusal CheckOptions(const Options* options) {
  if (options == nullptr) return kNull;
  // All that there is has been there from the first version.
  if (options->struct_size >= sizeof(Options)) return kAccepted;
  return {.status = COTEXT_INVALID_ARGUMENT,
          .message = "struct_size is not the size of the struct"};
}

// Offsets.

constexpr unsigned kLineShift = 32;

inline std::optional<AnyOffset> OffsetOf(cotext_unit unit, uint64_t at) {
  switch (unit) {
    case COTEXT_CODE_POINTS: return CodePointOffset{at};
    case COTEXT_UTF8: return ByteOffset{at};
    case COTEXT_UTF16: return Utf16Offset{at};
    case COTEXT_LINE_COLUMN:
      return Point{.line = COTEXT_POINT_LINE(at), .column = COTEXT_POINT_COLUMN(at)};
    default: return std::nullopt;
  }
}

inline Refusal CheckUnit(cotext_unit unit) {
  if (OffsetOf(unit, 0)) return kAccepted;
  return {.status = COTEXT_INVALID_ARGUMENT, .message = "there is no such unit"};
}

template <typename Unit>
Expected<uint64_t> ValueOf(const Expected<Offset<Unit>>& offset) {
  if (!offset) return std::unexpected(offset.error());
  return offset->value;
}

// Returns a position of a document's text in a unit.
// REQUIRES: there is such a unit.
inline Expected<uint64_t> InUnit(const Document& document, CodePointOffset at, cotext_unit unit) {
  switch (unit) {
    case COTEXT_UTF8: return ValueOf(document.ToByte(at));
    case COTEXT_UTF16: return ValueOf(document.ToUtf16(at));
    case COTEXT_LINE_COLUMN: {
      const Expected<Point> point = document.ToPoint(at);
      if (!point) return std::unexpected(point.error());
      // No text is that long.
      return COTEXT_POINT(point->line, point->column);
    }
    default: return at.value;
  }
}

// Anchors.

inline cotext_anchor AnchorFor(const Anchor& anchor) {
  cotext_anchor copy{};
  copy.size = static_cast<uint8_t>(anchor.bytes().size());
  std::memcpy(copy.bytes, anchor.bytes().data(), anchor.bytes().size());
  return copy;
}

// Gives the caller a copy that he frees.
inline cotext_status Give(std::string_view bytes, cotext_buffer* out) {
  char* const copy = static_cast<char*>(std::malloc(bytes.size() + 1));
  if (copy == nullptr) return Fail(COTEXT_OUT_OF_MEMORY, "there is no memory for the result");
  if (!bytes.empty()) std::memcpy(copy, bytes.data(), bytes.size());
  copy[bytes.size()] = '\0';
  *out = {.data = copy, .size = bytes.size()};
  return COTEXT_OK;
}
template <typename Text>
cotext_status Give(const Expected<Text>& bytes, cotext_buffer* out) {
  return bytes ? Give(std::string_view(*bytes), out) : Fail(bytes.error());
}

}  // namespace cotext::c

#endif  // COTEXT_BINDINGS_C_ARGUMENTS_H_
