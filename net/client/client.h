// A client of a server: documents in the application's thread, kept in step over one connection in
// a thread of its own.
//
//     auto client = net::Client::Create({.url = "wss://example.org", .token = [] { return ...; }});
//     RgaDocument document(RandomReplicaId());
//     (*client)->Open("notes/a", document);
//     (*client)->Start();
//     loop: wait for on_wake, or anything else; edit; (*client)->Pump();
//
// Nothing happens to documents but inside Pump: it takes what came, sends what was edited since,
// and tells events to the listener. It is due after edits, and when on_wake was called, which also
// says that time has passed that somebody waits for. WaitUntil does both where there is no other
// loop.
//
// Whatever is lost, restarts or is blocked, edits made meanwhile wait in their documents and arrive
// once: sync/client.h has the rules, client_connection.h the ways to the server.
//
// Documents are the application's, and outlive their being open here. For one thread.
#ifndef COTEXT_NET_CLIENT_CLIENT_H_
#define COTEXT_NET_CLIENT_CLIENT_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/document_id.h"
#include "document/error.h"
#include "net/base/resolver.h"
#include "net/client/client_connection.h"
#include "net/client/client_transport.h"
#include "net/client/poll_session.h"
#include "net/client/transport_choice.h"
#include "ot/ot_replica.h"
#include "ot/submission.h"
#include "proto/wire.h"
#include "sync/client.h"
#include "sync/client_event.h"
#include "sync/edit_counts.h"
#include "sync/messages.h"
#include "sync/packet.h"
#include "sync/presence_view.h"

namespace cotext::net {

// The sync layer's options for connections over networks. Those lose nothing, but what stands in
// between may: what was sent and is not acknowledged for so long is sent again.
inline sync::ClientOptions NetworkSyncOptions() {
  constexpr uint64_t kResendMs = 10'000;
  sync::ClientOptions options;
  options.link.resend_ms = kResendMs;
  return options;
}

struct ClientOptions {
  std::string url;  // url.h.
  TlsOptions tls = {};
  TransportChoiceOptions choice = {};
  PollSessionOptions poll = {};
  LookUp look_up = LookUpBySystem;  // As in ConnectionOptions.
  sync::ClientOptions sync = NetworkSyncOptions();
  // Asked for a bearer token each time that a connection is made: one that has expired can be
  // renewed. Without it the client is nobody in particular.
  std::function<std::string()> token = {};
  // Called in another thread: Pump has something to do. It must not call the client.
  std::function<void()> on_wake = {};
  // Called in Pump, with each event.
  std::function<void(const sync::ClientEvent&)> on_event = {};
  // Called in Pump before edits or anything else go out: who keeps documents in files saves them
  // here, so that no number is used twice after a crash. If that fails, edits stay here and the
  // application is told (sync::EditsHeld); it is called again after save_retry_ms, and with
  // whatever else there is to be sent.
  std::function<Expected<void>()> before_send = {};
  uint64_t save_retry_ms = 1'000;
};

class Client {
 public:
  using Predicate = std::function<bool()>;

  // kBadRequest: the address is none; kIo: no thread, or the certificates cannot be used.
  static Expected<std::unique_ptr<Client>> Create(ClientOptions options);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  // Ends the session, as Stop.
  ~Client();

  // See sync::Client for these.
  sync::DocumentKey Open(std::string name, RgaDocument& document,
                         std::vector<ReplicaId> former_replicas = {});
  sync::DocumentKey Open(std::string name, OtReplica& replica, const DocumentId& id = {});
  void Close(sync::DocumentKey document) { sync_.Close(document); }
  Expected<void> SetPresence(sync::DocumentKey document, std::string state) {
    return sync_.SetPresence(document, std::move(state));
  }
  Expected<void> SetTyping(sync::DocumentKey document, bool is_typing) {
    return sync_.SetTyping(document, is_typing);
  }

  void Start();
  // Leaves, so that others see it gone at once. What is not sent waits for the next Start.
  void Stop();

  void Pump();
  // Pumps until that is so, or for so long, or until there is nothing to wait for: the server does
  // not want this client. Returns whether it is so.
  bool WaitUntil(const Predicate& predicate, uint64_t timeout_ms);

  sync::ConnectionStatus status() const { return sync_.status(); }
  sync::SessionId session() const { return sync_.session(); }
  bool IsOpen(sync::DocumentKey document) const { return sync_.IsOpen(document); }
  // REQUIRES, of these: the document is open here.
  sync::EditCounts Count(sync::DocumentKey document) const { return sync_.Count(document); }
  bool IsCaughtUp(sync::DocumentKey document) const { return sync_.IsCaughtUp(document); }
  sync::Rights rights(sync::DocumentKey document) const { return sync_.rights(document); }
  const sync::PresenceView& presence(sync::DocumentKey document) const {
    return sync_.presence(document);
  }

  TransportKind transport() const { return connection_->transport(); }
  ConnectionCounters counters() const { return connection_->counters(); }

 private:
  explicit Client(ClientOptions options);
  void OnConnectionEvent(ConnectionEvent& event);
  void DoActions();
  bool MaySend();
  void Send(const sync::Packet& packet) { connection_->Send(proto::EncodePacket(packet)); }
  void TellEvents();
  void WakeInTime();
  void NoteNews();
  std::string Token() const { return options_.token ? options_.token() : std::string(); }

  ClientOptions options_;
  sync::Client sync_;
  std::unique_ptr<ClientConnection> connection_;
  std::optional<uint64_t> wake_at_ms_;
  // What was not saved: packets with numbers, which go out in their order or not at all.
  std::vector<sync::Packet> held_;
  std::optional<uint64_t> save_at_ms_;  // When to try again.
  std::optional<Error> save_failure_;   // To be told.

  std::mutex mutex_;  // Of has_news_.
  std::condition_variable news_;
  bool has_news_ = false;
};

// A ReplicaId that nobody else has.
ReplicaId RandomReplicaId();
// An OtClientId, likewise.
OtClientId RandomOtClientId();

}  // namespace cotext::net

#endif  // COTEXT_NET_CLIENT_CLIENT_H_
