// An RGA document at a client: what the server has of it, what it is still to be sent, how far own
// edits have come.
//
// The document holds every edit until the server has it durable, and for good; so nothing is kept
// twice: what to send is what the document has and `sent` does not cover. A lost connection takes
// `sent` back to what the server says that it has.
//
// Only the own replicas' operations are uploaded, those of others with kMayRelay. Own replicas are
// the document's and former ones of the same user, under which he edited before he was connected.
//
// Before a relay uploads what others wrote, it tells the server whose they are, as far as it knows:
// from the server itself, or from NameWriter, which passes on what another server said.
//
// A server whose document was trimmed sends what that begins with to who has nothing. So an edit
// made in a new copy before it is caught up may turn out to be from before the history that there
// is: kHistoryTrimmed, and the copy goes on without the server.
//
// Several servers, trimmed at different horizons, may send a bridge's new copy what theirs begin
// with. It begins with the first of these, and has the others once all that they stand for has come
// from the former servers. Until then nothing is asked for where it waits.
//
// The document is the application's, outlives this, and must not have a transaction open when
// called. Complexity: that of RgaDocument::EncodeSince and Merge. Thread-compatible.
#ifndef COTEXT_SYNC_RGA_CLIENT_H_
#define COTEXT_SYNC_RGA_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/error.h"
#include "sync/base_pieces.h"
#include "sync/causal_buffer.h"
#include "sync/description.h"
#include "sync/edit_counts.h"
#include "sync/messages.h"

namespace cotext::sync {

class RgaClient {
 public:
  static constexpr size_t kNamesMax = size_t{1} << 16U;  // As many as a document has writers.

  explicit RgaClient(RgaDocument& document, std::vector<ReplicaId> former_replicas = {});

  // What Open says of the document.
  Open OpenMessage(std::string name, uint64_t request) const;

  // The server has opened the document. kDocumentReplaced if it is another one.
  Expected<void> OnOpened(const Opened& opened);
  // The connection, or the session, is gone; what is known to be durable stays so.
  void OnClosed();
  void OnRights(Rights rights) { rights_ = rights; }
  // The server could not keep what was sent; it is to be sent again.
  void OnStorageFailed();

  // Whose a writer's id is; it stays with the first that it is told, and forgets past kNamesMax.
  // Returns whether that is news.
  bool NameWriter(uint64_t writer, std::string_view user);
  // Returns the writers that the server named and that were not known before.
  std::vector<WriterMessage> TakeNamed() { return std::exchange(named_, {}); }

  // Takes a message about this document; those of other kinds are passed over. What comes too
  // early waits, and what it lacks is asked for. An error means that the document cannot go on with
  // this server.
  Expected<void> OnMessage(const Message& message);

  // Returns what is to be sent now, which counts as sent: a request, and of the edits so much as
  // has `bytes_max` bytes or a little more. The rest is cut when it is asked for.
  Expected<std::vector<Message>> TakeMessages(size_t bytes_max);

  // Whether own edits wait at the server for others' that it does not have any more, as after a
  // backup was restored, and that this client may not upload.
  bool waits_for_others() const;

  EditCounts Count() const;
  bool is_open() const { return channel_ != 0; }
  Channel channel() const { return channel_; }
  Rights rights() const { return rights_; }
  // Whether all that the server had when the document was opened has come.
  bool is_caught_up() const { return is_open() && document_->version_vector().Covers(goal_); }

  RgaDocument& document() { return *document_; }
  const RgaDocument& document() const { return *document_; }

  // Adds what it is, and the document, but for its undo.
  void Describe(Description& to) const;

 private:
  Expected<void> OnUpdate(const Message& message);
  Expected<void> OnBase(const Message& message);
  Expected<void> TakeBase(const std::string& base);
  bool MayCoverLater() const;
  Expected<void> TakeWaiting();
  void ForgetWaiting();
  Expected<void> OnAck(const Message& message);
  Expected<void> OnRequest(const Message& message);
  Expected<void> OnWriter(const Message& message);
  void TakeNames(std::vector<Message>& messages);
  void ForgetNamesSent(bool also_what_it_said);
  void OnServerHas(const VersionVector& version);
  bool HasUnsent() const;
  bool LacksOthers(const VersionVector& version) const;
  bool IsOwn(ReplicaId replica) const;
  // Returns the part of a version that this client uploads.
  VersionVector Uploaded(const VersionVector& version) const;
  // Cuts the next edits that are to be sent; returns their bytes, 0 if there are none.
  Expected<size_t> CutNext(std::vector<Message>& messages);

  struct Name {
    std::string user;
    bool is_sent = false;
    bool is_known_there = false;  // The server said so.
  };

  RgaDocument* document_;
  std::vector<ReplicaId> former_replicas_;
  Channel channel_ = 0;
  Rights rights_ = 0;
  VersionVector goal_;
  VersionVector sent_;      // What the server has, or will have if nothing is lost.
  VersionVector received_;  // What it says that it has.
  VersionVector durable_;
  CausalBuffer waiting_;
  BasePieces base_;  // As far as it has come.
  // What the server's document begins with, if all of it has come and the copy lacks some of it.
  std::optional<VersionVector> awaited_horizon_;
  std::map<uint64_t, Name> names_;  // By writer.
  bool has_unsent_names_ = false;
  std::vector<WriterMessage> named_;
  bool is_missing_ = false;  // Something is to be asked for,
  bool is_dropped_ = false;  // also if nothing waits for it.
  // When it was opened, the server lacked something of others.
  bool lacked_others_ = false;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_RGA_CLIENT_H_
