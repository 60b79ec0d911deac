// What stands between transports, the sync layer's server and its store: it does what the server
// wants done, at the right time.
//
//     transports --> OnBytes --> sync::Server --> actions --> packets that wait --> TakePacket
//                                     ^              '--> Store --> OnStoreAnswers --'
//
// Inputs only mark that there is something to do; Flush, once per turn of the loop, does it. After
// a flush that sent many packets the next one waits, longest flush_ms_max: what comes meanwhile
// shares packets. The store need not wait for that, so that what it has to make durable is so by
// then; it is called some times in a pause. A lone client never waits. What the server does in
// steps is done a step at a time, with kStepPauseMs for everything else behind it.
//
// What waits for a transport is held by reference, so that a message is in memory once, as a struct
// and encoded, however many it waits for. If more waits than waiting_bytes_max, the transport is
// killed; the session may be taken up by another one. A transport that was told to finish has
// close_ms for it.
//
// Calls no transport inside an input, but only from OnTime and ShutDown. Complexity: that of the
// server; a turn costs what it sends, and what is due. Thread-compatible.
#ifndef COTEXT_NET_DRIVER_SERVER_DRIVER_H_
#define COTEXT_NET_DRIVER_SERVER_DRIVER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "document/error.h"
#include "document/ring.h"
#include "net/base/close_code.h"
#include "net/driver/transport.h"
#include "proto/encoded_messages.h"
#include "sync/grants.h"
#include "sync/message_pool.h"
#include "sync/messages.h"
#include "sync/packet.h"
#include "sync/server.h"
#include "sync/server_output.h"
#include "sync/server_session.h"
#include "sync/store.h"

namespace cotext::net {

// While something happens the server is told the time so often: what it puts off is put off by
// multiples of 50 ms.
inline constexpr uint64_t kTickMs = 50;
// A step takes a few milliseconds.
inline constexpr uint64_t kStepPauseMs = 4;
// The store is called so often at most while the next flush waits: each call may be a write to a
// disk.
inline constexpr uint64_t kCallsAPause = 4;

struct ServerDriverOptions {
  // What the driver has of the world. The clock does not go back. `wake_at` has OnTime called at
  // that time, or at once if it has passed, but not inside; it takes the place of the one before.
  std::function<uint64_t()> now_ms = {};
  std::function<void(uint64_t)> wake_at = {};
  sync::Server::RandomBits random = {};  // That nobody can guess.

  sync::ServerOptions server = {};
  uint64_t flush_ms_max = 20;
  // A packet and its share of a turn cost a core some 7 us. So what a server sends takes it a third
  // of its time until it waits for flush_ms_max, which is with 1,000 readers.
  uint64_t flush_us_per_packet = 20;
  // More than a link's window and its largest message: only who acknowledges what he does not take
  // gets there.
  size_t waiting_bytes_max = size_t{1} << 21U;
  uint64_t close_ms = 5'000;
  // A document could not be loaded. Called behind a flush.
  std::function<void(const sync::UnreadableDocument&)> on_unreadable = {};
};

struct ServerDriverCounters {
  uint64_t connections = 0;  // Ever.
  // Of other processes, these four: what the server's own clients say to it is none of it.
  uint64_t packets_in = 0;
  uint64_t bytes_in = 0;
  uint64_t packets_out = 0;
  uint64_t bytes_out = 0;
  uint64_t bad_packets = 0;
  uint64_t flushes = 0;
  uint64_t encodings = 0;  // Of messages, each for all its receivers.
  uint64_t killed = 0;     // Transports that took too little, or did not finish.
  uint64_t slow = 0;       // Connections that were closed because too much waited for them.
  // Connections of other processes that were closed, by why.
  std::map<ErrorCode, uint64_t> closed = {};
};

class ServerDriver {
 public:
  // REQUIRES: the store outlives this.
  ServerDriver(sync::Store& store, ServerDriverOptions options);
  ServerDriver(const ServerDriver&) = delete;
  ServerDriver& operator=(const ServerDriver&) = delete;

  // Connections. Who it is was checked before. REQUIRES: the transport is there until OnGone.
  sync::ConnectionId OnConnect(Transport& transport, sync::Identity identity);
  // REQUIRES, here and below: the connection is not gone.
  void OnBytes(sync::ConnectionId connection, std::string_view packet);
  // Something came that is no packet, such as text.
  void OnGarbage(sync::ConnectionId connection, Error error);
  void OnSignOfLife(sync::ConnectionId connection);
  // Some of a packet came.
  void OnPiece(sync::ConnectionId connection);
  void OnGone(sync::ConnectionId connection);
  // Returns the next packet for a connection behind that many bytes of room, if one waits.
  std::optional<std::string> TakePacket(sync::ConnectionId connection, size_t headroom = 0);

  // Changes what a connection's session may do; so does what another connection of the session
  // brings.
  void SetGrants(sync::ConnectionId connection, std::vector<sync::Grant> grants);
  // Ends a connection: its session has no rights any more, and stays so if it is taken up by none
  // that brings some.
  void End(sync::ConnectionId connection, const CloseReason& reason);

  // Drops a document from memory, see sync::Server::Forget.
  bool Forget(std::string_view document) { return server_.Forget(document); }

  // The store has answers (SqliteStoreOptions::on_answers, brought to this thread).
  void OnStoreAnswers() { WantFlush(); }
  void OnTime();

  // Tells all clients to come back later, and finishes their connections; new ones are refused.
  void ShutDown(uint64_t retry_after_ms);
  // Whether no connection is left, and the store has answered everything.
  bool is_drained() const { return entries_.empty() && server_.is_quiet(); }

  size_t connection_count() const { return entries_.size(); }
  size_t WaitingBytes(sync::ConnectionId connection) const;
  // What waits for all connections of other processes. O(connections).
  size_t waiting_bytes() const;
  const sync::Server& server() const { return server_; }
  ServerDriverCounters counters() const;

 private:
  struct Waiting {
    sync::PacketHead head = {};
    std::vector<sync::MessageRef> messages = {};  // Held.
  };
  struct Entry {
    Transport* transport = nullptr;
    bool is_local = false;
    Ring<Waiting> packets = {};
    size_t waiting_bytes = 0;  // Of packets, as CostOf counts.
    std::optional<sync::SessionId> session = {};
    std::optional<std::vector<sync::Grant>> grants = {};  // For the session that it will have.
    bool is_told = false;                                 // That packets wait.
    bool is_ending = false;                               // Nothing is added.
  };

  Entry* Find(sync::ConnectionId connection);
  void Wake();
  void WantFlush();
  void NoteInput();
  void StepIfDue(uint64_t now_ms);
  void CallStore();
  bool TakeAnswers();
  void Flush();
  void Do(sync::ServerAction& action);
  void Send(sync::SendPacket& packet);
  void OnWelcome(Entry& entry, sync::MessageRef ref);
  void Call(sync::CallStore& call);
  void Finish(sync::ConnectionId connection, const CloseReason& reason);
  void TellUnreadable();
  void Kill(sync::ConnectionId connection);
  void Drop(Entry& entry);
  void Release(const Waiting& packet);
  void TellTransports();
  void KillLate();

  ServerDriverOptions options_;
  sync::Store* store_;
  proto::EncodedMessages encoded_;  // Outlives the server.
  sync::Server server_;
  std::unordered_map<sync::ConnectionId, Entry> entries_;
  sync::ConnectionId next_connection_ = 1;

  std::optional<uint64_t> flush_at_ms_;
  std::optional<uint64_t> call_at_ms_;
  std::optional<uint64_t> tick_at_ms_;
  std::optional<uint64_t> step_at_ms_;
  uint64_t flushed_at_ms_ = 0;
  uint64_t called_at_ms_ = 0;
  uint64_t pause_ms_ = 0;    // How long the next flush waits after that one.
  uint64_t flush_sent_ = 0;  // Packets, in this flush.

  // What transports are told when the flush has done everything else.
  std::vector<sync::ConnectionId> to_tell_;
  std::vector<std::pair<sync::ConnectionId, CloseReason>> to_finish_;
  std::vector<sync::ConnectionId> to_kill_;
  std::deque<std::pair<uint64_t, sync::ConnectionId>> finishing_;  // Until when.
  std::vector<const proto::EncodedMessage*> scratch_;
  ServerDriverCounters counters_;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_DRIVER_SERVER_DRIVER_H_
