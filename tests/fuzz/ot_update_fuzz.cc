// Bytes as a submission, another entry of a log, or commits of OT: applied, written again.
#include <string_view>
#include <variant>
#include <vector>

#include "document/check.h"
#include "document/delta.h"
#include "document/error.h"
#include "ot/client_state.h"
#include "ot/commit_codec.h"
#include "ot/log_codec.h"
#include "ot/log_entry.h"
#include "ot/server_state.h"
#include "ot/submission.h"
#include "tests/fuzz/fuzz_target.h"

namespace cotext {
namespace {

constexpr OtClientId kAnn{7};

// A document of which little is remembered: numbers are small, so that random bytes meet them.
OtServerState SampleServer() {
  OtServerState state({.max_text_bytes = 100, .max_clients = 2, .hash_interval = 2});
  const auto commit = [&state](uint64_t client, uint64_t seq, uint64_t base, const Delta& delta) {
    COTEXT_CHECK(
        state.Apply({.client = OtClientId{client}, .seq = seq, .base = base, .operation = delta})
            .revision);
  };
  commit(7, 1, 0, Delta().Insert("abc"));
  commit(8, 1, 1, Delta().Retain(3).Insert("\u00e9\U0001f600"));
  commit(9, 1, 1, Delta().Delete(1));
  commit(8, 2, 2, Delta().Retain(1).Insert("xy"));
  COTEXT_CHECK(state.TruncateBefore(1));
  return state;
}

// A client with one submission in flight and edits behind it, at revision 4.
OtClientState SampleClient() {
  OtClientState state(kAnn, 4, 6);
  COTEXT_CHECK(state.Edit(Delta().Retain(1).Insert("ann")));
  COTEXT_CHECK(state.Edit(Delta().Retain(5).Insert("a").Delete(2)));
  return state;
}

bool TryEntry(const OtLogEntry& entry) {
  OtServerState state = SampleServer();
  if (const auto* submission = std::get_if<OtSubmission>(&entry)) {
    submission->operation.CheckInvariants();
    const OtOutcome first = state.Apply(*submission);
    const uint64_t revision = state.revision();
    const OtOutcome again = state.Apply(*submission);
    COTEXT_CHECK(state.revision() == revision);
    if (first.revision) {
      COTEXT_CHECK(again.is_duplicate);
      COTEXT_CHECK(again.revision == *first.revision);
    }
  } else {
    (void)state.TruncateBefore(std::get<OtTruncation>(entry).revision);
  }
  state.CheckInvariants();
  return true;
}

void TryCommits(const std::vector<OtCommit>& commits) {
  OtClientState state = SampleClient();
  for (const OtCommit& commit : commits) {
    commit.operation.CheckInvariants();
    const uint64_t length = state.local_length();
    const Expected<OtClientEffects> effects = state.OnCommitted(commit);
    state.CheckInvariants();
    if (!effects) continue;
    const Delta& change = effects->change;
    COTEXT_CHECK(change.base_length() <= length);
    COTEXT_CHECK(state.local_length() == length - change.base_length() + change.target_length());
  }
}

}  // namespace

bool TryInput(std::string_view input) noexcept {
  if (const Expected<OtLogEntry> entry = DecodeLogEntry(input)) {
    COTEXT_CHECK(EncodeLogEntry(*entry) == input);
    return TryEntry(*entry);
  }
  COTEXT_CHECK(!DecodeSubmission(input));
  const Expected<std::vector<OtCommit>> commits = DecodeCommits(input);
  if (!commits) return false;
  COTEXT_CHECK(EncodeCommits(*commits) == input);
  TryCommits(*commits);
  return true;
}

}  // namespace cotext
