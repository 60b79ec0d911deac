// A document kept in a file from one run of a program to the next, with the ids under which it was
// edited here: what was not uploaded yet is uploaded by the next run (sync::Client::Open).
//
//     FILE            the document (document_saver.h), locked as long as this lives
//     FILE.writers    ReplicaIds, a number on a line; the lock of FILE is for both
//
// Every run takes an id of its own, as a crash may have lost what others have under the one before.
// An id is in the second file before what was edited under it is in the first.
//
// Errors: those of DocumentSaver; kMalformedFile, FILE.writers is none. Blocks; thread-compatible.
#ifndef COTEXT_STORAGE_SAVED_REPLICA_H_
#define COTEXT_STORAGE_SAVED_REPLICA_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/error.h"
#include "storage/document_saver.h"

namespace cotext {

class SavedReplica {
 public:
  // Of the latest; what was edited under earlier ones is not uploaded any more.
  static constexpr size_t kFormerMax = 4096;

  // Opens the document in a file, or begins an empty one that has no file yet.
  // REQUIRES: IsValid(replica), and nobody else has that id.
  static Expected<std::unique_ptr<SavedReplica>> Open(const std::string& path, ReplicaId replica,
                                                      const SaverOptions& options = {});

  RgaDocument& document() { return *document_; }
  // The ids of earlier runs under which something was edited.
  const std::vector<ReplicaId>& former_replicas() const { return former_; }
  bool has_file() const { return saver_.has_value(); }

  // Saves what is new. A document without an id, which is one that no server has opened, is not
  // saved yet.
  Expected<void> Save();

 private:
  SavedReplica(std::string path, const SaverOptions& options)
      : path_(std::move(path)), options_(options) {}
  Expected<void> ReadWriters();
  Expected<void> SaveWriters();

  std::string path_;
  SaverOptions options_;
  std::unique_ptr<RgaDocument> document_;
  std::optional<DocumentSaver> saver_;
  std::vector<ReplicaId> former_;
  bool is_writer_saved_ = false;
};

}  // namespace cotext

#endif  // COTEXT_STORAGE_SAVED_REPLICA_H_
