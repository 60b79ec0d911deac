// The document that fuzz targets ask and change copies of.
#ifndef COTEXT_TESTS_FUZZ_SAMPLE_DOCUMENT_H_
#define COTEXT_TESTS_FUZZ_SAMPLE_DOCUMENT_H_

#include "crdt/rga_document.h"

namespace cotext {

// Returns a document of the replicas 1, 2 and 3, always the same: concurrent edits, tombstones and
// characters of 1 to 4 bytes in a sequence of the tiniest nodes. Ids and counters are small, so
// that random bytes meet them.
const RgaDocument& SampleDocument();

}  // namespace cotext

#endif  // COTEXT_TESTS_FUZZ_SAMPLE_DOCUMENT_H_
