// What the log of a document comes to, read as servers read it, and whether it can be read at all;
// a log as a snapshot, as a document file, and a document file as a log.
//
// Errors: kMalformedState, records that say nothing, or of two engines; kMalformedFile, a log
// without an identity, and those of DocumentFile; those of the engines' decoders.
#ifndef COTEXT_STORAGE_STORED_CONTENT_H_
#define COTEXT_STORAGE_STORED_CONTENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/rga_document.h"
#include "document/document_id.h"
#include "document/error.h"
#include "storage/compression.h"
#include "storage/document_list.h"
#include "sync/ot_host.h"
#include "sync/store.h"
#include "sync/writer_table.h"

namespace cotext {

struct StoredContent {
  StoredIdentity identity;
  std::unique_ptr<RgaDocument> rga = nullptr;     // With its id, and
  sync::WriterTable writers = {};                 // whose the ids are; or
  std::optional<sync::OtHost> ot = std::nullopt;  // this.
};

// Takes in every record.
Expected<StoredContent> ReadContent(const sync::StoredLog& log);

// Returns records that say what a document is: its content, and whose the ids are.
Expected<std::vector<sync::Record>> SnapshotOf(const StoredContent& content);

// Returns records that stand for those of a log: what a server puts in their place.
Expected<std::vector<sync::Record>> MakeSnapshot(const sync::StoredLog& log);

// Returns an RGA document as a document file, an OT document as OtDocumentJson.
Expected<std::string> ExportDocument(const sync::StoredLog& log, Profile profile);

// Returns an OT document as a file, one JSON object:
// {"engine": "ot", "id": HEX, "revision": NUMBER, "text": TEXT}.
std::string OtDocumentJson(const DocumentId& id, uint64_t revision, std::string_view text);

// Returns the text of an OT document at a revision: on the way through the log or, if its snapshot
// is of a later one, by taking back what was committed in between.
//
// Errors also: kUnsupported, an RGA document; kUnknownRevision, one that is not there yet; kTooOld,
// one before the horizon, or one behind which something was deleted of which the log does not say
// what it was.
Expected<std::string> OtTextAt(const sync::StoredLog& log, uint64_t revision);

// Returns the records of a new document. Its steps of undo are left out, and so is whose the
// writers are: nobody goes on writing under their ids.
Expected<std::vector<sync::Record>> ImportDocument(std::string file);

}  // namespace cotext

#endif  // COTEXT_STORAGE_STORED_CONTENT_H_
