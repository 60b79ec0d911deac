// A document kept in a file: a save appends what is new, and now and then writes the file anew.
//
// A saver keeps one file (exclusive_file.h). Save appends a section with the operations since the
// last save, some thirty bytes for a keystroke, however large the document, and one with the named
// versions if they are others. Once more was appended than the document took when it was written
// last, and more than kCompactionBytes, the next save writes it anew instead, with nothing left out
// but steps of undo. So does the first save after a trim, whatever is new. Otherwise
//
// - What is written is at most a constant times what is new. Let the saves between two rewritings
//   have sections of s bytes in all, the one that led to the second included, which took the place
//   of its section. The file was of b bytes, and s > b. Rewritten it has at most b + s, as the same
//   operations encoded together take no more than apart; up to there, at most s were appended. In
//   all that is less than 3 s. Each section pays for one rewriting, so this adds up over a session.
// - The file is at most twice what it would be written anew, and kCompactionBytes, and opening it
//   takes time linear in that.
//
// A crash. What Save returned for is there afterwards. What was being appended may be there in part
// (file_extent.h): opening leaves that out, says so, and the next save cuts it off before it
// writes. A rewriting is there or not.
//
// Errors: those of ExclusiveFile; of RgaDocument::Unpack; kDocumentReplaced, it is another document
// or lacks what was saved. Whatever failed, the next Save tries all that is new again. After
// kFileChanged it fails again: whoever wants both opens the file once more, merges, and saves that.
//
// Complexity: Save takes time linear in what is new and in the number of replicas. Thread-
// compatible; blocks.
#ifndef COTEXT_STORAGE_DOCUMENT_SAVER_H_
#define COTEXT_STORAGE_DOCUMENT_SAVER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "crdt/codec/document_file.h"
#include "crdt/codec/file_extent.h"
#include "crdt/codec/named_versions.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/document_id.h"
#include "document/error.h"
#include "storage/compression.h"
#include "storage/exclusive_file.h"

namespace cotext {

// What appended updates may take at least: some two thousand keystrokes, which take about a
// millisecond to read.
inline constexpr uint64_t kCompactionBytes = uint64_t{64} << 10U;

struct SaverOptions {
  Profile profile = Profile::kSmall;
  uint64_t compaction_bytes = kCompactionBytes;
  // For opening.
  uint64_t file_bytes_max = uint64_t{1} << 32U;
  FileLimits limits = {};
  SequenceOptions sequence = {};
};

struct SaveReport {
  uint64_t written_bytes = 0;  // 0: nothing was new.
  bool compacted = false;
  // Why the file was not written anew when its time had come. The save itself succeeded, by
  // appending; it is tried again after as much was appended once more.
  std::optional<Error> postponed = std::nullopt;
};

class DocumentSaver {
 public:
  struct Opened;

  // Opens a document, of which nothing is unpacked unless updates were appended to it.
  // REQUIRES: IsValid(replica), and nobody else writes under that id. What a crash tore off may
  // have reached other replicas, so take a new one, unless those are merged before the first edit.
  static Expected<Opened> Open(const std::string& path, ReplicaId replica,
                               const SaverOptions& options = {});

  // Creates a file with a document; kIo if there is one already.
  // REQUIRES: the document has its id.
  static Expected<DocumentSaver> Create(const std::string& path, const RgaDocument& document,
                                        const SaverOptions& options = {});

  // Saves what is new. A document that is still as it was opened is not unpacked for that.
  // REQUIRES: `document` is what Open or Create was about, a fork of that, or one that has all
  // operations that were saved.
  Expected<SaveReport> Save(const RgaDocument& document);

  // Writes the file anew.
  // REQUIRES: as for Save.
  Expected<SaveReport> Compact(const RgaDocument& document);

  // What is in the file; torn_bytes were there when it was opened, until the next save.
  const FileExtent& extent() const { return extent_; }
  const std::string& path() const { return file_.path(); }

 private:
  DocumentSaver(ExclusiveFile file, const DocumentId& id, const SaverOptions& options)
      : file_(std::move(file)), id_(id), options_(options) {}

  // Returns what the file has, if `document` is the one to be saved.
  Expected<VersionVector> SavedVersion(const RgaDocument& document);
  bool IsCompactionDue(uint64_t new_bytes) const;
  Expected<SaveReport> Append(const RgaDocument& document, const std::string& sections,
                              bool has_update);
  Expected<SaveReport> Rewrite(const RgaDocument& document);
  void NoteSaved(const RgaDocument& document);

  ExclusiveFile file_;
  DocumentId id_;
  SaverOptions options_;
  FileExtent extent_;
  // What the file has; nothing as long as the document was not unpacked.
  std::optional<VersionVector> saved_;
  VersionVector saved_horizon_;
  NamedVersions saved_names_;
  uint64_t postponed_bytes_ = 0;  // Appended when a rewriting last failed.
  bool must_rewrite_ = false;     // The file was rewritten, but may not outlive a power cut.
};

struct DocumentSaver::Opened {
  std::unique_ptr<RgaDocument> document;
  DocumentSaver saver;
};

}  // namespace cotext

#endif  // COTEXT_STORAGE_DOCUMENT_SAVER_H_
