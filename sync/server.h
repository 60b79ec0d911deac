// A server: sessions on one side, documents on the other, no I/O on either.
//
//     connections -> packets -> sessions (link.h) -> messages -> hubs (hub.h) -> the store
//
// A connection begins with a packet that has Hello alone. It makes a session, or takes up one by
// its token; then what the session was sent and did not get comes again. A session ends when the
// client leaves, when it is without connection for expiry_ms, when nothing was heard for
// silence_ms, when it breaks a rule, or when more waits for it than it may hold; that ends its
// presence, and the connection.
//
// Rules broken end the session, and nothing else: an Error message says which, then the connection
// is closed. Messages for a channel that the server closed are ignored for what was on its way.
//
// A document that nobody has open is kept for a while, unless nobody ever had it open: asking for
// documents in vain leaves nothing behind. If there are as many as may be, the one makes room that
// nobody has had open for the longest. So they do if documents take more than documents_bytes_max;
// if those that are open do, documents for uploads are let go of (Hub::Rest), and no other document
// is loaded. Few are at a time, as what they take is known only then.
//
// A session that sends more than its rate is held back: what it sent is acknowledged late, so that
// its window fills up. Who sends without regard to that is ended when it is rate_debt_ms_max ahead.
//
// A session that is slow is first made to lag: its queue gets no more edits, and when there is room
// again, one piece has all that it missed (hub.h). If its queue grows all the same it is ended.
//
// Use: call an input, or several that came together, then TakeActions and do what it says. OnTick
// is due at NextTimeMs at the latest, or simply every 50 ms. Times are in milliseconds of one clock
// that does not go back. Complexity of an input: that of hubs and links; TakeActions is linear in
// what it returns, OnTick and NextTimeMs in what is due: who is idle costs nothing. What takes long
// is done in steps, one at a time however many documents have some. Thread-compatible.
#ifndef COTEXT_SYNC_SERVER_H_
#define COTEXT_SYNC_SERVER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/error.h"
#include "sync/description.h"
#include "sync/due_times.h"
#include "sync/grants.h"
#include "sync/hub.h"
#include "sync/hub_output.h"
#include "sync/link.h"
#include "sync/message_pool.h"
#include "sync/messages.h"
#include "sync/packet.h"
#include "sync/rate_meter.h"
#include "sync/server_output.h"
#include "sync/server_session.h"
#include "sync/store.h"

namespace cotext::sync {

struct ServerOptions {
  uint64_t expiry_ms = 15'000;    // How long a session outlives its connection.
  uint64_t greeting_ms = 10'000;  // How long a connection may take to say Hello.
  uint64_t ping_ms = 10'000;      // After so long without a word, the client is asked.
  uint64_t silence_ms = 30'000;   // After so long, it is given up.
  // So long may the oldest message that was sent wait. An acknowledgement may be behind what the
  // client uploads: while that comes, it may wait kUploadStalls times as long.
  uint64_t stall_ms = 30'000;
  uint64_t hub_idle_ms = 60'000;  // How long a document without sessions is kept in memory.
  size_t sessions_max = 100'000;
  size_t hubs_max = 100'000;
  size_t documents_bytes_max = size_t{1} << 30U;  // Of all in memory, about.
  size_t loads_max = 8;                           // At once.
  size_t opening_bytes_max = size_t{1} << 26U;    // Of versions while documents are loaded.
  size_t channels_max = 1'000;  // Of a session, which may ask for so many at once.
  uint64_t opens_per_s = 100;   // So many more, as each open and close is told to all others.
  // Of a session: messages, and packets, each of which counts as one; bytes of packets as they
  // came. At once there may be a text of 100 MB.
  Rate messages = {.per_s = 5'000, .burst = 50'000};
  Rate bytes = {.per_s = uint64_t{1} << 23U, .burst = uint64_t{1} << 27U};
  uint64_t rate_debt_ms_max = 10'000;
  // Of what waits for a session, in bytes: where it begins to lag, where it can take more, where it
  // ends, beyond what it pulled itself.
  size_t lag_bytes = size_t{1} << 18U;
  size_t pull_bytes = size_t{1} << 17U;
  size_t queue_bytes_max = size_t{1} << 22U;
  LinkOptions link;
  HubOptions hub;
};

// A document that could not be loaded. Clients are told that the store failed, and no more: the
// reason may name files.
struct UnreadableDocument {
  std::string document;
  Error why = {};
};

class Server {
 public:
  static constexpr size_t kUnreadableMax = 1'000;
  static constexpr uint64_t kUploadStalls = 4;
  // What is longer is an upload, by which other things are held up.
  static constexpr size_t kUploadBytesMin = 4096;

  // Random bits that nobody can guess: for tokens and the ids of documents.
  using RandomBits = std::function<uint64_t()>;

  explicit Server(RandomBits random, const ServerOptions& options = {});

  // Connections. Their numbers are the caller's, each used once. Who it is was checked before.
  void OnConnect(ConnectionId connection, Identity identity, uint64_t now_ms);
  // `bytes` is the size of the packet as it came.
  void OnPacket(ConnectionId connection, const Packet& packet, size_t bytes, uint64_t now_ms);
  // Bytes came that are no packet.
  void OnGarbage(ConnectionId connection, Error error, uint64_t now_ms);
  // Something came that tells that the other end lives: a WebSocket pong, a piece of a message, a
  // request of long polling.
  void OnSignOfLife(ConnectionId connection, uint64_t now_ms);
  // Some of a packet came, which is a sign of life, too. The caller sees to it that no packet takes
  // for ever.
  void OnPiece(ConnectionId connection, uint64_t now_ms);
  void OnDisconnect(ConnectionId connection, uint64_t now_ms);

  void OnStoreAnswer(StoreAnswer answer, uint64_t now_ms);

  void OnTick(uint64_t now_ms);
  std::optional<uint64_t> NextTimeMs();
  // Does one step of what documents do bit by bit (Hub::Step), as OnTick does, too: whoever has
  // time for more calls this, while it has steps.
  void Step(uint64_t now_ms);
  bool has_steps() const { return !stepping_.empty(); }

  // Changes what a session may do.
  void SetGrants(SessionId session, std::vector<Grant> grants);

  // Tells all clients to come back later, or to another server, and closes their connections. The
  // store still has to answer: see is_quiet().
  void ShutDown(uint64_t retry_after_ms, uint64_t now_ms);

  // What documents take in memory, about.
  size_t document_bytes() const { return document_bytes_; }

  // Ends what belongs together: returns what is to be done.
  std::vector<ServerAction> TakeActions(uint64_t now_ms);
  // Returns, of what inputs have added to that, the calls of the store, which may be made ahead of
  // the rest.
  std::vector<CallStore> TakeStoreCalls();

  // Which documents could not be loaded since this was called last; of very many, some.
  std::vector<UnreadableDocument> TakeUnreadable() { return std::exchange(unreadable_, {}); }

  const Message& message(MessageRef ref) const { return pool_.Get(ref); }
  // For whoever needs a message for longer: until it was released as often as it was held.
  void Hold(MessageRef ref) { pool_.Hold(ref); }
  void Release(MessageRef ref) { pool_.Release(ref); }
  // For whoever keeps something for each message (MessagePool::SetFarewell).
  void SetFarewell(MessagePool::Farewell farewell) { pool_.SetFarewell(std::move(farewell)); }

  // What the messages that wait for sessions take, each counted once (CostOf).
  size_t message_bytes() const { return pool_.bytes(); }
  size_t session_count() const { return sessions_.size(); }
  size_t hub_count() const { return hubs_.size(); }
  // Whether the store has answered all calls.
  bool is_quiet() const { return tickets_.empty() && loads_waiting_.empty(); }
  // What waits for a session; 0 if there is none.
  size_t QueuedBytes(SessionId session) const;
  const Hub* FindHub(std::string_view document) const;
  // Drops a document from memory unless somebody has it open, or the store still has to answer;
  // returns whether it is not there. What is asked of the store next counts for who opens it again.
  bool Forget(std::string_view document);

  // Adds what it is, but for the time of the last input, by which SetGrants goes.
  // REQUIRES: actions were taken; there is no OT document.
  void Describe(Description& to) const;

 private:
  struct Connection {
    Identity identity;
    std::optional<SessionId> session = {};  // Nothing before Hello.
    uint64_t opened_at_ms = 0;
    uint64_t heard_at_ms = 0;
    std::optional<uint64_t> uploaded_at_ms = {};  // When some of an upload came last.
    bool is_pinged = false;
    DueMark due = {};
  };

  struct HubEntry {
    std::unique_ptr<Hub> hub;
    std::optional<uint64_t> drop_at_ms = {};  // While it is idle.
    size_t opening_bytes = 0;                 // Counted in opening_bytes_.
    size_t bytes = 0;                         // Counted in document_bytes_.
    DueMark due = {};                         // Of the hub's OnTick.
    bool is_stepping = false;                 // Is in stepping_.
    bool has_news = false;                    // Is in news_.
  };

  enum class CallKind : uint8_t { kLoad, kAppend, kCompact };
  struct Call {
    Channel channel = 0;
    CallKind kind = CallKind::kLoad;
  };

  // Connections.
  Connection* FindConnection(ConnectionId id);
  void OnControl(ConnectionId connection, const Packet& packet, uint64_t now_ms);
  void OnHello(ConnectionId connection, const Message& message, uint64_t now_ms);
  void Attach(ServerSession& session, ConnectionId connection, uint64_t version);
  ServerSession* FindResumable(const Hello& hello, const Identity& identity);
  void SendControl(ConnectionId connection, const Message& message);
  void CloseWith(ConnectionId connection, const Error& reason, bool may_retry);
  void Refuse(ConnectionId connection, const Error& error, uint64_t retry_after_ms);

  // Sessions.
  ServerSession* MakeSession(const Identity& identity);
  ServerSession* FindSession(SessionId id);
  void EndSession(SessionId id);
  // Ends a session for what it did, or what it did to a document.
  void Expel(SessionId id, const Error& error, Channel channel = 0);
  // Does what hubs want of that, which can be more than before each time that one is gone.
  void ExpelAll();
  void OnMessage(SessionId session, const Message& message, uint64_t now_ms);
  void OnOpen(ServerSession& session, const Message& message, uint64_t now_ms);
  // Returns how many documents more than before a session may ask for by now.
  uint64_t NewOpens(const ServerSession& session, uint64_t now_ms) const;
  // Counts a packet; returns whether the session is within what it may send.
  bool TakeRate(ServerSession& session, size_t messages, size_t bytes, uint64_t now_ms) const;
  // Returns whether a session may ask for one more document now.
  bool TakeOpen(ServerSession& session, uint64_t now_ms) const;
  void MarkDirty(ServerSession& session);
  void Queue(SessionId session, MessageRef ref);

  // Time.
  std::optional<uint64_t> DueOf(const Connection& connection) const;
  std::optional<uint64_t> DueOf(const ServerSession& session) const;
  // When a session is given up for what it does not take; nothing if nothing waits for it.
  std::optional<uint64_t> StallDue(const ServerSession& session) const;
  DueTimes<ConnectionId>::Thing LookAtConnection(ConnectionId id);
  DueTimes<SessionId>::Thing LookAtSession(SessionId id);
  DueTimes<Channel>::Thing LookAtHub(Channel channel);
  // To be called when something may be due earlier than before.
  void NoteDue(ConnectionId id, Connection& connection);
  void NoteDue(ServerSession& session);
  void CheckSilence(uint64_t now_ms);
  void CheckSessions(uint64_t now_ms);
  void CheckHubs(uint64_t now_ms);

  // Documents.
  Hub* FindOrMakeHub(const std::string& name);
  void Collect(Hub& hub);
  void CallFor(Hub& hub, HubStoreCall call);
  void CallStoreFor(Hub& hub, HubStoreCall call);
  void StartLoads();
  // Lets go of what nobody needs, if documents take too much.
  void MakeRoom();
  bool has_room() const { return document_bytes_ <= options_.documents_bytes_max; }
  // There is something new for those who have it open: to be told when the turn ends.
  void NoteNews(const Hub& hub);
  void TellNews();
  void NoteState(const Hub& hub);
  void DropHub(Channel channel);
  void DropIdleHubs(uint64_t now_ms);

  // What is to be sent.
  void Pump(ServerSession& session);
  void CheckQueue(ServerSession& session);
  void TakePackets(ServerSession& session, uint64_t now_ms);
  void DescribeSession(const ServerSession& session, Description& to) const;

  RandomBits random_;
  ServerOptions options_;
  MessagePool pool_;  // Outlives the links.

  std::map<ConnectionId, Connection> connections_;
  DueTimes<ConnectionId> connections_due_;
  std::map<SessionId, ServerSession> sessions_;
  std::map<std::string, SessionId, std::less<>> tokens_;
  SessionId next_session_ = 1;
  DueTimes<SessionId> sessions_due_;
  std::vector<SessionId> dirty_;

  std::map<Channel, HubEntry> hubs_;
  DueTimes<Channel> hubs_due_;
  std::map<std::string, Channel, std::less<>> channels_;  // By name.
  Channel next_channel_ = 1;
  std::set<std::pair<uint64_t, Channel>> idle_hubs_;  // By when they are dropped.
  std::vector<Channel> news_;                         // Those whose sessions are to be told.
  std::deque<Channel> stepping_;                      // Those that have steps, in turns.
  size_t opening_bytes_ = 0;
  size_t document_bytes_ = 0;
  uint64_t rest_all_at_ms_ = 0;        // Not before.
  std::deque<Channel> loads_waiting_;  // Those that are to be asked of the store.
  size_t loads_ = 0;                   // Under way.
  std::map<Ticket, Call> tickets_;
  Ticket next_ticket_ = 1;

  std::vector<ServerAction> actions_;
  std::vector<UnreadableDocument> unreadable_;
  std::vector<MessageRef> handed_out_;                // Held for actions_.
  std::vector<MessageRef> released_;                  // Held for the actions that were taken last.
  std::vector<std::pair<HubExpel, Channel>> expels_;  // To be carried out.
  bool is_expelling_ = false;
  bool is_shutting_down_ = false;
  uint64_t now_ms_ = 0;  // As of the last input.
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_SERVER_H_
