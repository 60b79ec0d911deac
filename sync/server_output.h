// What a server wants done by whoever drives it, in this order.
#ifndef COTEXT_SYNC_SERVER_OUTPUT_H_
#define COTEXT_SYNC_SERVER_OUTPUT_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "document/error.h"
#include "sync/hub_output.h"
#include "sync/message_pool.h"
#include "sync/packet.h"
#include "sync/server_session.h"
#include "sync/store.h"

namespace cotext::sync {

// A packet for a connection. Its messages are the server's (Server::message), good until the next
// input or TakeActions; one that goes to many has one reference, so that it need be encoded once
// only.
struct SendPacket {
  ConnectionId connection = 0;
  PacketHead head;
  std::vector<MessageRef> messages;
};

// Closes a connection, once what was sent is on its way. The server takes nothing from it any more.
struct CloseConnection {
  ConnectionId connection = 0;
  Error reason;
  // Whether the client may come back at once, as if nothing had been.
  bool may_retry = false;
};

// A call of the store.
struct CallStore {
  std::string document;
  Ticket ticket = 0;
  HubStoreCall call;
};

using ServerAction = std::variant<SendPacket, CloseConnection, CallStore>;

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_SERVER_OUTPUT_H_
