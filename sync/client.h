// A client: documents on one side, one connection after the other to a server on the other.
//
//     Start -> Connect -> Hello -> Welcome -> Open each document -> edits both ways
//                 ^                                                     |
//                 '-- after a wait that grows (backoff.h) <-- disconnected
//
// A connection that is lost is made again as long as it takes; the session is taken up where it
// was, or if the server does not know it any more, each document is opened anew, and what either
// side lacks is sent. Edits wait in their documents meanwhile. Only the server's word that it is of
// no use ends the trying, or Stop.
//
// Use: call an input, or several, and edit documents, then TakeActions and do what it says, then
// TakeEvents. OnTick is due at NextTimeMs at the latest. Times are in milliseconds of one clock
// that does not go back. Documents are the application's and outlive their being open here.
// Thread-compatible.
#ifndef COTEXT_SYNC_CLIENT_H_
#define COTEXT_SYNC_CLIENT_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/document_id.h"
#include "document/error.h"
#include "ot/ot_replica.h"
#include "sync/backoff.h"
#include "sync/client_event.h"
#include "sync/description.h"
#include "sync/exchange.h"
#include "sync/link.h"
#include "sync/message_pool.h"
#include "sync/messages.h"
#include "sync/packet.h"
#include "sync/presence_view.h"

namespace cotext::sync {

struct ClientOptions {
  std::string agent;          // Which program it is, for the server's logs.
  uint64_t ping_ms = 15'000;  // After so long without a word, the server is asked.
  // It may take so long to answer that, or a Hello; longer if much is under way to it
  // (slow_line.h).
  uint64_t answer_ms = 10'000;
  // What is shown, and whether somebody types, is said at most so often, as it is then.
  uint64_t show_ms = 50;
  // After so long the application is told that edits wait for what the server has lost.
  uint64_t held_ms = 10'000;
  // Who goes on typing says so again after this; well before a server forgets.
  uint64_t typing_again_ms = 2000;
  BackoffOptions backoff;
  LinkOptions link;
};

class Client {
 public:
  // Any random bits: for the waits.
  using RandomBits = std::function<uint64_t()>;

  explicit Client(RandomBits random, ClientOptions options = {});

  // Documents. The application owns them, and keeps them until they are closed here.
  DocumentKey Open(std::string name, RgaDocument& document,
                   std::vector<ReplicaId> former_replicas = {});
  // The id is that which the document had at the server before; all zero if it was never there.
  DocumentKey Open(std::string name, OtReplica& replica, const DocumentId& id = {});
  void Close(DocumentKey document);

  // Whose a writer's id is, from another server: told to this one before what he wrote, if this
  // client relays. Does nothing if it is known, or there is no such document.
  void NameWriter(DocumentKey document, uint64_t writer, std::string_view user);

  // What others see of this client in a document; nothing unless it was opened with kMayShow.
  // kTooLarge past kPresenceStateMax, kOutOfRange if there is no such document.
  Expected<void> SetPresence(DocumentKey document, std::string state);
  Expected<void> SetTyping(DocumentKey document, bool is_typing);

  // The connection.
  void Start(uint64_t now_ms);
  // Ends the session for good, or until Start.
  void Stop(uint64_t now_ms);
  void OnConnected(uint64_t now_ms);
  void OnPacket(const Packet& packet, size_t bytes, uint64_t now_ms);
  // Some of a packet came.
  void OnSignOfLife(uint64_t now_ms);
  // Bytes came that are no packet.
  void OnGarbage(const Error& error, uint64_t now_ms);
  // The connection was lost, or could not be made. `is_final`: the server said not to retry (a
  // close code of 4400 to 4499).
  void OnDisconnected(const Error& reason, bool is_final, uint64_t now_ms);

  void OnTick(uint64_t now_ms);
  std::optional<uint64_t> NextTimeMs() const;

  // Ends what belongs together: returns what is to be done, edits since the last time included.
  std::vector<ClientAction> TakeActions(uint64_t now_ms);
  std::vector<ClientEvent> TakeEvents() { return std::exchange(events_, {}); }

  ConnectionStatus status() const { return status_; }
  // The number by which others see this client; 0 without a session.
  SessionId session() const { return session_; }
  // REQUIRES, of all below: the document is open here (IsOpen).
  EditCounts Count(DocumentKey document) const { return entries_.at(document).exchange.Count(); }
  const PresenceView& presence(DocumentKey document) const {
    return entries_.at(document).presence;
  }
  Rights rights(DocumentKey document) const { return entries_.at(document).exchange.rights(); }
  // Whether the document is open at the server too, with all that was there when it was opened.
  bool IsCaughtUp(DocumentKey document) const { return entries_.at(document).is_caught_up; }
  bool IsOpen(DocumentKey document) const { return entries_.contains(document); }
  size_t queued_bytes() const { return link_ ? link_->queued_bytes() : 0; }

  // Adds what it is, its documents too, but for their undo.
  // REQUIRES: actions and events were taken; no OT document is open.
  void Describe(Description& to) const;

 private:
  enum class Phase : uint8_t {
    kStopped,
    kWaiting,     // To connect again, at retry_at_ms_.
    kConnecting,  // Connect was asked for.
    kGreeting,    // Hello was sent.
    kReady
  };

  struct Entry {
    Entry(std::string document_name, Exchange document)
        : name(std::move(document_name)), exchange(std::move(document)) {}

    std::string name;
    Exchange exchange;
    PresenceView presence = {};
    uint64_t request = 0;        // Of the Open that is not answered; 0 if there is none.
    uint64_t hold_until_ms = 0;  // Nothing is asked or sent before; 0 if it can be.
    bool has_failed = false;
    bool is_caught_up = false;  // And it was told.
    std::string state = {};
    bool is_typing = false;
    bool has_state_to_send = false;
    bool has_typing_to_send = false;
    // Not before: nor is anything else of that kind.
    uint64_t state_from_ms = 0;
    uint64_t typing_from_ms = 0;
    bool is_typing_told = false;  // In this session.
    uint64_t typing_told_at_ms = 0;
    // When the application is told that edits wait for what the server has lost.
    std::optional<uint64_t> held_at_ms = {};
    bool is_held_told = false;
  };

  // When the server is given up that was pinged.
  uint64_t AnswerDueMs() const;
  void SetStatus(ConnectionStatus status, Error reason = {});
  void Lose(const Error& reason, uint64_t asked_for_ms, bool is_final, uint64_t now_ms);
  void ForgetSession();

  void OnControls(const Packet& packet, uint64_t now_ms);
  void OnControl(const Message& message, uint64_t now_ms);
  void OnWelcome(const Message& message, uint64_t now_ms);
  void OnMessage(const Message& message, uint64_t now_ms);
  void OnDocumentMessage(Entry& entry, DocumentKey key, const Message& message);
  Expected<void> Take(Entry& entry, DocumentKey key, const Message& message);
  Expected<void> TakePresence(Entry& entry, DocumentKey key, const Message& message);
  void OnOpened(const Message& message);
  void OnError(const ErrorMessage& error, uint64_t now_ms);
  void OnSessionEnded(const ErrorMessage& error, uint64_t now_ms);
  void Fail(Entry& entry, DocumentKey key, Error error);
  void TellHandedBack(Entry& entry, DocumentKey key);
  void CheckHeld(Entry& entry, DocumentKey key, uint64_t now_ms);
  bool IsAbandoned(const std::string& name) const;
  std::map<DocumentKey, Entry>::iterator FindByChannel(Channel channel);

  void SendControl(Message message);
  void QueueEdits(uint64_t now_ms);
  void QueueOf(Entry& entry, DocumentKey key, uint64_t now_ms);
  void QueuePresence(Entry& entry, uint64_t now_ms);
  bool HasRoom() const { return link_->queued_bytes() <= options_.link.window_bytes; }
  void TakePackets(uint64_t now_ms);
  void DescribeEntry(const Entry& entry, Description& to) const;

  RandomBits random_;
  ClientOptions options_;
  MessagePool pool_;  // Outlives the link.
  std::optional<Link> link_;

  Phase phase_ = Phase::kStopped;
  ConnectionStatus status_ = ConnectionStatus::kDisconnected;
  Backoff backoff_;
  uint64_t retry_at_ms_ = 0;
  uint64_t asked_for_ms_ = 0;  // By GoingAway.
  uint64_t heard_at_ms_ = 0;
  std::optional<uint64_t> pinged_at_ms_;

  SessionId session_ = 0;
  std::string token_;

  std::map<DocumentKey, Entry> entries_;
  DocumentKey next_document_ = 1;
  DocumentKey last_queued_ = 0;  // Those behind it come first, so that each has its turn.
  uint64_t next_request_ = 1;
  // Documents that were closed here before they were open there, by request. The server would
  // refuse to open them twice.
  std::map<uint64_t, std::string> abandoned_;

  std::vector<ClientAction> actions_;
  std::vector<ClientEvent> events_;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_CLIENT_H_
