// Bytes as an update: decoded, encoded in every way, merged in every way.
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "crdt/change.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/small_update.h"
#include "crdt/codec/update_codec.h"
#include "crdt/codec/update_packing.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "crdt/rga_document.h"
#include "document/check.h"
#include "document/delta.h"
#include "document/document.h"
#include "document/error.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/rga_checks.h"
#include "tests/fuzz/sample_document.h"

namespace cotext {
namespace {

constexpr ReplicaId kReader{50};

void CheckEqual(const Expected<void>& left, const Expected<void>& right) {
  COTEXT_CHECK(left.has_value() == right.has_value());
  if (left) return;
  COTEXT_CHECK(left.error().code == right.error().code);
  COTEXT_CHECK(left.error().message == right.error().message);
}

Expected<void> IntegrateOneByOne(Rga& rga, const Update& update) {
  for (size_t i = 0; i < update.size(); ++i) {
    COTEXT_RETURN_IF_ERROR(rga.Integrate(update[i], Rga::Effects::kIgnore));
  }
  return {};
}

// Merges the two forms of an update with a listener, which takes other ways, and without. What
// becomes of it must be what becomes of its changes one after another. Returns whether all was
// welcome.
bool MergeAndCheck(const PackedUpdate& update, const std::optional<SmallUpdate>& small) {
  const Update by_ids = Unpack(update);
  Rga expected = SampleDocument().rga();
  const Expected<void> result = IntegrateOneByOne(expected, by_ids);
  for (const bool is_observed : {false, true}) {
    for (const bool is_packed : {false, true}) {
      const std::unique_ptr<RgaDocument> document = SampleDocument().Fork(kReader);
      std::string heard = document->Text();
      if (is_observed) {
        document->Subscribe([&heard](const DeltaEvent& event) {
          const Expected<std::string> text = Apply(event.delta, heard);
          COTEXT_CHECK(text.has_value());
          heard = *text;
        });
      }
      CheckEqual(is_packed ? document->MergePacked(update) : document->MergeUpdate(by_ids), result);
      CheckSameReplicas(document->rga(), expected);
      COTEXT_CHECK(!is_observed || heard == document->Text());
    }
  }
  if (small) {
    Rga quick = SampleDocument().rga();
    const bool is_simple = quick.TryIntegrate(*small, Rga::Effects::kIgnore).has_value();
    COTEXT_CHECK(!is_simple || result.has_value());
    CheckSameReplicas(quick, is_simple ? expected : SampleDocument().rga());
  }
  CheckNewcomers(expected);
  if (expected.history().graph.end().value > kCheckedOperationsMax) return result.has_value();
  // Once more, it is known up to what was refused.
  Rga again = expected;
  CheckEqual(again.IntegratePacked(update, Rga::Effects::kIgnore).result, result);
  CheckSameReplicas(again, expected);
  return result.has_value();
}

}  // namespace

bool TryInput(std::string_view input) noexcept {
  const std::optional<SmallUpdate> small = ReadSmallUpdate(input);
  const Expected<PackedUpdate> update = DecodePackedUpdate(input, kFuzzUpdateLimits);
  COTEXT_CHECK(!small || update.has_value());
  if (!update) return false;
  CheckRoundTrips(*update);
  return MergeAndCheck(*update, small);
}

}  // namespace cotext
