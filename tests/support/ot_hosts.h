// What stands around OT states in tests: a client with its text and what it saved, a server with
// its log, the frames between them, and the dumbest server there is as the oracle.
#ifndef COTEXT_TESTS_SUPPORT_OT_HOSTS_H_
#define COTEXT_TESTS_SUPPORT_OT_HOSTS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "document/delta.h"
#include "document/error.h"
#include "ot/client_state.h"
#include "ot/server_snapshot.h"
#include "ot/server_state.h"
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
  uint64_t own_commits = 0;  // That acted as acknowledgements.
  uint64_t hashes_compared = 0;
};

// Submissions and truncations, as the store put them in order.
struct OtTruncation {
  uint64_t revision = 0;
};
using OtLog = std::vector<std::variant<OtSubmission, OtTruncation>>;

// Applies a log from `position` on.
void ApplyLog(const OtLog& log, size_t position, OtServerState& state);

// The definition of a server: texts of all revisions, a flat vector of operations, transformed one
// by one.
class NaiveOtServer {
 public:
  explicit NaiveOtServer(std::string text) : texts_{std::move(text)} {}

  // The revision, or why it was refused; nothing for a duplicate.
  std::optional<Expected<uint64_t>> Apply(const OtSubmission& submission);
  // Decides that a submission is refused for a reason not known here.
  void Refuse(const OtSubmission& submission) {
    decided_[submission.client.value] = submission.seq;
  }
  void TruncateBefore(uint64_t revision);

  const std::string& text() const { return texts_.back(); }
  const std::vector<std::string>& texts() const { return texts_; }
  // Who committed what, by revision from 1.
  const std::vector<std::pair<uint64_t, uint64_t>>& authors() const { return authors_; }

 private:
  Expected<uint64_t> Commit(const OtSubmission& submission);

  uint64_t horizon_ = 0;
  std::vector<std::string> texts_;
  std::vector<Delta> history_;
  std::vector<std::pair<uint64_t, uint64_t>> authors_;
  std::map<uint64_t, uint64_t> decided_;
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

  // Keeps a snapshot; Restart goes on from number `number` and the rest of the log.
  void TakeSnapshot() { snapshots_.push_back(state_.Snapshot()); }
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
  std::vector<OtSnapshot> snapshots_;
};

class OtTestClient {
 public:
  OtTestClient(OtClientId id, std::string text);

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
  // What was typed and is in no save yet: a crash loses it.
  const std::string& unsaved() const { return unsaved_; }

  OtCounts* counts = nullptr;

 private:
  Expected<OtClientEffects> Dispatch(const ToClient& frame);
  std::vector<ToServer> React(const OtClientEffects& effects);
  std::vector<ToServer> OnText(const TextAtRevision& snapshot);

  OtClientState state_;
  std::string text_;
  std::string returned_;  // Inserted by what was handed back; goes to the end of the next snapshot.
  std::string unsaved_;
  OtSavedClient saved_;
  std::string saved_text_;
  std::string saved_returned_;
};

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_OT_HOSTS_H_
