// The target of an HTTP request, such as /v1/documents/notes%2Fa/events?unit=utf16, in its parts.
//
// Servers of HTTP decode a path before anybody sees it, fold "//" in it, and walk "..": then a name
// with slashes is several segments, and some names cannot be told from others. So a document's name
// is all segments up to what is asked of it, and can be given as a parameter instead, which nobody
// folds:
//
//     /v1/documents/NAME           /v1/document?name=NAME
//     /v1/documents/NAME/events    /v1/document/events?name=NAME
//     /v1/documents/NAME/edits     /v1/document/edits?name=NAME
//
// So a document whose name ends in "/events" or "/edits" is named by a parameter.
//
// Errors: kBadRequest, what is no target, or says something twice; kTooLarge; kInvalidUtf8. Linear.
#ifndef COTEXT_NET_HTTP_HTTP_TARGET_H_
#define COTEXT_NET_HTTP_HTTP_TARGET_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/error.h"

namespace cotext::net {

// A name of 512 bytes, all of them escaped, and as much again for parameters.
inline constexpr size_t kTargetBytesMax = 4096;
// As many slashes as a name may have, and what stands around it.
inline constexpr size_t kSegmentsMax = 600;
inline constexpr size_t kParametersMax = 16;

struct HttpTarget {
  std::vector<std::string> segments;  // One at least; the last is empty behind a slash.
  std::vector<std::pair<std::string, std::string>> parameters;

  // Returns the value of a parameter, if it is there.
  std::optional<std::string_view> Find(std::string_view name) const;
};

// Reads a path and parameters ("name=value") that were split and decoded already.
Expected<HttpTarget> TargetOfDecoded(std::string_view path,
                                     const std::vector<std::string>& parameters);

// What is asked of a document.
enum class DocumentPart : uint8_t { kContent, kEvents, kEdits };

struct DocumentTarget {
  std::string name;  // As documents may be named.
  DocumentPart part = DocumentPart::kContent;
};

// Returns which document a target is about; nothing if it is about something else.
Expected<std::optional<DocumentTarget>> ReadDocumentTarget(const HttpTarget& target);

// Returns whether documents may have that name.
Expected<void> CheckDocumentName(std::string_view name);

// Returns whether a segment names one file or folder, and can be nothing else to a file system: no
// "..", no slashes, no control characters, nothing hidden.
bool IsFileName(std::string_view segment);

// Escapes all but letters, digits and "-._~".
std::string Escape(std::string_view text);

}  // namespace cotext::net

#endif  // COTEXT_NET_HTTP_HTTP_TARGET_H_
