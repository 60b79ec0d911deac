#include "net/http/http_target.h"

#include <algorithm>
#include <span>

#include "document/utf8.h"
#include "sync/message.h"

namespace cotext::net {
namespace {

std::unexpected<Error> Bad(std::string message) {
  return MakeError(ErrorCode::kBadRequest, std::move(message));
}

Expected<void> CheckText(std::string_view text) {
  if (!IsValidUtf8(text)) return MakeError(ErrorCode::kInvalidUtf8, "a target that is not UTF-8");
  if (text.contains('\0')) return Bad("a target with a zero byte");
  return {};
}

Expected<void> AddSegment(HttpTarget& target, std::string segment, bool is_last) {
  if (target.segments.size() == kSegmentsMax) {
    return MakeError(ErrorCode::kTooLarge, "a path of too many parts");
  }
  COTEXT_RETURN_IF_ERROR(CheckText(segment));
  if (segment == "." || segment == "..") return Bad("a path that walks up or nowhere");
  if (segment.empty() && !is_last) return Bad("a path with an empty part");
  target.segments.push_back(std::move(segment));
  return {};
}

Expected<void> AddParameter(HttpTarget& target, std::string name, std::string value) {
  if (target.parameters.size() == kParametersMax) {
    return MakeError(ErrorCode::kTooLarge, "too many parameters");
  }
  COTEXT_RETURN_IF_ERROR(CheckText(name));
  COTEXT_RETURN_IF_ERROR(CheckText(value));
  if (target.Find(name)) return Bad("a parameter that is given twice");
  target.parameters.emplace_back(std::move(name), std::move(value));
  return {};
}

// Calls `take` with each part of `text` and whether it is the last, until one fails.
template <typename Take>
Expected<void> ForEachPart(std::string_view text, char separator, Take take) {
  while (true) {
    const size_t end = std::min(text.find(separator), text.size());
    const bool is_last = end == text.size();
    COTEXT_RETURN_IF_ERROR(take(text.substr(0, end), is_last));
    if (is_last) return {};
    text.remove_prefix(end + 1);
  }
}

std::optional<DocumentPart> PartOf(std::string_view segment) {
  if (segment == "events") return DocumentPart::kEvents;
  if (segment == "edits") return DocumentPart::kEdits;
  return std::nullopt;
}

std::string Join(std::span<const std::string> segments) {
  std::string joined;
  for (const std::string& segment : segments) {
    if (&segment != segments.data()) joined += '/';
    joined += segment;
  }
  return joined;
}

// /v1/document..., with the name as a parameter.
Expected<std::optional<DocumentTarget>> ReadByParameter(const HttpTarget& target) {
  DocumentTarget document;
  if (target.segments.size() > 3) return std::nullopt;
  if (target.segments.size() == 3) {
    const auto part = PartOf(target.segments[2]);
    if (!part) return std::nullopt;
    document.part = *part;
  }
  const auto name = target.Find("name");
  if (!name) return Bad("no parameter says which document: name");
  document.name = *name;
  COTEXT_RETURN_IF_ERROR(CheckDocumentName(document.name));
  return document;
}

}  // namespace

std::optional<std::string_view> HttpTarget::Find(std::string_view name) const {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  return std::nullopt;
}

Expected<HttpTarget> TargetOfDecoded(std::string_view path,
                                     const std::vector<std::string>& parameters) {
  size_t bytes = path.size();
  for (const std::string& parameter : parameters) bytes += parameter.size();
  if (bytes > kTargetBytesMax) return MakeError(ErrorCode::kTooLarge, "a target that is too long");
  if (!path.starts_with('/')) return Bad("a target that is no path");
  HttpTarget target;
  const auto on_segment = [&](std::string_view part, bool is_last) {
    return AddSegment(target, std::string(part), is_last);
  };
  COTEXT_RETURN_IF_ERROR(ForEachPart(path.substr(1), '/', on_segment));
  for (const std::string& parameter : parameters) {
    const size_t equals = std::min(parameter.find('='), parameter.size());
    std::string value = parameter.substr(std::min(equals + 1, parameter.size()));
    COTEXT_RETURN_IF_ERROR(AddParameter(target, parameter.substr(0, equals), std::move(value)));
  }
  return target;
}

Expected<std::optional<DocumentTarget>> ReadDocumentTarget(const HttpTarget& target) {
  const auto& segments = target.segments;
  if (segments.size() < 2 || segments[0] != "v1") return std::nullopt;
  if (segments[1] == "document") return ReadByParameter(target);
  if (segments[1] != "documents" || segments.size() < 3) return std::nullopt;
  if (segments.size() == 3 && segments[2].empty()) return std::nullopt;  // The list of them.
  DocumentTarget document;
  std::span<const std::string> name = std::span(segments).subspan(2);
  const auto part = PartOf(name.back());
  if (part && name.size() > 1) {
    document.part = *part;
    name = name.first(name.size() - 1);
  }
  document.name = Join(name);
  COTEXT_RETURN_IF_ERROR(CheckDocumentName(document.name));
  return document;
}

Expected<void> CheckDocumentName(std::string_view name) {
  if (name.empty()) return Bad("a document without a name");
  if (name.size() > sync::kDocumentNameMax) {
    return MakeError(ErrorCode::kTooLarge, "a document's name that is too long");
  }
  if (!IsValidUtf8(name)) {
    return MakeError(ErrorCode::kInvalidUtf8, "a document's name that is not UTF-8");
  }
  return {};
}

bool IsFileName(std::string_view segment) {
  const auto is_plain = [](char byte) {
    return static_cast<unsigned char>(byte) >= 0x20U && byte != '\x7f' && byte != '/' &&
           byte != '\\';
  };
  return !segment.empty() && segment[0] != '.' && std::ranges::all_of(segment, is_plain);
}

std::string Escape(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string escaped;
  for (const char character : text) {
    if (kUnreserved.contains(character)) {
      escaped += character;
      continue;
    }
    const auto byte = static_cast<unsigned char>(character);
    escaped += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
  }
  return escaped;
}

}  // namespace cotext::net
