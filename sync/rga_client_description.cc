// What an RGA document at a client is, for a search through its states (description.h).
#include <string>

#include "crdt/version_vector.h"
#include "document/check.h"
#include "document/document.h"
#include "sync/description.h"
#include "sync/rga_client.h"

namespace cotext::sync {
namespace {

// The history is told writer by writer, so that it does not matter in which order it came.
void DescribeDocument(const RgaDocument& document, Description& to) {
  const VersionVector all = document.version_vector();
  to.Number(document.replica().value);
  for (const uint8_t byte : document.id().bytes) to.Number(byte);
  to.Bytes(all.Encode());
  for (const VersionVector::Entry& writer : all.entries()) {
    VersionVector others;
    for (const VersionVector::Entry& entry : all.entries()) {
      if (entry.replica == writer.replica) continue;
      others.Observe({.counter = entry.counter, .replica = entry.replica});
    }
    const Expected<std::string> update = document.EncodeSince(Version{others.Encode()});
    COTEXT_CHECK(update.has_value());
    to.Bytes(*update);
  }
}

}  // namespace

void RgaClient::Describe(Description& to) const {
  DescribeDocument(*document_, to);
  to.Number(former_replicas_.size());
  for (const ReplicaId replica : former_replicas_) to.Number(replica.value);
  to.Number(channel_);
  to.Number(rights_);
  // Once it was reached it stays so.
  const bool has_goal = document_->version_vector().Covers(goal_);
  to.Bytes(has_goal ? std::string() : goal_.Encode());
  to.Bytes(sent_.Encode());
  to.Bytes(received_.Encode());
  to.Bytes(durable_.Encode());
  waiting_.Describe(to);
  to.Bytes(base_.bytes());
  to.Bytes(awaited_horizon_ ? awaited_horizon_->Encode() : std::string());
  to.Number(names_.size());
  for (const auto& [writer, name] : names_) {
    to.Number(writer);
    to.Bytes(name.user);
    to.Number((name.is_sent ? 1U : 0U) + (name.is_known_there ? 2U : 0U));
  }
  to.Number(has_unsent_names_ ? 1 : 0);
  to.Number(named_.size());
  for (const WriterMessage& named : named_) to.Add(ToMessage(named));
  to.Number((is_missing_ ? 1U : 0U) + (is_dropped_ ? 2U : 0U));
  to.Number(lacked_others_ ? 1 : 0);
}

}  // namespace cotext::sync
