#include "simulation/replay/ot_file.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "crdt/codec/section.h"
#include "document/utf8.h"
#include "ot/edit_history_codec.h"

namespace cotext {
namespace {

constexpr uint64_t kSectionBytesMax = uint64_t{1} << 30U;

void AppendText(std::string& bytes, std::string_view text, const Compressor& compressor) {
  AppendSection(bytes, SectionKind::kCurrentText, text, compressor);
}

void AppendHistory(std::string& bytes, const EditHistory& history, const Compressor& compressor) {
  const EditColumns columns = EncodeEdits(history);
  AppendSection(bytes, SectionKind::kChanges, columns.changes, compressor);
  AppendSection(bytes, SectionKind::kLengths, columns.lengths, compressor);
  AppendSection(bytes, SectionKind::kReferences, columns.positions, compressor);
  AppendSection(bytes, SectionKind::kInsertedText, columns.text, compressor);
}

Expected<std::string> Read(std::span<const Section> sections, SectionKind kind,
                           const Decompressor& decompressor) {
  const auto section = std::ranges::find(sections, kind, &Section::kind);
  if (section == sections.end()) {
    return MakeError(ErrorCode::kMalformedFile, "there is no section " + SectionName(kind));
  }
  return ReadSection(*section, decompressor, kSectionBytesMax);
}

}  // namespace

std::string EncodeOtHistory(const EditHistory& history, const Compressor& compressor) {
  std::string bytes(SectionMagic());
  AppendHistory(bytes, history, compressor);
  return bytes;
}

std::string EncodeOtText(std::string_view text, const Compressor& compressor) {
  std::string bytes(SectionMagic());
  AppendText(bytes, text, compressor);
  return bytes;
}

std::string EncodeOtFile(std::string_view text, const EditHistory& history,
                         const Compressor& compressor) {
  std::string bytes(SectionMagic());
  AppendText(bytes, text, compressor);
  AppendHistory(bytes, history, compressor);
  return bytes;
}

Expected<EditHistory> DecodeOtHistory(std::string_view bytes, const Decompressor& decompressor) {
  const auto sections = FindSections(bytes);
  if (!sections) return std::unexpected(sections.error());
  EditColumns columns;
  for (const auto& [kind, column] : {std::pair(SectionKind::kChanges, &columns.changes),
                                     std::pair(SectionKind::kLengths, &columns.lengths),
                                     std::pair(SectionKind::kReferences, &columns.positions),
                                     std::pair(SectionKind::kInsertedText, &columns.text)}) {
    Expected<std::string> content = Read(*sections, kind, decompressor);
    if (!content) return std::unexpected(std::move(content).error());
    *column = *std::move(content);
  }
  return DecodeEdits(columns);
}

Expected<std::string> ReadOtText(std::string_view bytes, const Decompressor& decompressor) {
  const auto sections = FindSections(bytes);
  if (!sections) return std::unexpected(sections.error());
  Expected<std::string> text = Read(*sections, SectionKind::kCurrentText, decompressor);
  if (text && !IsValidUtf8(*text)) {
    return MakeError(ErrorCode::kMalformedFile, "the current text is not valid UTF-8");
  }
  return text;
}

}  // namespace cotext
