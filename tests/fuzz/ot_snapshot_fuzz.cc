// Bytes as the snapshot of an OT server: loaded, gone on from, written again.
#include <algorithm>
#include <cstdint>
#include <string_view>

#include "document/check.h"
#include "document/delta.h"
#include "document/error.h"
#include "ot/server_snapshot.h"
#include "ot/server_state.h"
#include "ot/snapshot_codec.h"
#include "ot/submission.h"
#include "tests/fuzz/fuzz_target.h"

namespace cotext {
namespace {

constexpr OtServerOptions kOptions{.max_text_bytes = 1000, .max_clients = 3, .hash_interval = 2};

void CheckComesBack(const OtSnapshot& snapshot) {
  const Expected<OtSnapshot> again = DecodeOtSnapshot(EncodeOtSnapshot(snapshot));
  COTEXT_CHECK(again.has_value());
  COTEXT_CHECK(*again == snapshot);
}

// Somebody new writes, from any revision that may be a base.
void GoOn(OtServerState& state) {
  const uint64_t oldest = std::max(state.horizon(), state.forgotten_below());
  for (uint64_t base = oldest; base <= state.revision() && base < oldest + 4; ++base) {
    const OtSubmission submission{.client = OtClientId{1000 + base - oldest},
                                  .seq = 1,
                                  .base = base,
                                  .operation = Delta().Insert("new")};
    const OtOutcome first = state.Apply(submission);
    state.CheckInvariants();
    if (!first.revision || first.is_duplicate) continue;
    COTEXT_CHECK(state.Apply(submission).is_duplicate);
  }
}

}  // namespace

bool TryInput(std::string_view input) noexcept {
  const Expected<OtSnapshot> snapshot = DecodeOtSnapshot(input);
  if (!snapshot) return false;
  COTEXT_CHECK(EncodeOtSnapshot(*snapshot) == input);
  Expected<OtServerState> state = OtServerState::FromSnapshot(*snapshot, kOptions);
  if (!state) return false;
  state->CheckInvariants();
  COTEXT_CHECK(state->Snapshot() == *snapshot);
  GoOn(*state);
  (void)state->TruncateBefore(state->revision());
  CheckComesBack(state->Snapshot());
  return true;
}

}  // namespace cotext
