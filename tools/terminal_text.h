// Text from documents and servers on a terminal, which must not obey it. Bytes that are not UTF-8
// are escaped, but PreviewOf takes none.
#ifndef COTEXT_TOOLS_TERMINAL_TEXT_H_
#define COTEXT_TOOLS_TERMINAL_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace cotext {

// What fits on a line of a terminal beside the rest.
inline constexpr uint64_t kPreviewChars = 40;

// Returns the first kPreviewChars characters of a text.
std::string_view PreviewOf(std::string_view text);

// Returns a text in quotes and on one line: control characters, quotes and backslashes are escaped.
std::string Quoted(std::string_view text);

// Returns a line of text as it is, but for control characters other than tabs, which are escaped.
std::string WithoutControls(std::string_view line);

// Returns a text of several lines, of which each is made so.
std::string LinesWithoutControls(std::string_view text);

}  // namespace cotext

#endif  // COTEXT_TOOLS_TERMINAL_TEXT_H_
