// Keeps a document the same at several servers that know nothing of each other: a program that is a
// client of each, with one copy between them, and the right to relay at each.
//
// What a server says of whose an id is goes to the others ahead of what was written under it, so
// that users may go on at another server with what they have (docs/PROTOCOL.md §5). The document
// has the same id at all servers, chosen by whoever made it. A bridge keeps nothing: one that
// starts anew gets all from the servers. Several may join the same servers.
//
// Use: call inputs of the clients, then Share, then TakeActions of each client. Memory: the
// document. Thread-compatible.
#ifndef COTEXT_SYNC_BRIDGE_H_
#define COTEXT_SYNC_BRIDGE_H_

#include <cstddef>
#include <deque>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/document_id.h"
#include "sync/client.h"
#include "sync/client_event.h"

namespace cotext::sync {

struct BridgeOptions {
  std::string document;  // Its name, at all servers.
  DocumentId id;
  ReplicaId replica;  // Any that nobody else has; nothing is written under it.
  size_t servers = 2;
  ClientOptions client = {};
};

class Bridge {
 public:
  Bridge(const Client::RandomBits& random, const BridgeOptions& options)
      : document_(options.replica) {
    document_.SetId(options.id);
    for (size_t server = 0; server < options.servers; ++server) {
      clients_.emplace_back(random, options.client);
      keys_.push_back(clients_.back().Open(options.document, document_));
    }
  }
  // Clients have the address of the document.
  Bridge(const Bridge&) = delete;
  Bridge& operator=(const Bridge&) = delete;

  size_t server_count() const { return clients_.size(); }
  // REQUIRES, here and below: server < server_count().
  Client& client(size_t server) { return clients_[server]; }
  const Client& client(size_t server) const { return clients_[server]; }
  DocumentKey key(size_t server) const { return keys_[server]; }
  const RgaDocument& document() const { return document_; }

  // Lets each client know what the others heard. Returns what is left to be told.
  struct Event {
    size_t server = 0;
    ClientEvent event;
  };
  std::vector<Event> Share() {
    std::vector<Event> events;
    for (size_t server = 0; server < clients_.size(); ++server) {
      for (ClientEvent& event : clients_[server].TakeEvents()) {
        if (const auto* const named = std::get_if<WriterNamed>(&event)) {
          Name(*named);
        } else {
          events.push_back({.server = server, .event = std::move(event)});
        }
      }
    }
    return events;
  }

 private:
  void Name(const WriterNamed& named) {
    for (size_t server = 0; server < clients_.size(); ++server) {
      clients_[server].NameWriter(keys_[server], named.writer, named.user);
    }
  }

  RgaDocument document_;
  std::deque<Client> clients_;  // They do not move.
  std::vector<DocumentKey> keys_;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_BRIDGE_H_
