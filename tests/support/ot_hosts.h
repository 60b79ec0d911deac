// What stands around OT states in tests: a client with its text and what it saved, a server with
// its log, the frames between them, and the dumbest server there is as the oracle.
#ifndef COTEXT_TESTS_SUPPORT_OT_HOSTS_H_
#define COTEXT_TESTS_SUPPORT_OT_HOSTS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "document/delta.h"
#include "document/error.h"
#include "ot/client_state.h"
#include "ot/log_entry.h"
#include "ot/server_snapshot.h"
#include "ot/server_state.h"
#include "ot/snapshot_codec.h"
#include "ot/submission.h"

namespace cotext {

struct AskCommits {
  uint64_t after = 0;
};
struct AskSnapshot {};
using ToServer = std::variant<OtSubmission, AskCommits, AskSnapshot>;

struct Acknowledgement {
  uint64_t seq = 0;
  uint64_t revision = 0;
};
struct Refusal {
  uint64_t seq = 0;
  ErrorCode code = {};
  uint64_t revision = 0;  // The server's.
};
struct ServerRevision {
  uint64_t revision = 0;
};
struct ServerHorizon {
  uint64_t horizon = 0;
};
struct TextAtRevision {
  uint64_t revision = 0;
  std::string text;
};
using ToClient = std::variant<OtCommit, Acknowledgement, Refusal, ServerRevision, ServerHorizon,
                              TextAtRevision, OtRevisionHash>;

// How often things happened, to see that a test brought them about.
struct OtCounts {
  uint64_t commits = 0;
  uint64_t duplicates = 0;
  uint64_t refusals = 0;
  uint64_t gaps = 0;
  uint64_t resubmitted = 0;  // After a refusal, at a newer base.
  uint64_t returned = 0;
  uint64_t returned_without_in_flight = 0;
  uint64_t returned_in_doubt = 0;  // In flight may be committed.
  uint64_t forgotten = 0;          // Submissions of clients that are not remembered.
  uint64_t own_commits = 0;        // That acted as acknowledgements.
  uint64_t hashes_compared = 0;
  uint64_t undos = 0;
};

// In the order of the store.
using OtLog = std::vector<OtLogEntry>;

// Returns the characters of a text, and those of them that another has not.
std::vector<std::string> CharactersOf(std::string_view text);
std::string CharactersNotIn(std::string_view text, std::string_view other);

// Applies a log from `position` on, each entry as it comes back from its bytes.
void ApplyLog(const OtLog& log, size_t position, OtServerState& state);

// The definition of a server: texts of all revisions, a flat vector of operations, transformed one
// by one.
class NaiveOtServer {
 public:
  explicit NaiveOtServer(std::string text, uint64_t max_clients = UINT64_MAX)
      : max_clients_(max_clients), texts_{std::move(text)} {}

  // The revision, or why it was refused; nothing for a duplicate.
  std::optional<Expected<uint64_t>> Apply(const OtSubmission& submission);
  // Decides that a submission is refused for a reason not known here.
  void Refuse(const OtSubmission& submission) { Remember(submission); }
  void TruncateBefore(uint64_t revision);

  const std::string& text() const { return texts_.back(); }
  const std::vector<std::string>& texts() const { return texts_; }
  // Who committed what, by revision from 1.
  const std::vector<std::pair<uint64_t, uint64_t>>& authors() const { return authors_; }

 private:
  struct Decided {
    uint64_t revision = 0;
    uint64_t client = 0;
    uint64_t seq = 0;
  };

  Expected<uint64_t> Commit(const OtSubmission& submission);
  void Remember(const OtSubmission& submission);

  uint64_t max_clients_;
  uint64_t horizon_ = 0;
  uint64_t forgotten_below_ = 0;
  std::vector<std::string> texts_;
  std::vector<Delta> history_;
  std::vector<std::pair<uint64_t, uint64_t>> authors_;
  std::vector<Decided> decided_;  // The last of each client that is remembered.
};

class OtTestServer {
 public:
  // Starts with `text` at revision 0.
  OtTestServer(std::string text, const OtServerOptions& options);

  // Returns the answers, with the clients they are for. Submissions wait for the store.
  using Outgoing = std::vector<std::pair<size_t, ToClient>>;
  Outgoing Receive(size_t client, const ToServer& frame);
  // The store appends what waits and gives it back.
  Outgoing StoreAll();
  void Truncate(uint64_t revision);
  ToClient Revision() const { return ServerRevision{state_.revision()}; }

  // Keeps a snapshot as bytes; Restart goes on from number `number` and the rest of the log.
  void TakeSnapshot() { snapshots_.push_back(EncodeOtSnapshot(state_.Snapshot())); }
  size_t snapshot_count() const { return snapshots_.size(); }
  void Restart(size_t number);

  const OtServerState& state() const { return state_; }
  const OtLog& log() const { return log_; }
  // The naive server after the same log.
  const NaiveOtServer& naive() const { return naive_; }
  void set_clients(size_t count) { clients_ = count; }

  OtCounts* counts = nullptr;

 private:
  void Answer(size_t client, const OtSubmission& submission, Outgoing& outgoing);

  OtServerOptions options_;
  size_t clients_ = 0;
  OtServerState state_;
  NaiveOtServer naive_;
  OtLog log_;
  std::deque<std::pair<size_t, OtSubmission>> waiting_;
  std::vector<std::string> snapshots_;
};

class OtTestClient {
 public:
  OtTestClient(OtClientId id, std::string text, const OtClientOptions& options = {});

  // Each returns what is to be sent. A broken promise of the state fails the current test.
  std::vector<ToServer> Edit(const Delta& edit);
  std::vector<ToServer> Receive(const ToClient& frame);
  // What is said on a new connection, and now and then.
  std::vector<ToServer> Hello() const;

  void Save();
  // Comes back from what was saved last.
  void Reload();

  // Fails the current test unless text = S(v) . in flight . buffer.
  void CheckInvariant(const NaiveOtServer& naive) const;

  const OtClientState& state() const { return state_; }
  const std::string& text() const { return text_; }
  bool MayType() const { return state_.state() != OtClientState::State::kNeedsSnapshot; }
  bool IsSynchronized() const { return state_.state() == OtClientState::State::kSynchronized; }
  uint64_t revision() const { return state_.revision(); }
  // The greatest revision at which it was told that it is forgotten.
  uint64_t forgotten_at() const { return forgotten_at_; }
  // What was typed and is in no save yet: a crash loses it.
  const std::string& unsaved() const { return unsaved_; }

  OtCounts* counts = nullptr;

 private:
  Expected<OtClientEffects> Dispatch(const ToClient& frame);
  std::vector<ToServer> React(const OtClientEffects& effects);
  std::vector<ToServer> OnText(const TextAtRevision& snapshot);

  OtClientOptions options_;
  OtClientState state_;
  std::string text_;
  // Inserted by what was handed back; goes to the end of the next snapshot. What is in doubt, only
  // as far as it is not there.
  std::string returned_;
  std::string in_doubt_;
  std::string unsaved_;
  uint64_t forgotten_at_ = 0;
  std::string saved_;  // As bytes.
  std::string saved_text_;
  std::string saved_returned_;
  std::string saved_in_doubt_;
};

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_OT_HOSTS_H_
