// A stored document as the commands read it: whole, checked, and as a replica.
#ifndef COTEXT_TOOLS_HISTORY_STORED_DOCUMENT_H_
#define COTEXT_TOOLS_HISTORY_STORED_DOCUMENT_H_

#include <memory>
#include <string>

#include "crdt/codec/document_file.h"
#include "crdt/codec/file_extent.h"
#include "crdt/rga.h"
#include "document/error.h"
#include "tools/command.h"

namespace cotext {

struct StoredDocument {
  std::unique_ptr<const std::string> bytes;  // Its address stays, since `file` refers to it.
  FileExtent extent;                         // `file` is without what a torn append left.
  DocumentFile file;
  Rga rga;
};

// Every section is checked, also those that nobody needs; a torn append is left out. Errors name
// the file: kIo; kUnsupported if it is none of ours, or of a later version; those of DocumentFile.
Expected<StoredDocument> ReadStoredDocument(const std::string& path);

// Writes the error of a stored document to standard error. Returns kBadInput if it cannot be read,
// kCheckFailed if it is damaged.
ExitCode ReportStoredError(const Error& error);

}  // namespace cotext

#endif  // COTEXT_TOOLS_HISTORY_STORED_DOCUMENT_H_
