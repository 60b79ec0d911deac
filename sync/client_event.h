// What a client asks of whoever drives it, and what it has to tell the application.
#ifndef COTEXT_SYNC_CLIENT_EVENT_H_
#define COTEXT_SYNC_CLIENT_EVENT_H_

#include <cstdint>
#include <string>
#include <variant>

#include "document/document_id.h"
#include "document/error.h"
#include "ot/ot_replica.h"
#include "sync/messages.h"
#include "sync/packet.h"

namespace cotext::sync {

// A document that a client has opened; the client's number, never used again.
using DocumentKey = uint64_t;

// Make a connection; it is told of by OnConnected or OnDisconnected.
struct Connect {};
// Close the connection; OnDisconnected need not follow.
struct Disconnect {};
using ClientAction = std::variant<Connect, Packet, Disconnect>;

enum class ConnectionStatus : uint8_t { kDisconnected, kConnecting, kConnected, kReconnecting };

struct StatusChanged {
  ConnectionStatus status = ConnectionStatus::kDisconnected;
  // Why the client is disconnected for good, or was disconnected; kTimedOut, and so on.
  Error reason = {};
};
// A document is open; edits flow.
struct DocumentOpened {
  DocumentKey document = 0;
  Rights rights = 0;
  DocumentId id = {};  // To be kept with the document.
};
// All that the server had when it was opened is there.
struct DocumentCaughtUp {
  DocumentKey document = 0;
};
// The document can not be kept in step any longer, or never could. Its text is as it was; the
// application may go on with it, and open it again under another name or replica.
struct DocumentFailed {
  DocumentKey document = 0;
  Error error = {};
};
// Edits of an OT document that will not be committed any more, for the application to keep: it was
// away for too long, or they were refused.
struct EditsHandedBack {
  DocumentKey document = 0;
  OtHandedBack edits = {};
};
struct RightsChanged {
  DocumentKey document = 0;
  Rights rights = 0;
};
// The server says whose a writer's id is: told to those who relay, who pass it on.
struct WriterNamed {
  DocumentKey document = 0;
  uint64_t writer = 0;
  std::string user = {};
};
// Who is there, or what they show, has changed.
struct PresenceChanged {
  DocumentKey document = 0;
};
// Edits wait here though there is a connection, and will until somebody does something: the server
// lacks others' edits which they follow, and that only who relays may upload (kMissingDependency);
// or the application could not save them before they go out. Told when it begins.
struct EditsHeld {
  DocumentKey document = 0;  // 0: those of all documents.
  Error reason = {};
};
using ClientEvent =
    std::variant<StatusChanged, DocumentOpened, DocumentCaughtUp, DocumentFailed, EditsHandedBack,
                 RightsChanged, WriterNamed, PresenceChanged, EditsHeld>;

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_CLIENT_EVENT_H_
