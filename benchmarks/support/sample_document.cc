#include "benchmarks/support/sample_document.h"

#include "benchmarks/support/edit_script.h"
#include "crdt/ids.h"
#include "crdt/sequence.h"
#include "document/check.h"
#include "document/offset.h"

namespace cotext {

std::unique_ptr<RgaDocument> MakeDocument(uint64_t length, uint64_t edits, Alphabet alphabet) {
  auto document = std::make_unique<RgaDocument>(ReplicaId{1});
  COTEXT_CHECK(document->Insert(CodePointOffset{0}, MakeText(length, alphabet)));
  COTEXT_CHECK(Apply(MakeScattered(length, edits, /*seed=*/1), *document));
  return document;
}

uint64_t CountRuns(const Rga& rga) {
  uint64_t runs = 0;
  rga.sequence().ForEachRun([&](const Sequence::Run&) { ++runs; });
  return runs;
}

}  // namespace cotext
