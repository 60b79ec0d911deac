// How a document is encoded for each profile.
#ifndef COTEXT_STORAGE_FILE_ENCODING_H_
#define COTEXT_STORAGE_FILE_ENCODING_H_

#include "crdt/codec/document_file.h"
#include "storage/compression.h"

namespace cotext {

// Returns the encoding of a profile, which keeps the text of what was deleted: the list of
// neighbours and zstd for kSmall, neither for kFast.
FileEncoding EncodingFor(Profile profile);

}  // namespace cotext

#endif  // COTEXT_STORAGE_FILE_ENCODING_H_
