// Two copies of an RGA document in step, without a server: this end of it. A document may have such
// a session with any number of peers, and passes on what it hears, so that a net of peers converges
// as long as it is connected over time.
//
// Both ends say what they have (VersionMessage) and send what the other lacks; an end that hears
// that both have the same falls silent. Nothing else is remembered, so a message may be lost, come
// twice or late, and either end may start anew from an older copy: what is missing is sent again
// once the other end has said so, at most every tell_ms.
//
// A trimmed document begins with a base, which an end that has nothing is sent first, in pieces. An
// end that has something, but not all of what was trimmed at the other, is given some time to get
// that from others. Then it can never be in step: kHistoryTrimmed at the end that would have to
// send what is gone.
//
// Who may write is not asked here: the application lets in whom it trusts.
//
// The document outlives the session and must not have a transaction open when called. Times are in
// milliseconds of one clock that does not go back. Complexity: that of RgaDocument::EncodeSince and
// Merge. Thread-compatible.
#ifndef COTEXT_SYNC_PEER_SESSION_H_
#define COTEXT_SYNC_PEER_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/error.h"
#include "sync/base_pieces.h"
#include "sync/causal_buffer.h"
#include "sync/messages.h"

namespace cotext::sync {

struct PeerOptions {
  uint64_t tell_ms = 1000;  // How often an end says what it has while it may be of use.
  // How long it may lack some of what was trimmed without coming on.
  uint64_t behind_ms = 10'000;
  // How many operations are encoded at a time; the rest follows at once.
  uint64_t operations_at_once = uint64_t{1} << 17U;
};

class PeerSession {
 public:
  // `channel` is what both ends call the document between them.
  PeerSession(RgaDocument& document, Channel channel, const PeerOptions& options = {})
      : document_(&document), channel_(channel), options_(options) {}

  // Takes a message of the other end; those of other kinds are passed over. An error, of which
  // those of RgaDocument::Merge are some, means that the ends cannot go on with each other.
  Expected<void> OnMessage(const Message& message, uint64_t now_ms);

  // Returns what is to be sent now.
  Expected<std::vector<Message>> TakeMessages(uint64_t now_ms);
  // When TakeMessages may have something without anything happening; nothing if never.
  std::optional<uint64_t> NextTimeMs() const;

  // There is a new connection: what was on its way is lost.
  void OnConnected();

  // Whether the other end has said that it has all that is here, and nothing else.
  bool is_in_step() const { return theirs_ && *theirs_ == document_->version_vector(); }

 private:
  Expected<void> OnVersion(const Message& message, uint64_t now_ms);
  Expected<void> OnUpdate(const Message& message);
  Expected<void> OnBase(const Message& message);
  Expected<void> TakeWaiting();
  void OnTheyHave(const VersionVector& version);
  Expected<void> AddBase(std::vector<Message>& messages);
  Expected<void> AddUpdates(std::vector<Message>& messages);

  RgaDocument* document_;
  Channel channel_;
  PeerOptions options_;
  std::optional<VersionVector> theirs_;  // What they have, as far as they have shown.
  std::optional<uint64_t>
      behind_since_ms_;  // They lack some of what was trimmed, no less so since.
  VersionVector sent_;   // What they have if nothing is lost.
  uint64_t sent_at_ms_ = 0;
  bool has_sent_ = false;
  bool has_more_ = false;              // To send now.
  std::optional<VersionVector> told_;  // What they were last told that is here.
  uint64_t told_at_ms_ = 0;
  bool must_tell_ = true;
  CausalBuffer waiting_;
  std::string base_sent_;   // What they are sent of a trimmed document,
  size_t base_offset_ = 0;  // as far as it has gone.
  BasePieces base_;         // What they send, as far as it has come.
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_PEER_SESSION_H_
