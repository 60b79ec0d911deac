#include "storage/document_saver.h"

#include <algorithm>
#include <utility>

#include "storage/file_encoding.h"

namespace cotext {
namespace {

std::unexpected<Error> InFile(const std::string& path, Error error) {
  error.message = path + ": " + error.message;
  return std::unexpected(std::move(error));
}

}  // namespace

Expected<DocumentSaver::Opened> DocumentSaver::Open(const std::string& path, ReplicaId replica,
                                                    const SaverOptions& options) {
  auto file = ExclusiveFile::Open(path);
  if (!file) return std::unexpected(std::move(file).error());
  auto bytes = file->Read(options.file_bytes_max);
  if (!bytes) return std::unexpected(std::move(bytes).error());
  const auto extent = FindFileExtent(*bytes);
  if (!extent) return InFile(path, extent.error());
  bytes->resize(static_cast<size_t>(extent->whole_bytes()));
  auto document = RgaDocument::Open(*std::move(bytes), replica, NativeDecompressor(),
                                    options.limits, options.sequence);
  if (!document) return InFile(path, std::move(document).error());
  DocumentSaver saver(*std::move(file), (*document)->id(), options);
  saver.extent_ = *extent;
  saver.saved_ = (*document)->opened_version();
  saver.saved_horizon_ = (*document)->opened_horizon();
  saver.saved_names_ = (*document)->named_versions();
  return Opened{.document = *std::move(document), .saver = std::move(saver)};
}

Expected<DocumentSaver> DocumentSaver::Create(const std::string& path, const RgaDocument& document,
                                              const SaverOptions& options) {
  const auto bytes = document.Save(EncodingFor(options.profile));
  if (!bytes) return std::unexpected(bytes.error());
  auto file = ExclusiveFile::Create(path, *bytes);
  if (!file) return std::unexpected(std::move(file).error());
  DocumentSaver saver(*std::move(file), document.id(), options);
  saver.extent_.base_bytes = bytes->size();
  saver.NoteSaved(document);
  return saver;
}

Expected<VersionVector> DocumentSaver::SavedVersion(const RgaDocument& document) {
  if (document.id() != id_) {
    return MakeError(ErrorCode::kDocumentReplaced, path() + ": is of another document");
  }
  COTEXT_RETURN_IF_ERROR(document.FindVersion());
  if (!saved_) {
    saved_ = document.opened_version();
    saved_horizon_ = document.opened_horizon();
  }
  if (!saved_ || !document.version_vector().Covers(*saved_)) {
    return MakeError(ErrorCode::kDocumentReplaced,
                     path() + ": has operations that the document may lack");
  }
  return *saved_;
}

Expected<SaveReport> DocumentSaver::Save(const RgaDocument& document) {
  const bool has_new_names = document.named_versions() != saved_names_;
  // As it was opened, if it is the one that was.
  if (document.is_as_opened() && document.id() == id_ && !has_new_names) return SaveReport{};
  const auto saved = SavedVersion(document);
  if (!saved) return std::unexpected(saved.error());
  const Compressor compressor = CompressorFor(options_.profile);
  const auto update = document.SaveSince(*saved, compressor);
  if (!update) return std::unexpected(update.error());
  const std::string names =
      has_new_names ? EncodeNamesAppendix(document.named_versions(), compressor) : std::string();
  const std::string sections = *update + names;
  // What was trimmed is to go, and what was not trimmed does not fit to a file that was.
  const bool was_trimmed = document.horizon() != saved_horizon_;
  if (must_rewrite_ || was_trimmed) return Rewrite(document);
  if (sections.empty()) return SaveReport{};
  if (!IsCompactionDue(sections.size())) return Append(document, sections, !update->empty());
  auto rewritten = Rewrite(document);
  if (rewritten || must_rewrite_) return rewritten;
  auto appended = Append(document, sections, !update->empty());
  if (!appended) return appended;
  postponed_bytes_ = extent_.appended_bytes;
  appended->postponed = std::move(rewritten).error();
  return appended;
}

Expected<SaveReport> DocumentSaver::Compact(const RgaDocument& document) {
  COTEXT_RETURN_IF_ERROR(SavedVersion(document));
  return Rewrite(document);
}

bool DocumentSaver::IsCompactionDue(uint64_t new_bytes) const {
  return extent_.appended_bytes + new_bytes - postponed_bytes_ >
         std::max(options_.compaction_bytes, extent_.base_bytes);
}

Expected<SaveReport> DocumentSaver::Append(const RgaDocument& document, const std::string& sections,
                                           bool has_update) {
  COTEXT_RETURN_IF_ERROR(file_.Append(sections, extent_.whole_bytes()));
  extent_.appended_bytes += sections.size();
  if (has_update) ++extent_.appended_updates;
  extent_.torn_bytes = 0;
  NoteSaved(document);
  return SaveReport{.written_bytes = sections.size()};
}

Expected<SaveReport> DocumentSaver::Rewrite(const RgaDocument& document) {
  const auto bytes = document.Save(EncodingFor(options_.profile));
  if (!bytes) return std::unexpected(bytes.error());
  ExclusiveFile::Replaced replaced = file_.Replace(*bytes);
  if (replaced.was_replaced) {
    extent_ = FileExtent{.base_bytes = bytes->size()};
    postponed_bytes_ = 0;
    must_rewrite_ = !replaced.result;
  }
  if (!replaced.result) return std::unexpected(std::move(replaced.result).error());
  NoteSaved(document);
  return SaveReport{.written_bytes = bytes->size(), .compacted = true};
}

void DocumentSaver::NoteSaved(const RgaDocument& document) {
  saved_ = document.version_vector();
  saved_horizon_ = document.horizon();
  saved_names_ = document.named_versions();
}

}  // namespace cotext
