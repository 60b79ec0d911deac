#include "ot/server_state.h"

#include <algorithm>
#include <string>
#include <utility>

#include "document/check.h"
#include "document/delta.h"
#include "document/offset.h"
#include "ot/operation_codec.h"
#include "ot/pending_operation.h"
#include "ot/text_hash.h"
#include "ot/transform.h"

namespace cotext {
namespace {

std::unexpected<Error> Malformed(std::string what) {
  return MakeError(ErrorCode::kMalformedState, "the snapshot's " + std::move(what));
}

std::unexpected<Error> TooOld(uint64_t revision, uint64_t horizon) {
  return MakeError(ErrorCode::kTooOld, "revision " + std::to_string(revision) +
                                           " is before the horizon, " + std::to_string(horizon));
}

std::unexpected<Error> UnknownRevision(uint64_t revision, uint64_t last) {
  return MakeError(ErrorCode::kUnknownRevision, "revision " + std::to_string(revision) +
                                                    " is not there yet, the last is " +
                                                    std::to_string(last));
}

// At most so many bytes are hashed a commit, on average.
constexpr uint64_t kHashedBytesPerCommit = 256;

// Returns whether a revision gets a hash: the longer its text, the rarer. A function of these
// three, so that no state is needed to tell when the last one was.
bool IsHashed(uint64_t revision, uint64_t interval, uint64_t text_bytes) {
  if (interval == 0 || revision % interval != 0) return false;
  while (interval < text_bytes / kHashedBytesPerCommit) interval *= 2;
  return revision % interval == 0;
}

}  // namespace

TextBufferOptions OtServerState::BufferOptions(const OtServerOptions& options) {
  return TextBufferOptions{.max_bytes =
                               std::min(options.max_text_bytes, TextBufferOptions::kMaxBytes)};
}

OtServerState::OtServerState(const OtServerOptions& options)
    : options_(options), text_(BufferOptions(options)) {
  options_.max_clients = std::max<uint64_t>(options.max_clients, 1);
}

OtOutcome OtServerState::Apply(const OtSubmission& submission) {
  ++log_position_;
  if (std::optional<OtOutcome> known = FindDecided(submission)) return *std::move(known);
  if (Expected<void> turn = CheckTurn(submission); !turn) {
    return OtOutcome{.revision = std::unexpected(std::move(turn).error())};
  }
  OtOutcome outcome{.revision = Decide(submission)};
  OtDecision decision{.client = submission.client,
                      .seq = submission.seq,
                      .fingerprint = HashSubmission(submission),
                      .revision = revision_};
  if (!outcome.revision) {
    COTEXT_CHECK(IsDecision(outcome.revision.error().code));
    decision.refusal = outcome.revision.error().code;
  }
  Remember(decision);
  return outcome;
}

void OtServerState::Remember(const OtDecision& decision) {
  const auto known = decisions_.find(decision.client);
  if (known != decisions_.end()) {
    by_revision_.erase({known->second.revision, decision.client});
  } else if (decisions_.size() >= options_.max_clients) {
    ForgetOneClient();
  }
  decisions_[decision.client] = decision;
  by_revision_.emplace(decision.revision, decision.client);
}

// Whoever is up to date may submit, so the bound does not exceed the present revision. It is where
// it must be for what was committed, as that had a base below the revision it took.
void OtServerState::ForgetOneClient() {
  const auto [revision, client] = *by_revision_.begin();
  by_revision_.erase(by_revision_.begin());
  decisions_.erase(client);
  forgotten_below_ = std::max(forgotten_below_, std::min(revision + 1, revision_));
}

std::optional<OtOutcome> OtServerState::FindDecided(const OtSubmission& submission) const {
  const auto found = decisions_.find(submission.client);
  if (submission.seq == 0 || found == decisions_.end()) return std::nullopt;
  const OtDecision& last = found->second;
  if (submission.seq > last.seq) return std::nullopt;
  OtOutcome outcome{.revision = last.revision, .is_duplicate = true};
  if (submission.seq < last.seq) {
    outcome.revision = MakeError(ErrorCode::kSuperseded,
                                 "a later submission of this client is decided, the one numbered " +
                                     std::to_string(last.seq));
  } else if (HashSubmission(submission) != last.fingerprint) {
    outcome.revision = MakeError(ErrorCode::kReplicaConflict,
                                 "the client sent another submission under this number");
  } else if (last.refusal) {
    outcome.revision = MakeError(*last.refusal, "refused when it first came");
  }
  return outcome;
}

Expected<void> OtServerState::CheckTurn(const OtSubmission& submission) const {
  if (!IsValid(submission.client) || submission.seq == 0 || submission.seq >= kOtIdLimit) {
    return MakeError(ErrorCode::kInvalidId, "a client id or sequence number out of its range");
  }
  const auto found = decisions_.find(submission.client);
  const bool is_known = found != decisions_.end();
  if (!is_known && forgotten_below_ > 0) {
    // Whatever number he is at: he would not have gone on to it without the answers before.
    if (submission.base >= forgotten_below_) return {};
    return MakeError(ErrorCode::kClientForgotten,
                     "the client is not remembered, and only submissions from revision " +
                         std::to_string(forgotten_below_) + " on are sure to be new");
  }
  const uint64_t next = is_known ? found->second.seq + 1 : 1;
  if (submission.seq == next) return {};
  return MakeError(ErrorCode::kSequenceGap, "the client's next submission has number " +
                                                std::to_string(next) + ", not " +
                                                std::to_string(submission.seq));
}

Expected<uint64_t> OtServerState::Decide(const OtSubmission& submission) {
  Expected<Delta> operation = TransformToNow(submission);
  COTEXT_RETURN_IF_ERROR(operation);
  if (OperationBytes(*operation) > options_.max_commit_bytes) {
    return MakeError(ErrorCode::kTooLarge, "the operation is too long by now to be sent");
  }
  const uint64_t length_before = text_.metrics().code_points;
  COTEXT_RETURN_IF_ERROR(text_.Apply(*operation));
  ++revision_;
  history_.push_back(Commit{.commit = {.revision = revision_,
                                       .client = submission.client,
                                       .seq = submission.seq,
                                       .operation = *std::move(operation)},
                            .length_before = length_before});
  if (IsHashed(revision_, options_.hash_interval, text_.metrics().bytes)) {
    hashes_.push_back({.revision = revision_, .hash = HashText(text_)});
  }
  return revision_;
}

Expected<Delta> OtServerState::TransformToNow(const OtSubmission& submission) const {
  const uint64_t base = submission.base;
  if (base > revision_) return UnknownRevision(base, revision_);
  if (base < horizon()) return TooOld(base, horizon());
  if (submission.operation.base_length() > LengthAt(base)) {
    return MakeError(ErrorCode::kDeltaMismatch,
                     "the operation is for a text of at least " +
                         std::to_string(submission.operation.base_length()) +
                         " characters, the one at revision " + std::to_string(base) + " has " +
                         std::to_string(LengthAt(base)));
  }
  if (base == revision_) return submission.operation;
  PendingOperation operation(submission.operation);
  for (auto i = static_cast<size_t>(base - horizon()); i < history_.size(); ++i) {
    COTEXT_RETURN_IF_ERROR(operation.TransformPast(history_[i].commit.operation, Side::kLeft));
  }
  return operation.ToDelta();
}

uint64_t OtServerState::LengthAt(uint64_t revision) const {
  if (revision == revision_) return text_.metrics().code_points;
  return history_[static_cast<size_t>(revision - horizon())].length_before;
}

Expected<void> OtServerState::TruncateBefore(uint64_t revision) {
  ++log_position_;
  if (revision > revision_) return UnknownRevision(revision, revision_);
  while (horizon() < revision) history_.pop_front();
  while (!hashes_.empty() && hashes_.front().revision < horizon()) hashes_.pop_front();
  return {};
}

Expected<std::vector<OtCommit>> OtServerState::CommittedSince(uint64_t revision,
                                                              size_t max_count) const {
  if (revision > revision_) return UnknownRevision(revision, revision_);
  if (revision < horizon()) return TooOld(revision, horizon());
  const auto begin = static_cast<size_t>(revision - horizon());
  const size_t count = std::min(max_count, history_.size() - begin);
  std::vector<OtCommit> commits;
  commits.reserve(count);
  for (size_t i = 0; i < count; ++i) commits.push_back(history_[begin + i].commit);
  return commits;
}

const OtCommit& OtServerState::CommitAt(uint64_t revision) const {
  COTEXT_CHECK(revision > horizon());
  COTEXT_CHECK(revision <= revision_);
  return history_[static_cast<size_t>(revision - horizon() - 1)].commit;
}

std::optional<uint64_t> OtServerState::HashAt(uint64_t revision) const {
  const auto found = std::ranges::lower_bound(hashes_, revision, {},
                                              [](const auto& hash) { return hash.revision; });
  if (found == hashes_.end() || found->revision != revision) return std::nullopt;
  return found->hash;
}

OtSnapshot OtServerState::SnapshotWithoutTexts() const {
  OtSnapshot snapshot{
      .log_position = log_position_, .revision = revision_, .forgotten_below = forgotten_below_};
  for (const auto& [client, decision] : decisions_) snapshot.decisions.push_back(decision);
  snapshot.hashes.assign(hashes_.begin(), hashes_.end());
  return snapshot;
}

OtSnapshot OtServerState::Snapshot() const {
  OtSnapshot snapshot = SnapshotWithoutTexts();
  snapshot.text = text_.Text();
  for (const Commit& entry : history_) snapshot.history.push_back(entry.commit);
  return snapshot;
}

Expected<OtServerState> OtServerState::FromSnapshot(const OtSnapshot& snapshot,
                                                    const OtServerOptions& options) {
  OtServerState state(options);
  Expected<TextBuffer> text = TextBuffer::FromText(snapshot.text, BufferOptions(options));
  COTEXT_RETURN_IF_ERROR(text);
  state.text_ = *std::move(text);
  state.revision_ = snapshot.revision;
  state.log_position_ = snapshot.log_position;
  state.forgotten_below_ = snapshot.forgotten_below;
  if (snapshot.log_position < snapshot.revision || snapshot.log_position >= kOtCountLimit) {
    return Malformed("revision is greater than its log position, or that too great");
  }
  if (snapshot.forgotten_below > snapshot.revision) {
    return Malformed("clients are forgotten beyond its revision");
  }
  COTEXT_RETURN_IF_ERROR(state.LoadDecisions(snapshot));
  COTEXT_RETURN_IF_ERROR(state.LoadHistory(snapshot));
  COTEXT_RETURN_IF_ERROR(state.LoadHashes(snapshot));
  return state;
}

Expected<void> OtServerState::LoadDecisions(const OtSnapshot& snapshot) {
  if (snapshot.decisions.size() > options_.max_clients) {
    return MakeError(ErrorCode::kTooManyClients, "the snapshot has more clients than allowed");
  }
  for (const OtDecision& decision : snapshot.decisions) {
    if (!decisions_.empty() && decision.client <= decisions_.rbegin()->first) {
      return Malformed("clients do not ascend");
    }
    if (!IsValid(decision.client) || decision.seq == 0 || decision.seq >= kOtIdLimit) {
      return Malformed("client ids or sequence numbers are out of their range");
    }
    const bool is_one = decision.refusal ? IsDecision(*decision.refusal) : decision.revision > 0;
    if (!is_one || decision.revision > revision_) {
      return Malformed("decisions are neither of a commit nor of a refusal");
    }
    decisions_.emplace_hint(decisions_.end(), decision.client, decision);
    by_revision_.emplace(decision.revision, decision.client);
  }
  return {};
}

// Lengths are found from the last commit backwards.
Expected<void> OtServerState::LoadHistory(const OtSnapshot& snapshot) {
  if (snapshot.history.size() > revision_) return Malformed("history has more than all revisions");
  uint64_t length = text_.metrics().code_points;
  uint64_t revision = revision_;
  for (size_t i = snapshot.history.size(); i > 0; --i, --revision) {
    const OtCommit& commit = snapshot.history[i - 1];
    if (commit.revision != revision) return Malformed("history is not numbered by revision");
    const uint64_t made = commit.operation.target_length();
    if (made > length || commit.operation.base_length() > Delta::kMaxLength - (length - made)) {
      return Malformed("history does not lead to its text");
    }
    if (!IsAuthorKnown(commit)) {
      return Malformed("history has commits of which no decision is kept");
    }
    length = length - made + commit.operation.base_length();
    history_.push_front(Commit{.commit = commit, .length_before = length});
  }
  return {};
}

Expected<void> OtServerState::LoadHashes(const OtSnapshot& snapshot) {
  for (const OtRevisionHash& hash : snapshot.hashes) {
    if (!hashes_.empty() && hash.revision <= hashes_.back().revision) {
      return Malformed("hashes do not ascend");
    }
    if (hash.revision < horizon() || hash.revision > revision_) {
      return Malformed("hashes are not of its history");
    }
    if (hash.revision == revision_ && hash.hash != HashText(text_)) {
      return Malformed("text is not the one that was hashed");
    }
    hashes_.push_back(hash);
  }
  return {};
}

bool OtServerState::IsAuthorKnown(const OtCommit& commit) const {
  const auto author = decisions_.find(commit.client);
  if (author == decisions_.end()) return commit.revision <= forgotten_below_;
  const OtDecision& last = author->second;
  return commit.seq > 0 && commit.seq <= last.seq && commit.revision <= last.revision;
}

void OtServerState::CheckInvariants() const {
  text_.CheckInvariants();
  COTEXT_CHECK(history_.size() <= revision_);
  COTEXT_CHECK(revision_ <= log_position_);
  uint64_t length = history_.empty() ? 0 : history_.front().length_before;
  for (size_t i = 0; i < history_.size(); ++i) {
    const OtCommit& commit = history_[i].commit;
    COTEXT_CHECK(commit.revision == horizon() + 1 + i);
    COTEXT_CHECK(history_[i].length_before == length);
    COTEXT_CHECK(commit.operation.base_length() <= length);
    length = length - commit.operation.base_length() + commit.operation.target_length();
    COTEXT_CHECK(IsAuthorKnown(commit));
  }
  if (!history_.empty()) COTEXT_CHECK(length == text_.metrics().code_points);
  COTEXT_CHECK(decisions_.size() <= options_.max_clients);
  COTEXT_CHECK(by_revision_.size() == decisions_.size());
  COTEXT_CHECK(forgotten_below_ <= revision_);
  for (const auto& [client, decision] : decisions_) {
    COTEXT_CHECK(client == decision.client);
    COTEXT_CHECK(decision.seq > 0);
    COTEXT_CHECK(decision.revision <= revision_);
    COTEXT_CHECK(decision.revision > 0 || decision.refusal.has_value());
    COTEXT_CHECK(by_revision_.contains({decision.revision, client}));
  }
  for (const OtRevisionHash& hash : hashes_) {
    COTEXT_CHECK(hash.revision >= horizon());
    COTEXT_CHECK(hash.revision <= revision_);
  }
}

}  // namespace cotext
