#include "tools/history/stored_document.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "crdt/codec/section.h"
#include "crdt/ids.h"
#include "storage/compression.h"
#include "storage/file.h"

namespace cotext {
namespace {

// Far more than a document can have, and less than a machine has.
constexpr uint64_t kFileBytesMax = uint64_t{1} << 32U;

// Nobody writes here, so any id will do.
constexpr ReplicaId kReader{1};

// Looks at the sections that loading passes over. One that this program cannot unpack is no damage.
Expected<void> CheckUnknownSections(const DocumentFile& file) {
  for (const Section& section : file.sections()) {
    if (IsKnown(section.kind)) continue;
    const auto content = ReadSection(section, NativeDecompressor(), FileLimits{}.section_bytes);
    if (!content && content.error().code == ErrorCode::kMalformedFile) {
      return std::unexpected(content.error());
    }
  }
  return {};
}

Expected<StoredDocument> Parse(std::unique_ptr<const std::string> bytes) {
  const auto extent = FindFileExtent(*bytes);
  if (!extent) {
    Error error = extent.error();
    if (!bytes->starts_with(SectionMagic())) error.code = ErrorCode::kUnsupported;
    return std::unexpected(std::move(error));
  }
  const auto whole_bytes = static_cast<size_t>(extent->whole_bytes());
  auto file =
      DocumentFile::Open(std::string_view(*bytes).substr(0, whole_bytes), NativeDecompressor());
  if (!file) return std::unexpected(std::move(file).error());
  auto rga = file->Load(kReader);
  if (!rga) return std::unexpected(std::move(rga).error());
  COTEXT_RETURN_IF_ERROR(CheckUnknownSections(*file));
  return StoredDocument{.bytes = std::move(bytes),
                        .extent = *extent,
                        .file = *std::move(file),
                        .rga = *std::move(rga)};
}

}  // namespace

Expected<StoredDocument> ReadStoredDocument(const std::string& path) {
  auto bytes = ReadFile(path, kFileBytesMax);
  if (!bytes) return std::unexpected(std::move(bytes).error());
  auto document = Parse(std::make_unique<const std::string>(*std::move(bytes)));
  if (document) return document;
  return MakeError(document.error().code, path + ": " + document.error().message);
}

ExitCode ReportStoredError(const Error& error) {
  ReportError(error);
  switch (error.code) {
    case ErrorCode::kIo:
    case ErrorCode::kTooLarge:
    case ErrorCode::kUnsupported:
    case ErrorCode::kWrongEngine: return ExitCode::kBadInput;
    default: return ExitCode::kCheckFailed;
  }
}

}  // namespace cotext
