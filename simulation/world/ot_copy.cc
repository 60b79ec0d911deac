#include "simulation/world/ot_copy.h"

#include <algorithm>
#include <utility>

#include "document/check.h"
#include "document/delta.h"
#include "document/error.h"
#include "simulation/world/ot_records.h"
#include "sync/messages.h"
#include "sync/revision_bytes.h"

namespace cotext {

// Starting and crashing.

void OtCopy::Start(Random& random) {
  COTEXT_CHECK(replica_ == nullptr);
  if (disk_.replica.empty()) {
    auto made = OtReplica::FromText({random.Between(1, kOtIdLimit - 1)}, 0, "");
    COTEXT_CHECK(made.has_value());
    replica_ = *std::move(made);
    sent_.clear();
    committed_.clear();
    refused_.clear();
  } else {
    auto loaded = OtReplica::Load(disk_.replica);
    COTEXT_CHECK(loaded.has_value());
    replica_ = *std::move(loaded);
  }
  id_ = disk_.id;
  pending_ = disk_.pending;
  next_seq_ = replica_->next_seq();
  copy_ = context_->next_copy++;
  revision_ = 0;
  NoteStep();
}

void OtCopy::Crash() {
  std::vector<UserIntent>& intents = context_->record.intents;
  const bool goes_on = !disk_.replica.empty();
  for (const Pending& edit : pending_) {
    const bool is_kept = std::ranges::any_of(
        disk_.pending, [&](const Pending& kept) { return kept.intent == edit.intent; });
    // Whether what was sent has come, the log will tell.
    if (is_kept || (!goes_on && sent_.contains(edit.seq))) continue;
    intents[edit.intent].last = {};
    ++context_->record.lost_intents;
  }
  for (Pending& edit : disk_.pending) Assign(edit, edit.seq);
  if (!goes_on && replica_->edits_unacknowledged() > 0) {
    context_->record.lost.push_back(
        {.writer = replica_->client().value, .number = replica_->next_seq() - 1});
  }
  replica_.reset();
}

void OtCopy::Save() {
  // One that was stopped is not to go on.
  if (!saves_ || replica_->is_stopped()) return;
  auto saved = replica_->Save();
  COTEXT_CHECK(saved.has_value());
  disk_ = Disk{.replica = *std::move(saved), .id = id_, .pending = pending_};
}

sync::DocumentKey OtCopy::Open(sync::Client& client, std::string name) {
  return client.Open(std::move(name), *replica_, id_);
}

// Edits and submissions.

void OtCopy::Assign(Pending& edit, uint64_t seq) {
  edit.seq = seq;
  context_->record.intents[edit.intent].last = {.counter = seq,
                                                .replica = {replica_->client().value}};
}

bool OtCopy::EndEdit(IntentRecorder& recorder) {
  if (!recorder.has_intent()) return false;
  recorder.EndIntent({});
  for (UserIntent& intent : recorder.Take()) {
    pending_.push_back({.intent = context_->record.intents.size()});
    context_->record.intents.push_back(std::move(intent));
  }
  NoteSubmissions();
  return true;
}

// One is made when all that was pending goes into it, but for what the one before took along.
void OtCopy::NoteSubmissions() {
  for (; next_seq_ < replica_->next_seq(); ++next_seq_) {
    const uint64_t before = next_seq_ - 1;
    const bool is_anew = refused_.contains(before);
    std::erase_if(pending_, [&](const Pending& edit) {
      return edit.seq != 0 && !(is_anew && edit.seq == before);
    });
    for (Pending& edit : pending_) Assign(edit, next_seq_);
  }
}

void OtCopy::OnSend(const sync::Packet& packet) {
  for (const sync::Message& message : packet.messages) {
    if (message.kind != sync::MessageKind::kSubmit) continue;
    const auto submit = sync::ReadSubmit(message);
    COTEXT_CHECK(submit.has_value());
    const std::string content = SubmissionContent(submit->base, submit->operation);
    const auto [at, is_first] = sent_.emplace(submit->seq, content);
    if (!is_first && at->second == content) continue;
    // A number that is used for something else is made twice.
    context_->record.made.push_back(
        {.writer = submit->client, .number = submit->seq, .content = content});
    Save();
  }
}

// What comes in.

void OtCopy::OnPacket(const sync::Packet& packet) {
  for (const sync::Message& message : packet.messages) {
    if (message.kind == sync::MessageKind::kCommit) OnCommit(message);
    if (message.kind == sync::MessageKind::kAck) OnAck(message);
    if (message.kind == sync::MessageKind::kRefusal) OnRefusal(message);
  }
}

void OtCopy::OnCommit(const sync::Message& message) {
  const auto commit = sync::ReadCommit(message);
  if (!commit) return;
  const std::string content = CommitContent(commit->client, commit->seq, commit->operation);
  const auto [at, is_new] = context_->record.commits[node_].emplace(commit->revision, content);
  if (!is_new && at->second != content) {
    context_->record.refusals.Add(AtTime(context_->now_us) + " " + NodeName(node_) +
                                  " was sent another commit as revision " +
                                  std::to_string(commit->revision));
  }
  if (commit->client != replica_->client().value) return;
  committed_.insert(commit->seq);
  NoteDurable(commit->seq);
}

void OtCopy::OnAck(const sync::Message& message) {
  const auto ack = sync::ReadAck(message);
  if (!ack || ack->level != sync::AckLevel::kDurable) return;
  if (ack->writer != replica_->client().value) return;
  committed_.insert(ack->upto);
  NoteDurable(ack->upto);
}

void OtCopy::OnRefusal(const sync::Message& message) {
  const auto refusal = sync::ReadRefusal(message);
  if (!refusal || refusal->client != replica_->client().value) return;
  refused_.insert(refusal->seq);
  NoteDurable(refusal->seq);
  if (refusal->code == ErrorCode::kTooOld) return;
  context_->record.refusals.Add(AtTime(context_->now_us) + " submission " +
                                std::to_string(refusal->seq) + " of " + NodeName(node_) +
                                " was refused: " + std::string(ErrorName(refusal->code)));
}

void OtCopy::NoteDurable(uint64_t seq) {
  const uint64_t client = replica_->client().value;
  context_->record.durability.push_back({.kind = DurabilityEvent::Kind::kAcknowledged,
                                         .at_us = context_->now_us,
                                         .node = node_,
                                         .extent = {{client, seq}}});
}

void OtCopy::OnProgress() {
  NoteSubmissions();
  NoteStep();
}

void OtCopy::NoteStep() {
  if (replica_->revision() == revision_) return;
  context_->record.steps.push_back(
      {.copy = copy_, .at_us = context_->now_us, .from = revision_, .to = replica_->revision()});
  revision_ = replica_->revision();
}

// All that is pending comes back, but for what is committed.
void OtCopy::OnHandedBack(const OtHandedBack& edits) {
  HandedBackEdits record{.at_us = context_->now_us, .node = node_};
  std::set<CharacterNumber> undone;
  for (Pending& edit : pending_) {
    if (committed_.contains(edit.seq)) continue;
    UserIntent& intent = context_->record.intents[edit.intent];
    ++record.edits;
    for (const InsertedCharacter& each : intent.inserted) record.inserted.insert(each.character);
    for (const DeletedCharacter& each : intent.deleted) record.inserted.erase(each.character);
    // What undo brought back may be there more than once, and be deleted once.
    undone.insert(intent.brought_back.begin(), intent.brought_back.end());
    intent.last = {};
  }
  for (const Delta::Component component : edits.returned.operation) {
    if (component.kind != Delta::Kind::kInsert) continue;
    for (const char32_t character : CodePointsOf(component.text)) {
      record.returned.insert(character);
    }
  }
  for (const CharacterNumber character : undone) {
    record.inserted.erase(character);
    record.returned.erase(character);
  }
  pending_.clear();
  context_->record.handed_back.push_back(std::move(record));
}

std::string OtCopy::version() const { return sync::RevisionBytes(replica_->revision()); }

FinalCopy OtCopy::Final() const {
  return {.node = node_, .text = replica_->document().Text(), .version = version(), .history = {}};
}

}  // namespace cotext
