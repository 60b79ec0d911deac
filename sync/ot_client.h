// An OT document at a client: what is submitted, what comes back (ot/ot_replica.h has the rules).
//
// The replica is the application's, outlives this, and must not have a transaction open when
// called. Thread-compatible.
#ifndef COTEXT_SYNC_OT_CLIENT_H_
#define COTEXT_SYNC_OT_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "document/document_id.h"
#include "document/error.h"
#include "ot/ot_replica.h"
#include "sync/edit_counts.h"
#include "sync/messages.h"

namespace cotext::sync {

class OtClient {
 public:
  // The id is that which the document had at the server before; all zero if it was never there.
  explicit OtClient(OtReplica& replica, const DocumentId& id = {}) : replica_(&replica), id_(id) {}

  sync::Open OpenMessage(std::string name, uint64_t request) const;
  // Errors: kWrongEngine, kDocumentReplaced, kInvalidVersion; kUnknownRevision if the server is
  // behind what it has shown this client before, as after its store was taken from a backup. Then
  // nothing has changed, and the replica can be opened again: with a server that has it all, or
  // never, and is to be given up.
  Expected<void> OnOpened(const Opened& opened);
  void OnClosed();
  void OnRights(Rights rights) { rights_ = rights; }
  void OnStorageFailed() { replica_->Reconnect(); }

  // Takes a message about this document; those of other kinds are passed over. An error means that
  // the document cannot go on with this server.
  Expected<void> OnMessage(const Message& message);
  // Returns what is to be sent now: a request or two and one submission at most, whatever waits.
  Expected<std::vector<Message>> TakeMessages(size_t bytes_max);

  EditCounts Count() const {
    return {.unsent = replica_->edits_unsent(),
            .unacknowledged = replica_->edits_unacknowledged(),
            .not_durable = 0};
  }
  bool is_open() const { return channel_ != 0; }
  Channel channel() const { return channel_; }
  Rights rights() const { return rights_; }
  bool is_caught_up() const {
    return is_open() && !replica_->needs_snapshot() && replica_->revision() >= goal_;
  }
  const DocumentId& id() const { return id_; }

  // Edits that will not be committed any more: for the application.
  std::vector<OtHandedBack> TakeHandedBack() { return std::exchange(handed_back_, {}); }

 private:
  Expected<void> Take(const Message& message);
  Expected<void> OnCommit(const Message& message);
  Expected<void> OnAck(const Message& message);
  Expected<void> OnRefusal(const Message& message);
  Expected<void> OnSnapshot(const Message& message);
  Expected<void> OnHash(const Message& message);

  OtReplica* replica_;
  DocumentId id_;
  Channel channel_ = 0;
  Rights rights_ = 0;
  uint64_t goal_ = 0;           // The revision that the server had when it was opened.
  std::string text_;            // The pieces of a snapshot that have come,
  uint64_t text_revision_ = 0;  // and its revision.
  bool has_asked_for_text_ = false;
  std::vector<OtHandedBack> handed_back_;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_OT_CLIENT_H_
