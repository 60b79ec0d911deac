#include "tools/terminal_text.h"

#include <array>
#include <cstddef>
#include <cstdio>

#include "document/utf8.h"

namespace cotext {
namespace {

// Whether a terminal would obey the character instead of showing it: controls, line ends, and what
// turns the direction of writing.
bool IsControl(char32_t character) {
  return character < 0x20 || (character >= 0x7f && character < 0xa0) || character == 0x061c ||
         character == 0x200e || character == 0x200f ||
         (character >= 0x2028 && character <= 0x202e) ||
         (character >= 0x2066 && character <= 0x2069);
}

std::string EscapeOf(char32_t character) {
  switch (character) {
    case U'\n': return "\\n";
    case U'\r': return "\\r";
    case U'\t': return "\\t";
    default: break;
  }
  std::array<char, sizeof("\\uffff")> escape{};
  std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(character));
  return escape.data();
}

std::string EscapeOfByte(char byte) {
  std::array<char, sizeof("\\xff")> escape{};
  std::snprintf(escape.data(), escape.size(), "\\x%02x",
                static_cast<unsigned>(static_cast<unsigned char>(byte)));
  return escape.data();
}

// Appends each character: as it is, escaped if `is_control`, behind a backslash if `is_special`;
// and each byte that is of none, escaped.
template <typename IsControl, typename IsSpecial>
std::string Escaped(std::string_view text, IsControl is_control, IsSpecial is_special) {
  std::string escaped;
  for (size_t at = 0; at < text.size(); at += CharacterBytes(text[at])) {
    for (; at < text.size() && !IsValidUtf8(text.substr(at, CharacterBytes(text[at]))); ++at) {
      escaped += EscapeOfByte(text[at]);
    }
    if (at == text.size()) break;
    const char32_t character = DecodeCodePoint(text, at);
    if (is_special(character)) escaped += '\\';
    if (is_control(character)) {
      escaped += EscapeOf(character);
    } else {
      escaped += text.substr(at, CharacterBytes(text[at]));
    }
  }
  return escaped;
}

}  // namespace

std::string_view PreviewOf(std::string_view text) {
  // A character has at most four bytes, so that the rest is not looked at.
  const std::string_view enough = text.substr(0, 4 * kPreviewChars);
  const uint64_t chars = CountCodePoints(enough);
  return chars <= kPreviewChars ? enough : enough.substr(0, ByteOfCodePoint(enough, kPreviewChars));
}

std::string Quoted(std::string_view text) {
  const auto is_special = [](char32_t character) {
    return character == U'"' || character == U'\\';
  };
  return "\"" + Escaped(text, IsControl, is_special) + "\"";
}

std::string WithoutControls(std::string_view line) {
  return Escaped(
      line, [](char32_t character) { return character != U'\t' && IsControl(character); },
      [](char32_t) { return false; });
}

std::string LinesWithoutControls(std::string_view text) {
  const auto is_control = [](char32_t character) {
    return character != U'\t' && character != U'\n' && IsControl(character);
  };
  return Escaped(text, is_control, [](char32_t) { return false; });
}

}  // namespace cotext
