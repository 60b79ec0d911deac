// A server, its store and some clients that edit one document each, joined by connections that a
// test breaks as it likes.
//
// Everything happens in steps that the test takes: a packet is delivered, the store answers, time
// goes on. What acknowledged edits are is written down, so that a test can ask whether one was
// lost.
#ifndef COTEXT_TESTS_SYNC_SYNC_RIG_H_
#define COTEXT_TESTS_SYNC_SYNC_RIG_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crdt/rga_document.h"
#include "document/document.h"
#include "document/document_id.h"
#include "document/random.h"
#include "ot/ot_replica.h"
#include "sync/client.h"
#include "sync/server.h"
#include "sync/store.h"

namespace cotext::sync {

struct RigOptions {
  size_t clients = 3;
  Engine engine = Engine::kRga;
  ServerOptions server = {};
  ClientOptions client = {};
  Rights rights = kMayRead | kMayWrite | kMayShow;
  bool one_user_each = true;  // Or all are the same.
};

class SyncRig {
 public:
  SyncRig(Random& random, const RigOptions& options);

  size_t client_count() const { return clients_.size(); }
  Client& client(size_t i) { return *clients_[i].client; }
  Document& document(size_t i);
  // How many edits of a client's were handed back to it.
  size_t handed_back(size_t i) const { return clients_[i].handed_back; }
  DocumentKey key(size_t i) const { return clients_[i].key; }
  Server& server() { return *server_; }
  uint64_t now_ms() const { return now_ms_; }
  const std::vector<ClientEvent>& events(size_t i) const { return clients_[i].events; }

  // Lets clients and server hand out what they have to do.
  void Settle();
  // Delivers the next packet of a connection, in either direction, or the one after it; once, or
  // keeping it. Returns whether there was one.
  bool Deliver(size_t client, bool to_server, size_t ahead = 0, bool keeps = false);
  bool DropNext(size_t client, bool to_server);
  void Disconnect(size_t client);
  // Answers the oldest call of the store.
  bool AnswerStore(bool fails = false);
  void Advance(uint64_t ms);
  // The server forgets all but what the store has; of unanswered appends it has some.
  void CrashServer();
  // The client program starts anew with the document as it is.
  void RestartClient(size_t client);
  // Likewise with a new copy of an RGA document, under another id.
  void RenewClient(size_t client);
  // Somebody puts a snapshot in the place of the log while no server has it.
  // REQUIRES: the server crashed, and the store has answered nothing since.
  void ReplaceLog(std::vector<Record> snapshot);

  // Delivers, answers and waits until nothing is left to do. Returns whether that was reached.
  bool Quiesce();

  // How clients stand, and what they were told last.
  std::string Describe() const;

  // The records of the document, as after a crash now.
  const std::vector<Record>& log() const { return log_; }
  // The text of a new document that has all of the log.
  std::string StoredText() const;

 private:
  struct End {
    std::unique_ptr<RgaDocument> document;  // One of these.
    std::unique_ptr<OtReplica> replica;
    DocumentId id = {};  // Of the replica's document, as the server said.
    std::unique_ptr<Client> client;
    DocumentKey key = 0;
    std::optional<ConnectionId> connection;
    std::deque<Packet> up;
    std::deque<Packet> down;
    std::vector<ClientEvent> events;
    size_t handed_back = 0;
  };

  void MakeServer();
  void MakeClient(size_t i);
  Identity IdentityOf(size_t i) const;
  void DoForClient(size_t i);
  void DoForServer();
  void Apply(const CallStore& call);

  Random* random_;
  RigOptions options_;
  uint64_t now_ms_ = 1000;
  std::unique_ptr<Server> server_;
  std::vector<End> clients_;
  ConnectionId next_connection_ = 1;
  uint64_t next_replica_ = 1000;

  std::vector<Record> log_;      // Durable.
  uint64_t compacted_ = 0;       // How many records its first ones stand for,
  size_t snapshot_records_ = 0;  // and how many those are.
  std::deque<CallStore> calls_;
  bool has_failed_ = false;
};

}  // namespace cotext::sync

#endif  // COTEXT_TESTS_SYNC_SYNC_RIG_H_
