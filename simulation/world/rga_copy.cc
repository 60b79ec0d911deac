#include "simulation/world/rga_copy.h"

#include <utility>

#include "document/check.h"
#include "simulation/check/operation_records.h"
#include "sync/messages.h"

namespace cotext {

void RgaCopy::Start(Random& random) {
  COTEXT_CHECK(document_ == nullptr);
  replicas_.push_back(ReplicaId{random.Between(1, kIdLimit - 1)});
  document_ = std::make_unique<RgaDocument>(replicas_.back());
  copy_ = context_->next_copy++;
  delivered_ = {};
  document_->SetId(context_->document_id);
  if (disk_.id != DocumentId{}) document_->SetId(disk_.id);
  if (!disk_.update.empty()) {
    const auto merged = document_->Merge(disk_.update);
    COTEXT_CHECK(merged.has_value());
  }
  OnProgress();
}

void RgaCopy::Crash() {
  const uint64_t saved = disk_.version.CounterOf(replicas_.back());
  const std::vector<EditRecord> lost = OperationsOf(document_->OwnChangesFrom(saved + 1));
  std::vector<EditRecord>& all = context_->record.lost;
  all.insert(all.end(), lost.begin(), lost.end());
  document_.reset();
}

void RgaCopy::Save() {
  if (!saves_) return;
  const auto update = document_->EncodeSince(Version{VersionVector().Encode()});
  COTEXT_CHECK(update.has_value());
  disk_ = Disk{.update = *update, .version = document_->version_vector(), .id = document_->id()};
}

sync::DocumentKey RgaCopy::Open(sync::Client& client, std::string name) {
  std::vector<ReplicaId> former = replicas_;
  former.pop_back();
  return client.Open(std::move(name), *document_, std::move(former));
}

bool RgaCopy::EndEdit(IntentRecorder& recorder) {
  const std::vector<EditRecord> made = OperationsOf(document_->OwnChangesFrom(first_counter_));
  if (made.empty()) return false;
  std::vector<EditRecord>& all = context_->record.made;
  all.insert(all.end(), made.begin(), made.end());
  recorder.EndIntent({.counter = made.back().number, .replica = replicas_.back()});
  for (UserIntent& intent : recorder.Take()) context_->record.intents.push_back(std::move(intent));
  OnProgress();
  return true;
}

void RgaCopy::OnPacket(const sync::Packet& packet) {
  for (const sync::Message& message : packet.messages) {
    if (message.kind != sync::MessageKind::kAck) continue;
    const auto ack = sync::ReadAck(message);
    if (!ack || ack->level != sync::AckLevel::kDurable) continue;
    context_->record.durability.push_back({.kind = DurabilityEvent::Kind::kAcknowledged,
                                           .at_us = context_->now_us,
                                           .node = node_,
                                           .extent = {{ack->writer, ack->upto}}});
  }
}

void RgaCopy::OnProgress() {
  if (document_->version_vector() == delivered_) return;
  const Update changes = document_->ChangesSince(delivered_);
  for (Delivery& delivery : DeliveriesOf(changes, copy_, context_->now_us)) {
    context_->record.deliveries.push_back(std::move(delivery));
  }
  delivered_ = document_->version_vector();
}

std::optional<size_t> RgaCopy::HistoryBytes() const {
  const auto update = document_->EncodeSince(Version{VersionVector().Encode()});
  COTEXT_CHECK(update.has_value());
  return update->size();
}

FinalCopy RgaCopy::Final() const {
  return {.node = node_,
          .text = document_->Text(),
          .version = version(),
          .history = CanonicalHistory(document_->ChangesSince({}))};
}

}  // namespace cotext
