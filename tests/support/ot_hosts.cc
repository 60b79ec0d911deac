#include "tests/support/ot_hosts.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "document/text_buffer.h"
#include "document/utf8.h"
#include "ot/client_codec.h"
#include "ot/log_codec.h"
#include "ot/transform.h"

namespace cotext {
namespace {

// Few, so that catching up takes several rounds.
constexpr size_t kCommitsPerAnswer = 5;

std::string InsertedText(const Delta& delta) {
  std::string text;
  for (const Delta::Component& component : delta) {
    if (component.kind == Delta::Kind::kInsert) text += component.text;
  }
  return text;
}

}  // namespace

std::vector<std::string> CharactersOf(std::string_view text) {
  std::vector<std::string> characters;
  while (!text.empty()) {
    const size_t bytes = ByteOfCodePoint(text, 1);
    characters.emplace_back(text.substr(0, bytes));
    text.remove_prefix(bytes);
  }
  return characters;
}

std::string CharactersNotIn(std::string_view text, std::string_view other) {
  std::string missing;
  for (const std::string& character : CharactersOf(text)) {
    if (!other.contains(character)) missing += character;
  }
  return missing;
}

void ApplyLog(const OtLog& log, size_t position, OtServerState& state) {
  for (size_t i = position; i < log.size(); ++i) {
    const Expected<OtLogEntry> entry = DecodeLogEntry(EncodeLogEntry(log[i]));
    ASSERT_TRUE(entry.has_value()) << entry.error().message;
    if (const auto* submission = std::get_if<OtSubmission>(&*entry)) {
      (void)state.Apply(*submission);
    } else {
      const uint64_t revision = std::get<OtTruncation>(*entry).revision;
      const bool is_known = revision <= state.revision();
      EXPECT_EQ(state.TruncateBefore(revision).has_value(), is_known);
    }
  }
}

std::optional<Expected<uint64_t>> NaiveOtServer::Apply(const OtSubmission& submission) {
  const auto known = std::ranges::find(decided_, submission.client.value, &Decided::client);
  if (known != decided_.end() && submission.seq <= known->seq) return std::nullopt;
  if (known == decided_.end() && forgotten_below_ > 0) {
    if (submission.base < forgotten_below_) return MakeError(ErrorCode::kClientForgotten, "");
  } else if (submission.seq > (known == decided_.end() ? 0 : known->seq) + 1) {
    return MakeError(ErrorCode::kSequenceGap, "");
  }
  Expected<uint64_t> result = Commit(submission);
  Remember(submission);
  return result;
}

void NaiveOtServer::Remember(const OtSubmission& submission) {
  const uint64_t revision = history_.size();
  std::erase_if(decided_,
                [&](const Decided& decided) { return decided.client == submission.client.value; });
  if (decided_.size() == max_clients_) {
    const auto oldest = std::ranges::min_element(decided_, {}, [](const Decided& decided) {
      return std::pair(decided.revision, decided.client);
    });
    const uint64_t bound = std::min(oldest->revision + 1, revision);
    forgotten_below_ = std::max(forgotten_below_, bound);
    decided_.erase(oldest);
  }
  decided_.push_back(
      {.revision = revision, .client = submission.client.value, .seq = submission.seq});
}

Expected<uint64_t> NaiveOtServer::Commit(const OtSubmission& submission) {
  const uint64_t base = submission.base;
  if (base > history_.size()) return MakeError(ErrorCode::kUnknownRevision, "");
  if (base < horizon_) return MakeError(ErrorCode::kTooOld, "");
  Delta operation = submission.operation;
  if (operation.base_length() > CountCodePoints(texts_[base])) {
    return MakeError(ErrorCode::kDeltaMismatch, "");
  }
  for (size_t i = base; i < history_.size(); ++i) {
    Expected<Delta> transformed = Transform(operation, history_[i], Side::kLeft);
    COTEXT_RETURN_IF_ERROR(transformed);
    operation = *std::move(transformed);
  }
  Expected<std::string> text = cotext::Apply(operation, texts_.back());
  COTEXT_RETURN_IF_ERROR(text);
  texts_.push_back(*std::move(text));
  history_.push_back(std::move(operation));
  authors_.emplace_back(submission.client.value, submission.seq);
  return history_.size();
}

void NaiveOtServer::TruncateBefore(uint64_t revision) {
  if (revision <= history_.size() && revision > horizon_) horizon_ = revision;
}

OtTestServer::OtTestServer(std::string text, const OtServerOptions& options)
    : options_(options), state_(options), naive_(text, options.max_clients) {
  snapshots_.push_back(EncodeOtSnapshot(OtSnapshot{.text = std::move(text)}));
  Restart(0);
}

auto OtTestServer::Receive(size_t client, const ToServer& frame) -> Outgoing {
  Outgoing outgoing;
  if (const auto* submission = std::get_if<OtSubmission>(&frame)) {
    // What is decided may be answered at once, or go through the log: here every other time.
    if (log_.size() % 2 == 0 && state_.FindDecided(*submission)) {
      Answer(client, *submission, outgoing);
    } else {
      waiting_.emplace_back(client, *submission);
    }
  } else if (const auto* ask = std::get_if<AskCommits>(&frame)) {
    const Expected<std::vector<OtCommit>> commits =
        state_.CommittedSince(ask->after, kCommitsPerAnswer);
    if (!commits) {
      EXPECT_EQ(commits.error().code, ErrorCode::kTooOld);
      outgoing.emplace_back(client, ServerHorizon{state_.horizon()});
      return outgoing;
    }
    for (const OtCommit& commit : *commits) outgoing.emplace_back(client, commit);
    if (ask->after + commits->size() < state_.revision()) {
      outgoing.emplace_back(client, Revision());
    }
  } else {
    outgoing.emplace_back(client, TextAtRevision{state_.revision(), state_.text().Text()});
  }
  return outgoing;
}

void OtTestServer::Answer(size_t client, const OtSubmission& submission, Outgoing& outgoing) {
  const std::optional<OtOutcome> known = state_.FindDecided(submission);
  if (!known) return;
  if (known->revision) {
    outgoing.emplace_back(client, Acknowledgement{submission.seq, *known->revision});
  } else {
    outgoing.emplace_back(client,
                          Refusal{submission.seq, known->revision.error().code, state_.revision()});
  }
}

auto OtTestServer::StoreAll() -> Outgoing {
  Outgoing outgoing;
  for (; !waiting_.empty(); waiting_.pop_front()) {
    const auto& [client, submission] = waiting_.front();
    log_.emplace_back(submission);
    const OtOutcome outcome = state_.Apply(submission);
    const std::optional<Expected<uint64_t>> expected = naive_.Apply(submission);
    EXPECT_EQ(outcome.is_duplicate, !expected.has_value());
    if (expected) {
      EXPECT_EQ(outcome.revision.has_value(), expected->has_value());
      if (*expected) EXPECT_EQ(*outcome.revision, **expected);
    }
    if (counts != nullptr) {
      ++(outcome.is_duplicate ? counts->duplicates
         : outcome.revision   ? counts->commits
                              : counts->refusals);
    }
    if (!outcome.revision) {
      const ErrorCode code = outcome.revision.error().code;
      if (counts != nullptr) counts->forgotten += code == ErrorCode::kClientForgotten;
      outgoing.emplace_back(client, Refusal{submission.seq, code, state_.revision()});
      continue;
    }
    outgoing.emplace_back(client, Acknowledgement{submission.seq, *outcome.revision});
    if (outcome.is_duplicate) continue;
    for (size_t other = 0; other < clients_; ++other) {
      if (other != client) outgoing.emplace_back(other, state_.CommitAt(*outcome.revision));
      const std::optional<uint64_t> hash = state_.HashAt(*outcome.revision);
      if (hash) outgoing.emplace_back(other, OtRevisionHash{*outcome.revision, *hash});
    }
  }
  return outgoing;
}

void OtTestServer::Truncate(uint64_t revision) {
  log_.emplace_back(OtTruncation{revision});
  const bool is_known = revision <= state_.revision();
  EXPECT_EQ(state_.TruncateBefore(revision).has_value(), is_known);
  naive_.TruncateBefore(revision);
}

void OtTestServer::Restart(size_t number) {
  waiting_.clear();
  const Expected<OtSnapshot> snapshot = DecodeOtSnapshot(snapshots_[number]);
  ASSERT_TRUE(snapshot.has_value()) << snapshot.error().message;
  Expected<OtServerState> state = OtServerState::FromSnapshot(*snapshot, options_);
  ASSERT_TRUE(state.has_value()) << state.error().message;
  state_ = *std::move(state);
  ApplyLog(log_, static_cast<size_t>(snapshot->log_position), state_);
  state_.CheckInvariants();
}

OtTestClient::OtTestClient(OtClientId id, std::string text, const OtClientOptions& options)
    : options_(options), state_(id, 0, CountCodePoints(text), options), text_(std::move(text)) {
  Save();
}

void OtTestClient::Save() {
  saved_ = EncodeOtClient(state_.Save());
  saved_text_ = text_;
  saved_returned_ = returned_;
  saved_in_doubt_ = in_doubt_;
  unsaved_.clear();
}

void OtTestClient::Reload() {
  Expected<OtSavedClient> saved = DecodeOtClient(saved_);
  ASSERT_TRUE(saved.has_value()) << saved.error().message;
  EXPECT_EQ(EncodeOtClient(*saved), saved_);
  Expected<OtClientState> state = OtClientState::Restore(*std::move(saved), options_);
  ASSERT_TRUE(state.has_value()) << state.error().message;
  state_ = *std::move(state);
  text_ = saved_text_;
  returned_ = saved_returned_;
  in_doubt_ = saved_in_doubt_;
  unsaved_.clear();
}

std::vector<ToServer> OtTestClient::Hello() const {
  if (state_.state() == OtClientState::State::kNeedsSnapshot) return {AskSnapshot{}};
  std::vector<ToServer> frames{AskCommits{state_.revision()}};
  if (state_.Resend()) frames.emplace_back(*state_.Resend());
  return frames;
}

std::vector<ToServer> OtTestClient::Edit(const Delta& edit) {
  Expected<std::string> text = Apply(edit, text_);
  EXPECT_TRUE(text.has_value());
  Expected<OtClientEffects> effects = state_.Edit(edit);
  EXPECT_TRUE(effects.has_value()) << effects.error().message;
  if (!text || !effects) return {};
  text_ = *std::move(text);
  unsaved_ += InsertedText(edit);
  return React(*effects);
}

std::vector<ToServer> OtTestClient::Receive(const ToClient& frame) {
  if (const auto* snapshot = std::get_if<TextAtRevision>(&frame)) return OnText(*snapshot);
  if (const auto* hash = std::get_if<OtRevisionHash>(&frame)) {
    const Expected<bool> compared =
        state_.OnTextHash(hash->revision, hash->hash, *TextBuffer::FromText(text_));
    EXPECT_TRUE(compared.has_value()) << compared.error().message;
    if (counts != nullptr && compared && *compared) ++counts->hashes_compared;
    return {};
  }
  if (const auto* commit = std::get_if<OtCommit>(&frame); commit != nullptr && counts != nullptr) {
    counts->own_commits += commit->client == state_.client() && state_.Resend() &&
                           commit->seq == state_.Resend()->seq &&
                           commit->revision == state_.revision() + 1;
  }
  const Expected<OtClientEffects> effects = Dispatch(frame);
  EXPECT_TRUE(effects.has_value()) << effects.error().message;
  if (!effects) return {};
  if (counts != nullptr && effects->send && std::holds_alternative<Refusal>(frame)) {
    ++counts->resubmitted;
  }
  return React(*effects);
}

Expected<OtClientEffects> OtTestClient::Dispatch(const ToClient& frame) {
  if (const auto* commit = std::get_if<OtCommit>(&frame)) return state_.OnCommitted(*commit);
  if (const auto* acknowledged = std::get_if<Acknowledgement>(&frame)) {
    return state_.OnAcknowledged(acknowledged->seq, acknowledged->revision);
  }
  if (const auto* refusal = std::get_if<Refusal>(&frame)) {
    if (refusal->code != ErrorCode::kClientForgotten) {
      return state_.OnRefused(refusal->seq, refusal->code);
    }
    forgotten_at_ = std::max(forgotten_at_, refusal->revision);
    return state_.OnForgotten(refusal->seq, refusal->revision);
  }
  if (const auto* horizon = std::get_if<ServerHorizon>(&frame)) {
    return state_.OnHorizon(horizon->horizon);
  }
  return state_.OnRevision(std::get<ServerRevision>(frame).revision);
}

std::vector<ToServer> OtTestClient::React(const OtClientEffects& effects) {
  Expected<std::string> text = Apply(effects.change, text_);
  EXPECT_TRUE(text.has_value());
  if (text) text_ = *std::move(text);
  std::vector<ToServer> frames;
  if (effects.returned) {
    EXPECT_EQ(state_.state(), OtClientState::State::kNeedsSnapshot);
    (effects.returned->may_be_committed ? in_doubt_ : returned_) +=
        InsertedText(effects.returned->operation);
    if (counts != nullptr) {
      ++counts->returned;
      counts->returned_without_in_flight += effects.returned->follows_in_flight;
      counts->returned_in_doubt += effects.returned->may_be_committed;
    }
  }
  if (effects.missing) {
    if (counts != nullptr) ++counts->gaps;
    frames.emplace_back(AskCommits{effects.missing->after});
  }
  if (effects.send) frames.emplace_back(*effects.send);
  if (effects.send || effects.returned) Save();
  return frames;
}

std::vector<ToServer> OtTestClient::OnText(const TextAtRevision& snapshot) {
  const Expected<bool> taken = state_.OnSnapshot(snapshot.revision, CountCodePoints(snapshot.text));
  EXPECT_TRUE(taken.has_value());
  if (!taken || !*taken) return {};
  text_ = snapshot.text;
  const std::string lost =
      std::exchange(returned_, {}) + CharactersNotIn(std::exchange(in_doubt_, {}), text_);
  if (lost.empty()) return {};
  Delta again;
  again.Retain(CountCodePoints(text_)).Insert(lost);
  return Edit(again);
}

void OtTestClient::CheckInvariant(const NaiveOtServer& naive) const {
  state_.CheckInvariants();
  if (state_.state() == OtClientState::State::kNeedsSnapshot) return;
  const OtSavedClient now = state_.Save();
  ASSERT_LT(state_.revision(), naive.texts().size());
  const Expected<std::string> sent = Apply(now.in_flight_now, naive.texts()[state_.revision()]);
  ASSERT_TRUE(sent.has_value());
  const Expected<std::string> local = Apply(now.buffer, *sent);
  ASSERT_TRUE(local.has_value());
  ASSERT_EQ(*local, text_);
  ASSERT_EQ(state_.local_length(), CountCodePoints(text_));
}

}  // namespace cotext
