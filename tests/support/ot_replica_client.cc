#include "tests/support/ot_replica_client.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <utility>
#include <variant>

#include "document/utf8.h"
#include "ot/client_codec.h"
#include "ot/commit_codec.h"
#include "ot/log_codec.h"

namespace cotext {

OtReplicaClient::OtReplicaClient(OtClientId id, const std::string& text,
                                 const OtClientOptions& options)
    : id_(id), options_{.document = {}, .client = options} {
  Expected<std::unique_ptr<OtReplica>> replica = OtReplica::FromText(id, 0, text, options_);
  EXPECT_TRUE(replica.has_value());
  owners_.assign(static_cast<size_t>(CountCodePoints(text)), OtClientId{});
  Follow(*std::move(replica));
  Save();
}

void OtReplicaClient::Follow(std::unique_ptr<OtReplica> replica) {
  replica_ = std::move(replica);
  heard_ = text();
  anchors_.clear();
  replica_->document().Subscribe([this](const DeltaEvent& event) { Hear(event); });
}

void OtReplicaClient::Save() {
  Expected<std::string> saved = replica_->Save();
  ASSERT_TRUE(saved.has_value()) << saved.error().message;
  saved_ = *std::move(saved);
  saved_owners_ = owners_;
  unsaved_.clear();
}

void OtReplicaClient::Reload() {
  Expected<std::unique_ptr<OtReplica>> replica = OtReplica::Load(saved_, options_);
  ASSERT_TRUE(replica.has_value()) << replica.error().message;
  EXPECT_EQ((*replica)->Save().value(), saved_);
  Follow(*std::move(replica));
  owners_ = saved_owners_;
  unsaved_.clear();
}

// What undo deletes is one's own, and what it inserts was deleted by oneself.
void OtReplicaClient::Hear(const DeltaEvent& event) {
  const bool is_remote = event.origin == EditOrigin::kRemote;
  const bool is_undo = event.origin == EditOrigin::kUndo;
  std::vector<OtClientId> owners;
  size_t at = 0;
  std::vector<std::string> before = CharactersOf(heard_);
  for (const Delta::Component& component : event.delta) {
    if (component.kind == Delta::Kind::kInsert) {
      owners.insert(owners.end(), static_cast<size_t>(component.count),
                    is_remote ? hearing_from_ : id_);
      if (!is_remote && !is_undo) unsaved_ += component.text;
      for (const std::string& character : CharactersOf(component.text)) {
        if (is_undo) EXPECT_TRUE(taken_out_.contains(character)) << character;
      }
      continue;
    }
    for (uint64_t i = 0; i < component.count; ++i, ++at) {
      if (component.kind == Delta::Kind::kRetain) {
        owners.push_back(owners_[at]);
        continue;
      }
      if (is_undo) EXPECT_EQ(owners_[at], id_) << before[at];
      if (!is_remote) taken_out_.insert(before[at]);
      std::erase_if(anchors_,
                    [&](const PlacedAnchor& placed) { return placed.behind == before[at]; });
    }
  }
  owners.insert(owners.end(), owners_.begin() + static_cast<ptrdiff_t>(at), owners_.end());
  owners_ = std::move(owners);
  heard_ = *Apply(event.delta, heard_);
  EXPECT_EQ(heard_, text());
}

std::vector<ToServer> OtReplicaClient::Drain() {
  std::vector<ToServer> frames;
  if (const std::optional<OtMissing> missing = replica_->NextMissing()) {
    if (counts != nullptr) ++counts->gaps;
    frames.emplace_back(AskCommits{missing->after});
  }
  const std::optional<OtSubmission> next = replica_->NextSubmission();
  EXPECT_FALSE(replica_->NextSubmission().has_value());
  if (!next) return frames;
  Save();
  const Expected<OtSubmission> sent = DecodeSubmission(EncodeSubmission(*next));
  EXPECT_TRUE(sent.has_value());
  if (sent) frames.emplace_back(*sent);
  return frames;
}

std::vector<ToServer> OtReplicaClient::Edit(const Delta& edit) {
  const Expected<void> edited = replica_->document().Apply(edit);
  EXPECT_TRUE(edited.has_value()) << edited.error().message;
  return Drain();
}

std::vector<ToServer> OtReplicaClient::TakeBack(UndoStack stack) {
  OtDocument& document = replica_->document();
  const Expected<bool> taken = stack == UndoStack::kUndo ? document.Undo() : document.Redo();
  EXPECT_TRUE(taken.has_value());
  if (counts != nullptr && taken && *taken) ++counts->undos;
  return Drain();
}

void OtReplicaClient::PlaceAnchor(Random& random) {
  const std::vector<std::string> characters = CharactersOf(text());
  if (characters.empty()) return;
  const uint64_t at = random.Below(characters.size());
  const auto anchor = replica_->document().CreateAnchor(CodePointOffset{at + 1}, Bias::kBefore);
  ASSERT_TRUE(anchor.has_value());
  anchors_.push_back({.anchor = *anchor, .behind = characters[static_cast<size_t>(at)]});
}

std::vector<ToServer> OtReplicaClient::Hello() {
  if (replica_->needs_snapshot()) return {AskSnapshot{}};
  replica_->Reconnect();
  std::vector<ToServer> frames{AskCommits{replica_->revision()}};
  for (ToServer& frame : Drain()) frames.push_back(std::move(frame));
  return frames;
}

Expected<void> OtReplicaClient::Dispatch(const ToClient& frame) {
  if (const auto* commit = std::get_if<OtCommit>(&frame)) {
    const auto commits = DecodeCommits(EncodeCommits(std::span(commit, 1)));
    COTEXT_RETURN_IF_ERROR(commits);
    hearing_from_ = commits->front().client;
    return replica_->OnCommit(commits->front());
  }
  if (const auto* acknowledged = std::get_if<Acknowledgement>(&frame)) {
    return replica_->OnAcknowledged(acknowledged->seq, acknowledged->revision);
  }
  if (const auto* refusal = std::get_if<Refusal>(&frame)) {
    return replica_->OnRefused(refusal->seq, refusal->code, refusal->revision);
  }
  if (const auto* horizon = std::get_if<ServerHorizon>(&frame)) {
    return replica_->OnTooOld(horizon->horizon);
  }
  if (const auto* hash = std::get_if<OtRevisionHash>(&frame)) {
    const Expected<bool> compared = replica_->OnTextHash(hash->revision, hash->hash);
    COTEXT_RETURN_IF_ERROR(compared);
    if (counts != nullptr && *compared) ++counts->hashes_compared;
    return {};
  }
  return replica_->OnRevision(std::get<ServerRevision>(frame).revision);
}

std::vector<ToServer> OtReplicaClient::Receive(const ToClient& frame) {
  if (const auto* snapshot = std::get_if<TextAtRevision>(&frame)) return OnText(*snapshot);
  const bool needed_snapshot = replica_->needs_snapshot();
  const Expected<void> taken = Dispatch(frame);
  EXPECT_TRUE(taken.has_value()) << taken.error().message;
  EXPECT_FALSE(replica_->is_stopped());
  if (counts != nullptr && replica_->needs_snapshot() && !needed_snapshot) ++counts->returned;
  return Drain();
}

std::vector<ToServer> OtReplicaClient::OnText(const TextAtRevision& snapshot) {
  hearing_from_ = {};
  const Expected<OtSnapshotOutcome> outcome =
      replica_->OnSnapshot(snapshot.revision, snapshot.text);
  EXPECT_TRUE(outcome.has_value());
  if (!outcome || !outcome->is_taken) return Drain();
  EXPECT_EQ(text(), snapshot.text);
  anchors_.clear();
  if (!outcome->handed_back) return Drain();
  const OtReturned& returned = outcome->handed_back->returned;
  std::string lost;
  for (const Delta::Component& component : returned.operation) {
    if (component.kind == Delta::Kind::kInsert) lost += component.text;
  }
  if (counts != nullptr) {
    counts->returned_without_in_flight += returned.follows_in_flight;
    counts->returned_in_doubt += returned.may_be_committed;
  }
  if (returned.may_be_committed) lost = CharactersNotIn(lost, snapshot.text);
  if (lost.empty()) return Drain();
  return Edit(Delta().Retain(CountCodePoints(snapshot.text)).Insert(lost));
}

void OtReplicaClient::CheckInvariant(const NaiveOtServer& naive) const {
  replica_->CheckInvariants();
  ASSERT_EQ(heard_, text());
  CheckAnchors();
  if (replica_->needs_snapshot()) return;
  const Expected<OtSavedReplica> now = DecodeOtReplica(replica_->Save().value());
  ASSERT_TRUE(now.has_value());
  ASSERT_LT(now->client.revision, naive.texts().size());
  const Expected<std::string> sent =
      Apply(now->client.in_flight_now, naive.texts()[static_cast<size_t>(now->client.revision)]);
  ASSERT_TRUE(sent.has_value());
  const Expected<std::string> local = Apply(now->client.buffer, *sent);
  ASSERT_TRUE(local.has_value());
  ASSERT_EQ(*local, text());
}

void OtReplicaClient::CheckAnchors() const {
  const std::vector<std::string> characters = CharactersOf(heard_);
  for (const PlacedAnchor& placed : anchors_) {
    const auto at = replica_->document().ResolveAnchor(placed.anchor);
    ASSERT_TRUE(at.has_value());
    ASSERT_GT(at->value, 0U);
    EXPECT_EQ(characters[static_cast<size_t>(at->value - 1)], placed.behind);
  }
}

}  // namespace cotext
