// Documents with a past, to measure on.
#ifndef COTEXT_BENCHMARKS_SUPPORT_SAMPLE_DOCUMENT_H_
#define COTEXT_BENCHMARKS_SUPPORT_SAMPLE_DOCUMENT_H_

#include <cstdint>
#include <memory>

#include "benchmarks/support/sample_text.h"
#include "crdt/rga.h"
#include "crdt/rga_document.h"

namespace cotext {

// Returns a document of `length` characters, pasted, in which `edits` scattered edits were made.
std::unique_ptr<RgaDocument> MakeDocument(uint64_t length, uint64_t edits, Alphabet alphabet);

// Returns the number of runs in the sequence, O(runs).
uint64_t CountRuns(const Rga& rga);

}  // namespace cotext

#endif  // COTEXT_BENCHMARKS_SUPPORT_SAMPLE_DOCUMENT_H_
