#include "crdt/codec/document_file.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "crdt/codec/update_packing.h"
#include "crdt/deleted_elements.h"
#include "crdt/history.h"
#include "crdt/local_index.h"
#include "crdt/rga_text.h"
#include "document/check.h"
#include "document/utf8.h"

namespace cotext {
namespace {

// Flags in the section of the form.
enum FormFlag : uint8_t { kUsesNeighbours = 1, kLacksDeletedText = 2, kFormFlags = 3 };

struct Column {
  SectionKind kind;
  std::string UpdateColumns::* bytes;
};
constexpr std::array<Column, 5> kColumns = {{{SectionKind::kReplicas, &UpdateColumns::replicas},
                                             {SectionKind::kChanges, &UpdateColumns::changes},
                                             {SectionKind::kLengths, &UpdateColumns::lengths},
                                             {SectionKind::kReferences, &UpdateColumns::references},
                                             {SectionKind::kDistances, &UpdateColumns::distances}}};

std::unexpected<Error> Malformed(std::string message) {
  return MakeError(ErrorCode::kMalformedFile, std::move(message));
}

// Writing.

UpdateEncoding EncodingOf(const FileEncoding& encoding) {
  return UpdateEncoding{.neighbours = encoding.neighbours,
                        .drops_deleted_text = encoding.drops_deleted_text};
}

void AppendColumns(std::string& bytes, const PackedUpdate& update, const FileEncoding& encoding) {
  const auto form = static_cast<char>((encoding.neighbours ? kUsesNeighbours : 0) |
                                      (encoding.drops_deleted_text ? kLacksDeletedText : 0));
  AppendSection(bytes, SectionKind::kForm, std::string_view(&form, 1), {});
  const UpdateColumns columns = EncodeColumns(update, EncodingOf(encoding));
  for (const Column& column : kColumns) {
    AppendSection(bytes, column.kind, columns.*column.bytes, encoding.compressor);
  }
}

std::string BeginFile(const DocumentId& id) {
  std::string bytes(SectionMagic());
  std::string identity(id.bytes.begin(), id.bytes.end());
  identity.push_back(static_cast<char>(Engine::kRga));
  AppendSection(bytes, SectionKind::kIdentity, identity, {});
  return bytes;
}

void AppendBase(std::string& bytes, const Rga& rga, const Compressor& compressor) {
  if (rga.horizon().empty()) return;
  AppendSection(bytes, SectionKind::kBase, EncodeBase(rga.horizon(), rga.history().base),
                compressor);
}

std::string DeletedText(const Rga& rga) {
  const History& history = rga.history();
  std::string text;
  DeletedElements(history.log)
      .ForEachSet(history.log.element_end().value, [&](uint32_t first, uint32_t length) {
        text += history.text.Slice(Lv{first}, length);
      });
  return text;
}

// Reading.

// Returns the only section of a kind.
Expected<const Section*> TheSection(std::span<const Section> sections, SectionKind kind) {
  const Section* found = nullptr;
  for (const Section& section : sections) {
    if (section.kind != kind) continue;
    if (found != nullptr) return Malformed("there are two sections of " + SectionName(kind));
    found = &section;
  }
  if (found == nullptr) return Malformed("there is no section of " + SectionName(kind));
  return found;
}

// Reads sections, of which all together may have so many bytes.
class SectionReader {
 public:
  SectionReader(std::span<const Section> sections, const Decompressor& decompressor, uint64_t limit)
      : sections_(sections), decompressor_(decompressor), left_(limit) {}

  Expected<std::string> Read(SectionKind kind) {
    const auto section = TheSection(sections_, kind);
    if (!section) return std::unexpected(section.error());
    return Read(**section);
  }

  Expected<std::string> Read(const Section& section) {
    auto content = ReadSection(section, decompressor_, left_);
    if (content) left_ -= content->size();
    return content;
  }

  Expected<std::string> ReadText(SectionKind kind) {
    auto text = Read(kind);
    if (text && !IsValidUtf8(*text)) {
      return Malformed("the section of " + SectionName(kind) + " is not UTF-8");
    }
    return text;
  }

 private:
  std::span<const Section> sections_;
  const Decompressor& decompressor_;
  uint64_t left_;
};

Expected<UpdateEncoding> ReadForm(SectionReader& reader) {
  const auto form = reader.Read(SectionKind::kForm);
  if (!form) return std::unexpected(form.error());
  if (form->size() != 1) return Malformed("the section of form has another size");
  const auto flags = static_cast<uint8_t>(form->front());
  if ((flags & ~kFormFlags) != 0) {
    return MakeError(ErrorCode::kUnsupported, "the section of form is of a later version");
  }
  return UpdateEncoding{.neighbours = (flags & kUsesNeighbours) != 0,
                        .drops_deleted_text = (flags & kLacksDeletedText) != 0};
}

Expected<UpdateColumns> ReadColumns(SectionReader& reader) {
  UpdateColumns columns;
  for (const Column& column : kColumns) {
    auto content = reader.Read(column.kind);
    if (!content) return std::unexpected(std::move(content).error());
    columns.*column.bytes = *std::move(content);
  }
  return columns;
}

// Returns the names in the last section of them.
Expected<NamedVersions> ReadNames(std::span<const Section> sections, SectionReader& reader) {
  const auto last = std::find_if(sections.rbegin(), sections.rend(), [](const Section& section) {
    return section.kind == SectionKind::kNamedVersions;
  });
  if (last == sections.rend()) return NamedVersions();
  const auto content = reader.Read(*last);
  if (!content) return std::unexpected(content.error());
  return NamedVersions::Decode(*content);
}

// Returns what the document begins with, nothing if it was never trimmed.
Expected<Base> ReadBase(std::span<const Section> sections, SectionReader& reader,
                        const BaseLimits& limits) {
  if (std::ranges::find(sections, SectionKind::kBase, &Section::kind) == sections.end()) {
    return Base();
  }
  const auto content = reader.Read(SectionKind::kBase);
  if (!content) return std::unexpected(content.error());
  return DecodeBase(*content, limits);
}

// Errors of columns are errors of a file here.
std::unexpected<Error> InFile(Error error) {
  if (error.code == ErrorCode::kMalformedUpdate) error.code = ErrorCode::kMalformedFile;
  return std::unexpected(std::move(error));
}

// Takes what may have been left out of an update off the limit for those behind it: the elements
// beyond the bytes that it came with.
void TakeOff(UpdateLimits& limits, uint64_t elements, uint64_t bytes) {
  if (elements > bytes) limits.left_out -= elements - bytes;
}

// Unknown sections may be passed over if their kind is even, which one flipped bit makes of an odd
// one: their checksums must be right.
Expected<void> CheckKinds(std::span<const Section> sections) {
  for (const Section& section : sections) {
    const auto number = static_cast<unsigned>(section.kind);
    const bool is_odd = number % 2 == 1;
    if (is_odd && number <= static_cast<unsigned>(SectionKind::kBase)) continue;
    const std::string name = "the section of " + SectionName(section.kind);
    if (!IsIntact(section)) return Malformed(name + " is damaged");
    if (is_odd) {
      return MakeError(ErrorCode::kUnsupported, name + " is of a later version");
    }
  }
  return {};
}

}  // namespace

std::string EncodeDocumentFile(const Rga& rga, const DocumentId& id, const FileEncoding& encoding,
                               const NamedVersions& names) {
  std::string bytes = BeginFile(id);
  AppendSection(bytes, SectionKind::kCurrentText, VisibleText(rga), encoding.compressor);
  AppendBase(bytes, rga, encoding.compressor);
  AppendColumns(bytes, rga.PackedSince({}), encoding);
  if (!encoding.drops_deleted_text) {
    AppendSection(bytes, SectionKind::kDeletedText, DeletedText(rga), encoding.compressor);
  }
  if (!names.empty()) bytes += EncodeNamesAppendix(names, encoding.compressor);
  return bytes;
}

std::string EncodeBaseFile(const Rga& rga, const DocumentId& id, const Compressor& compressor) {
  COTEXT_CHECK(!rga.horizon().empty());
  const History& history = rga.history();
  std::string bytes = BeginFile(id);
  // Its elements are the first ones, in document order.
  AppendSection(bytes, SectionKind::kCurrentText,
                history.text.Slice(Lv{0}, history.base.end().value), compressor);
  AppendBase(bytes, rga, compressor);
  AppendColumns(bytes, {}, {.compressor = compressor});
  AppendSection(bytes, SectionKind::kDeletedText, {}, compressor);
  return bytes;
}

std::string EncodeAppendix(const Rga& rga, const VersionVector& known,
                           const Compressor& compressor) {
  std::string bytes;
  const PackedUpdate update = rga.PackedSince(known);
  if (!update.changes.empty()) {
    AppendSection(bytes, SectionKind::kUpdate, EncodePackedUpdate(update), compressor);
  }
  return bytes;
}

std::string EncodeNamesAppendix(const NamedVersions& names, const Compressor& compressor) {
  std::string bytes;
  AppendSection(bytes, SectionKind::kNamedVersions, names.Encode(), compressor);
  return bytes;
}

Expected<DocumentFile> DocumentFile::Open(std::string_view bytes, Decompressor decompressor,
                                          const FileLimits& limits) {
  auto sections = FindSections(bytes);
  if (!sections) return std::unexpected(std::move(sections).error());
  COTEXT_RETURN_IF_ERROR(CheckKinds(*sections));
  DocumentFile file(std::move(decompressor), limits);
  file.sections_ = *std::move(sections);
  SectionReader reader(file.sections_, file.decompressor_, limits.section_bytes);
  const auto identity = reader.Read(SectionKind::kIdentity);
  if (!identity) return std::unexpected(identity.error());
  if (identity->size() != file.id_.bytes.size() + 1) {
    return Malformed("the section of identity has another size");
  }
  std::ranges::copy(identity->substr(0, file.id_.bytes.size()), file.id_.bytes.begin());
  file.engine_ = static_cast<Engine>(identity->back());
  if (file.engine_ != Engine::kRga) {
    return MakeError(ErrorCode::kWrongEngine, "the document in the file is not one of the RGA");
  }
  const auto encoding = ReadForm(reader);
  if (!encoding) return std::unexpected(encoding.error());
  file.encoding_ = *encoding;
  auto names = ReadNames(file.sections_, reader);
  if (!names) return std::unexpected(std::move(names).error());
  file.names_ = *std::move(names);
  file.has_updates_ = std::ranges::find(file.sections_, SectionKind::kUpdate, &Section::kind) !=
                      file.sections_.end();
  return file;
}

Expected<std::string> DocumentFile::Text() const {
  if (has_updates_) {
    // Any id will do for reading.
    const auto rga = Load(ReplicaId{1});
    if (!rga) return std::unexpected(rga.error());
    return VisibleText(*rga);
  }
  return SectionReader(sections_, decompressor_, limits_.section_bytes)
      .ReadText(SectionKind::kCurrentText);
}

Expected<std::string> DocumentFile::Undo() const {
  if (std::ranges::find(sections_, SectionKind::kUndo, &Section::kind) == sections_.end()) {
    return std::string();
  }
  return SectionReader(sections_, decompressor_, limits_.section_bytes).Read(SectionKind::kUndo);
}

Expected<Rga> DocumentFile::Load(ReplicaId replica, const SequenceOptions& options) const {
  const auto text = SectionReader(sections_, decompressor_, limits_.section_bytes)
                        .ReadText(SectionKind::kCurrentText);
  if (!text) return std::unexpected(text.error());
  return LoadWith(replica, options, *text, limits_.section_bytes - text->size());
}

Expected<Rga> DocumentFile::Load(ReplicaId replica, const SequenceOptions& options,
                                 std::string_view text) const {
  if (has_updates_) return Load(replica, options);
  return LoadWith(replica, options, text, limits_.section_bytes);
}

Expected<Rga> DocumentFile::LoadWith(ReplicaId replica, const SequenceOptions& options,
                                     std::string_view text, uint64_t section_bytes) const {
  SectionReader reader(sections_, decompressor_, section_bytes);
  auto deleted = encoding_.drops_deleted_text ? Expected<std::string>()
                                              : reader.ReadText(SectionKind::kDeletedText);
  if (!deleted) return std::unexpected(deleted.error());
  UpdateLimits limits = limits_.update;
  uint64_t text_bytes = text.size() + deleted->size();
  const uint64_t left_out = encoding_.drops_deleted_text ? limits.left_out : 0;
  auto base =
      ReadBase(sections_, reader, {.elements = text_bytes + left_out, .runs = limits_.base_runs});
  if (!base) return std::unexpected(std::move(base).error());
  TakeOff(limits, base->ids.end().value, text_bytes);
  text_bytes -= std::min<uint64_t>(text_bytes, base->ids.end().value);
  const auto columns = ReadColumns(reader);
  if (!columns) return std::unexpected(columns.error());
  const auto update = DecodeColumns(*columns, encoding_, text_bytes, limits);
  if (!update) return InFile(update.error());
  TakeOff(limits, update->end.element, text_bytes);
  auto rga = Rga::Load(
      replica, *update,
      StoredText{
          .current = text, .deleted = *deleted, .lacks_deleted = encoding_.drops_deleted_text},
      options, *std::move(base));
  for (size_t i = 0; i < sections_.size() && rga; ++i) {
    if (sections_[i].kind != SectionKind::kUpdate) continue;
    const auto content = reader.Read(sections_[i]);
    if (!content) return std::unexpected(content.error());
    auto appended = DecodePackedUpdate(*content, limits);
    if (!appended) return InFile(appended.error());
    TakeOff(limits, appended->end.element, content->size());
    const auto merged = rga->IntegratePacked(*std::move(appended), Rga::Effects::kIgnore);
    if (!merged.result) return std::unexpected(merged.result.error());
  }
  return rga;
}

std::string EncodeUpdateFile(const PackedUpdate& update, const FileEncoding& encoding) {
  std::string bytes(SectionMagic());
  AppendColumns(bytes, update, encoding);
  AppendSection(bytes, SectionKind::kInsertedText,
                encoding.drops_deleted_text ? TextWithoutDeleted(update) : update.text,
                encoding.compressor);
  return bytes;
}

Expected<PackedUpdate> DecodeUpdateFile(std::string_view bytes, const Decompressor& decompressor,
                                        const FileLimits& limits) {
  const auto sections = FindSections(bytes);
  if (!sections) return std::unexpected(sections.error());
  COTEXT_RETURN_IF_ERROR(CheckKinds(*sections));
  SectionReader reader(*sections, decompressor, limits.section_bytes);
  const auto encoding = ReadForm(reader);
  if (!encoding) return std::unexpected(encoding.error());
  const auto columns = ReadColumns(reader);
  if (!columns) return std::unexpected(columns.error());
  const auto text = reader.Read(SectionKind::kInsertedText);
  if (!text) return std::unexpected(text.error());
  auto update = DecodeColumns(*columns, *encoding, text->size(), limits.update);
  if (!update) return InFile(update.error());
  const auto added = AddText(*update, *text, encoding->drops_deleted_text);
  if (!added) return InFile(added.error());
  return update;
}

}  // namespace cotext
