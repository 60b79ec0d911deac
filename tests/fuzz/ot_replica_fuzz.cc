// Bytes as a saved OT document with its client: loaded, edited, undone, answered, written again.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "document/check.h"
#include "document/delta.h"
#include "document/error.h"
#include "document/offset.h"
#include "ot/client_codec.h"
#include "ot/log_codec.h"
#include "ot/ot_replica.h"
#include "ot/submission.h"
#include "tests/fuzz/fuzz_target.h"

namespace cotext {
namespace {

constexpr OtReplicaOptions kOptions{.document = {.text = {.max_bytes = 10'000}},
                                    .client = {.max_submission_bytes = 30}};

std::string Saved(const OtReplica& replica) {
  replica.CheckInvariants();
  const Expected<std::string> bytes = replica.Save();
  COTEXT_CHECK(bytes.has_value());
  return *bytes;
}

std::unique_ptr<OtReplica> Loaded(std::string_view bytes) {
  Expected<std::unique_ptr<OtReplica>> replica = OtReplica::Load(bytes, kOptions);
  COTEXT_CHECK(replica.has_value());
  return *std::move(replica);
}

void Edit(OtReplica& replica) {
  const uint64_t length = replica.document().metrics().code_points;
  (void)replica.document().Insert(CodePointOffset{length / 2}, "typed");
  (void)replica.document().Erase(CodePointOffset{0}, CodePointOffset{length / 3});
  (void)replica.document().Undo();
  replica.CheckInvariants();
}

// Others write, and all that is sent is acknowledged, in parts.
void Follow(OtReplica& replica) {
  const OtClientId other{replica.client().value == 1 ? 2U : 1U};
  for (uint64_t seq = 1; seq <= 4 && !replica.needs_snapshot(); ++seq) {
    (void)replica.OnCommit({.revision = replica.revision() + 1,
                            .client = other,
                            .seq = seq,
                            .operation = Delta().Insert("other")});
    replica.CheckInvariants();
    replica.Reconnect();
    const std::optional<OtSubmission> sent = replica.NextSubmission();
    if (!sent) continue;
    COTEXT_CHECK(DecodeSubmission(EncodeSubmission(*sent)) == *sent);
    COTEXT_CHECK(replica.OnAcknowledged(sent->seq, replica.revision() + 1));
    replica.CheckInvariants();
  }
}

}  // namespace

bool TryInput(std::string_view input) noexcept {
  const Expected<OtSavedReplica> saved = DecodeOtReplica(input);
  if (!saved) return false;
  COTEXT_CHECK(EncodeOtReplica(*saved) == input);
  if (!OtReplica::Load(input, kOptions)) return false;
  std::unique_ptr<OtReplica> replica = Loaded(input);
  COTEXT_CHECK(Saved(*replica) == input);
  Edit(*replica);
  replica = Loaded(Saved(*replica));
  Follow(*replica);
  if (replica->OnSnapshot(replica->revision() + 1, "a new text")) replica->CheckInvariants();
  replica = Loaded(Saved(*replica));
  (void)replica->GiveUp();
  replica->CheckInvariants();
  return true;
}

}  // namespace cotext
