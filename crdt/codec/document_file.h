// A document as a file, and an update as one; docs/FORMAT.md is normative.
//
// A document file has sections (section.h): identity, the columns of its operations, the current
// text in document order, the deleted text. Text is there once. Whoever only reads unpacks one
// section; an editable state takes all of them, and time linear in their content. A trimmed
// document has one more, of what its history begins with (base_codec.h). Updates may
// follow as sections of their own: saving a keystroke appends some twenty bytes, and writing the
// file anew takes them in. So may lists of named versions, of which the last one counts.
//
// Reading is total; errors name the section. What is allocated is bounded by the limits.
#ifndef COTEXT_CRDT_CODEC_DOCUMENT_FILE_H_
#define COTEXT_CRDT_CODEC_DOCUMENT_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/codec/base_codec.h"
#include "crdt/codec/compression.h"
#include "crdt/codec/named_versions.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/section.h"
#include "crdt/codec/update_codec.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "document/document.h"
#include "document/document_id.h"
#include "document/error.h"

namespace cotext {

struct FileEncoding {
  Compressor compressor = {};
  // As in UpdateEncoding.
  bool neighbours = false;
  bool drops_deleted_text = false;
  // Whether RgaDocument::Save keeps what its user can undo and redo, which takes the deleted text.
  bool keeps_undo = false;
};

struct FileLimits {
  // The most bytes of a section's content, and of all that one call unpacks.
  uint64_t section_bytes = uint64_t{1} << 30U;
  UpdateLimits update = {};  // For all updates of a file together.
  uint64_t base_runs = kBaseRunsMax;
};

// Returns a file with all that a replica has.
std::string EncodeDocumentFile(const Rga& rga, const DocumentId& id, const FileEncoding& encoding,
                               const NamedVersions& names = {});

// Returns a file with what a trimmed replica begins with, and none of its operations: what it has
// since its horizon can be merged into that.
// REQUIRES: the horizon is not empty.
std::string EncodeBaseFile(const Rga& rga, const DocumentId& id, const Compressor& compressor = {});

// Returns the section that brings a file up to date, to be appended to it, if it holds what `known`
// says; nothing if there is nothing new.
std::string EncodeAppendix(const Rga& rga, const VersionVector& known,
                           const Compressor& compressor);

// Returns the section that puts `names`, perhaps none, in the place of those that a file has.
std::string EncodeNamesAppendix(const NamedVersions& names, const Compressor& compressor);

// A file to be read: what is in it is unpacked when it is asked for.
class DocumentFile {
 public:
  // `bytes` and what the decompressor needs must stay as long as this.
  static Expected<DocumentFile> Open(std::string_view bytes, Decompressor decompressor,
                                     const FileLimits& limits = {});

  const DocumentId& id() const { return id_; }
  Engine engine() const { return engine_; }
  // Whether the text of deleted elements was left out.
  bool lacks_deleted_text() const { return encoding_.drops_deleted_text; }
  // In the order in which they are in the file.
  const std::vector<Section>& sections() const { return sections_; }
  // Whether updates were appended, so that the text takes all there is.
  bool has_updates() const { return has_updates_; }
  // Whether the document has these versions shows when they are asked for.
  const NamedVersions& names() const { return names_; }

  // Returns the text.
  Expected<std::string> Text() const;

  // Returns the steps of undo and redo, nothing if there are none; see undo_codec.h.
  Expected<std::string> Undo() const;

  // Returns a replica that can be edited. What Text() returned saves reading it again.
  // REQUIRES: IsValid(replica), and nobody else writes under that id.
  Expected<Rga> Load(ReplicaId replica, const SequenceOptions& options = {}) const;
  Expected<Rga> Load(ReplicaId replica, const SequenceOptions& options,
                     std::string_view text) const;

 private:
  DocumentFile(Decompressor decompressor, const FileLimits& limits)
      : decompressor_(std::move(decompressor)), limits_(limits) {}

  // `text` is that of the file itself, without updates that were appended.
  Expected<Rga> LoadWith(ReplicaId replica, const SequenceOptions& options, std::string_view text,
                         uint64_t section_bytes) const;

  Decompressor decompressor_;
  FileLimits limits_;
  std::vector<Section> sections_;
  DocumentId id_;
  Engine engine_ = Engine::kRga;
  UpdateEncoding encoding_;
  bool has_updates_ = false;
  NamedVersions names_;
};

// An update as a file of its own: its columns compressed one by one.
std::string EncodeUpdateFile(const PackedUpdate& update, const FileEncoding& encoding);
Expected<PackedUpdate> DecodeUpdateFile(std::string_view bytes, const Decompressor& decompressor,
                                        const FileLimits& limits = {});

}  // namespace cotext

#endif  // COTEXT_CRDT_CODEC_DOCUMENT_FILE_H_
