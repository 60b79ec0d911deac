// How far a document file reaches: the document as it was written last, the updates appended since,
// and what a crash left of an append that it tore. docs/FORMAT.md §5 is normative.
//
// A crash may leave any part of the section that was being appended, or zeros in its place. Such a
// tail was never reported as saved, so leaving it out loses nothing. Damage that looks otherwise is
// an error: where an intact update stands behind it, or where it is in the document itself.
// O(bytes), of which only sections that were appended are looked at; contents are not.
#ifndef COTEXT_CRDT_CODEC_FILE_EXTENT_H_
#define COTEXT_CRDT_CODEC_FILE_EXTENT_H_

#include <cstdint>
#include <string_view>

#include "document/error.h"

namespace cotext {

// In bytes; they add up to the size of the file.
struct FileExtent {
  uint64_t base_bytes = 0;      // All before the first update that was appended.
  uint64_t appended_bytes = 0;  // From there on, to the end of the last whole section.
  uint64_t torn_bytes = 0;      // What a torn append left, which is no part of the document.
  uint64_t appended_updates = 0;

  // What DocumentFile::Open takes.
  uint64_t whole_bytes() const { return base_bytes + appended_bytes; }
};

// Returns the extent of a document file. Errors are kMalformedFile and name the section and where
// it is; that the document itself is not damaged is for its readers to find out.
Expected<FileExtent> FindFileExtent(std::string_view bytes);

}  // namespace cotext

#endif  // COTEXT_CRDT_CODEC_FILE_EXTENT_H_
