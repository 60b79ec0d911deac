// What the log of a document comes to, read as servers read it, and whether it can be read at all;
// a log as a snapshot, as a document file, and a document file as a log.
//
// Errors: kMalformedState, records that say nothing, or of two engines; kMalformedFile, a log
// without an identity, and those of DocumentFile; those of the engines' decoders; kHistoryTrimmed,
// a trimmed document, which servers do not take.
#ifndef COTEXT_STORAGE_STORED_CONTENT_H_
#define COTEXT_STORAGE_STORED_CONTENT_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crdt/rga_document.h"
#include "document/error.h"
#include "storage/compression.h"
#include "storage/document_list.h"
#include "sync/ot_host.h"
#include "sync/store.h"

namespace cotext {

struct StoredContent {
  StoredIdentity identity;
  std::unique_ptr<RgaDocument> rga = nullptr;     // With its id; or
  std::optional<sync::OtHost> ot = std::nullopt;  // this.
};

// Takes in every record.
Expected<StoredContent> ReadContent(const sync::StoredLog& log);

// Returns records that stand for those of a log: what a server puts in their place.
Expected<std::vector<sync::Record>> MakeSnapshot(const sync::StoredLog& log);

// Returns an RGA document as a document file. Of an OT document, text and revision as one JSON
// object: {"engine": "ot", "id": HEX, "revision": NUMBER, "text": TEXT}.
Expected<std::string> ExportDocument(const sync::StoredLog& log, Profile profile);

// Returns the records of a new document. Its steps of undo are left out, and so is whose the
// writers are: nobody goes on writing under their ids.
Expected<std::vector<sync::Record>> ImportDocument(std::string file);

}  // namespace cotext

#endif  // COTEXT_STORAGE_STORED_CONTENT_H_
