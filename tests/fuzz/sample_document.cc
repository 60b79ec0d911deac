#include "tests/fuzz/sample_document.h"

#include <cstdint>
#include <memory>
#include <string_view>

#include "crdt/ids.h"
#include "crdt/sequence.h"
#include "document/check.h"
#include "document/offset.h"

namespace cotext {
namespace {

constexpr SequenceOptions kTiny{.leaf_runs = 4, .fanout = 2, .max_run = 3};

void Edit(RgaDocument& document, uint64_t begin, uint64_t end, std::string_view text) {
  COTEXT_CHECK(document.Replace(CodePointOffset{begin}, CodePointOffset{end}, text).has_value());
}

void Pull(RgaDocument& to, const RgaDocument& from) {
  COTEXT_CHECK(to.MergeUpdate(from.ChangesSince(to.version_vector())).has_value());
}

std::unique_ptr<RgaDocument> MakeSample() {
  auto one = std::make_unique<RgaDocument>(ReplicaId{1}, kTiny);
  RgaDocument two(ReplicaId{2}, kTiny);
  RgaDocument three(ReplicaId{3}, kTiny);
  Edit(*one, 0, 0, "The f\u00efrst\r\nline\n");
  Pull(two, *one);
  Edit(two, 3, 3, " very");
  for (uint64_t end = 15; end > 12; --end) Edit(two, end - 1, end, "");
  Edit(*one, 3, 3, "\U0001f600\u20ac");
  Pull(three, *one);
  Edit(three, 4, 8, "!");
  Edit(three, 0, 0, "3");
  Edit(*one, 0, 2, "");
  Pull(*one, two);
  Pull(*one, three);
  Edit(*one, 1, 2, "e\u0301");
  return one;
}

}  // namespace

const RgaDocument& SampleDocument() {
  static const std::unique_ptr<RgaDocument> document = MakeSample();
  return *document;
}

}  // namespace cotext
