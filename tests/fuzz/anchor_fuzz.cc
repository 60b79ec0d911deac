// Bytes as an anchor in a document.
#include <string_view>

#include "crdt/rga_document.h"
#include "document/anchor.h"
#include "document/check.h"
#include "document/error.h"
#include "document/offset.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/sample_document.h"

namespace cotext {

bool TryInput(std::string_view input) noexcept {
  const Expected<Anchor> anchor = Anchor::FromBytes(input);
  if (!anchor) return false;
  COTEXT_CHECK(anchor->bytes() == input);
  const RgaDocument& document = SampleDocument();
  const Expected<CodePointOffset> position = document.ResolveAnchor(*anchor);
  if (!position) return false;
  COTEXT_CHECK(position->value <= document.metrics().code_points);
  for (const Bias bias : {Bias::kBefore, Bias::kAfter}) {
    const Expected<Anchor> again = document.CreateAnchor(*position, bias);
    COTEXT_CHECK(again.has_value());
    const Expected<CodePointOffset> same = document.ResolveAnchor(*again);
    COTEXT_CHECK(same.has_value());
    COTEXT_CHECK(*same == *position);
  }
  return true;
}

}  // namespace cotext
