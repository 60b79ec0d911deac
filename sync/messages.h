// The kinds of messages as structs, and how each lies in a Message. docs/PROTOCOL.md says which is
// sent when, and what is answered.
//
// To... cannot fail. Read... is total: it checks lengths and ranges, not what needs a state; its
// error is kBadMessage, or kInvalidId. Fields that a kind does not use are ignored, so that a later
// version can use them.
#ifndef COTEXT_SYNC_MESSAGES_H_
#define COTEXT_SYNC_MESSAGES_H_

#include <cstdint>
#include <string>

#include "document/document.h"
#include "document/document_id.h"
#include "document/error.h"
#include "sync/message.h"

namespace cotext::sync {

inline constexpr uint64_t kProtocolVersion = 1;

// The number of a session at its server: public, never used again, from 1.
using SessionId = uint64_t;
using Channel = uint64_t;

// What a session may do with a document; bits.
using Rights = uint64_t;
inline constexpr Rights kMayRead = 1;
inline constexpr Rights kMayWrite = 2;
inline constexpr Rights kMayRelay = 4;  // Upload what others wrote: peers, restoring a backup.
inline constexpr Rights kMayShow = 8;   // Be seen by others.
inline constexpr Rights kAllRights = kMayRead | kMayWrite | kMayRelay | kMayShow;

// A wait that the other end asks for is read as no longer than this, a day: who adds it to a time
// does not overflow, nor is anybody sent away for good by it.
inline constexpr uint64_t kRetryMsMax = 86'400'000;

// How far an edit has come.
enum class AckLevel : uint8_t { kReceived = 1, kDurable = 2 };

// The first message on a connection. A token takes up that session again.
struct Hello {
  uint64_t oldest_version = kProtocolVersion;  // Of the protocol, that the client speaks.
  uint64_t newest_version = kProtocolVersion;
  uint64_t capabilities = 0;  // Bits to come.
  uint64_t received = 0;      // Frames of that session that came.
  std::string token = {};
  std::string agent = {};  // Which program it is, for logs.
};
struct Welcome {
  uint64_t version = kProtocolVersion;
  uint64_t capabilities = 0;
  SessionId session = 0;
  uint64_t received = 0;  // Frames that came from the client; 0 in a new session.
  uint64_t message_bytes_max = kMessageBytesMax;
  uint64_t expiry_ms = 0;  // How long the session outlives its connection.
  std::string token = {};  // Another one than was asked for if that session is gone.
  std::string user = {};   // Whom the server takes the client for.
};
// Ends the session at once.
struct Leave {};
// The server is about to close the connection; come back after so long.
struct GoingAway {
  uint64_t retry_after_ms = 0;
};
struct Ping {
  uint64_t value = 0;
};
struct Pong {
  uint64_t value = 0;
};
// What went wrong. Numbered, it is about a channel or, in answer to Open, a request: with a hint,
// what was sent is to be sent again after that; without, the document is not open, or no longer.
// Without a number it ends the session; if it names a channel, for what was sent there.
struct ErrorMessage {
  Channel channel = 0;
  ErrorCode code = ErrorCode::kBadMessage;
  uint64_t request = 0;
  uint64_t retry_after_ms = 0;  // 0: do not try again.
  std::string text = {};
};

// Asks for a document. Its version says what the client has of it.
struct Open {
  uint64_t request = 0;  // From 1; names this message in the answer.
  Engine engine = Engine::kRga;
  uint64_t writer = 0;  // ReplicaId or OtClientId.
  DocumentId id = {};   // All zero: whichever document has that name.
  std::string name = {};
  std::string version = {};  // Empty: nothing. RGA: a version vector; OT: revision as a varint.
};
struct Opened {
  Channel channel = 0;
  uint64_t request = 0;
  Engine engine = Engine::kRga;
  Rights rights = 0;
  uint64_t horizon = 0;  // OT: the earliest revision that it can go on from.
  DocumentId id = {};
  std::string version = {};  // What the server has, in the same form.
};
struct Close {
  Channel channel = 0;
};
struct RightsMessage {
  Channel channel = 0;
  Rights rights = 0;
};
// The operations of a writer up to a counter, or his submissions up to a number, have come so far.
struct Ack {
  Channel channel = 0;
  AckLevel level = AckLevel::kReceived;
  uint64_t writer = 0;
  uint64_t upto = 0;
  uint64_t revision = 0;  // OT: as which submission `upto` was committed.
};
// Asks for what this version lacks.
struct Request {
  Channel channel = 0;
  std::string version = {};
};

// Whose a writer's id is: from a server to those who relay, and from them to another server.
struct WriterMessage {
  Channel channel = 0;
  uint64_t writer = 0;
  std::string user = {};
};

struct UpdateMessage {
  Channel channel = 0;
  std::string update = {};
};
// What a peer has.
struct VersionMessage {
  Channel channel = 0;
  std::string version = {};
};

// A piece of what a trimmed document begins with, a document file, in order; the last one reaches
// `total`. Bytes.
struct BaseMessage {
  Channel channel = 0;
  uint64_t offset = 0;
  uint64_t total = 0;
  std::string piece = {};
};

struct Submit {
  Channel channel = 0;
  uint64_t client = 0;
  uint64_t seq = 0;
  uint64_t base = 0;
  std::string operation = {};
};
struct Commit {
  Channel channel = 0;
  uint64_t revision = 0;
  uint64_t client = 0;
  uint64_t seq = 0;
  std::string operation = {};
};
struct Refusal {
  Channel channel = 0;
  uint64_t client = 0;
  uint64_t seq = 0;
  ErrorCode code = ErrorCode::kBadMessage;
  uint64_t horizon = 0;   // The earliest base that the server can take,
  uint64_t revision = 0;  // and the revision that it is at.
};
// A piece of the text at a revision, in order; the last one reaches `total`. Bytes.
struct Snapshot {
  Channel channel = 0;
  uint64_t revision = 0;
  uint64_t offset = 0;
  uint64_t total = 0;
  std::string piece = {};
};
struct HashMessage {
  Channel channel = 0;
  uint64_t revision = 0;
  uint64_t hash = 0;
};

// From a server. A state is the application's bytes; empty: none.
struct Join {
  Channel channel = 0;
  SessionId session = 0;
  std::string user = {};
  std::string state = {};
};
struct Part {
  Channel channel = 0;
  SessionId session = 0;
};
// From a client, `session` is 0: the server knows whose it is.
struct Presence {
  Channel channel = 0;
  SessionId session = 0;
  std::string state = {};
};
struct Typing {
  Channel channel = 0;
  SessionId session = 0;
  bool is_typing = false;
};

Message ToMessage(const Hello& hello);
Message ToMessage(const Welcome& welcome);
Message ToMessage(const Leave& leave);
Message ToMessage(const GoingAway& going_away);
Message ToMessage(const Ping& ping);
Message ToMessage(const Pong& pong);
Message ToMessage(const ErrorMessage& error);
Message ToMessage(const Open& open);
Message ToMessage(const Opened& opened);
Message ToMessage(const Close& close);
Message ToMessage(const RightsMessage& rights);
Message ToMessage(const Ack& ack);
Message ToMessage(const Request& request);
Message ToMessage(const WriterMessage& writer);
Message ToMessage(const UpdateMessage& update);
Message ToMessage(const VersionMessage& version);
Message ToMessage(const BaseMessage& base);
Message ToMessage(const Submit& submit);
Message ToMessage(const Commit& commit);
Message ToMessage(const Refusal& refusal);
Message ToMessage(const Snapshot& snapshot);
Message ToMessage(const HashMessage& hash);
Message ToMessage(const Join& join);
Message ToMessage(const Part& part);
Message ToMessage(const Presence& presence);
Message ToMessage(const Typing& typing);

// REQUIRES, of all: the message is of that kind.
Expected<Hello> ReadHello(const Message& message);
Expected<Welcome> ReadWelcome(const Message& message);
Expected<GoingAway> ReadGoingAway(const Message& message);
Expected<Ping> ReadPing(const Message& message);
Expected<Pong> ReadPong(const Message& message);
Expected<ErrorMessage> ReadError(const Message& message);
Expected<Open> ReadOpen(const Message& message);
Expected<Opened> ReadOpened(const Message& message);
Expected<Close> ReadClose(const Message& message);
Expected<RightsMessage> ReadRights(const Message& message);
Expected<Ack> ReadAck(const Message& message);
Expected<Request> ReadRequest(const Message& message);
Expected<WriterMessage> ReadWriter(const Message& message);
Expected<UpdateMessage> ReadUpdate(const Message& message);
Expected<VersionMessage> ReadVersion(const Message& message);
Expected<BaseMessage> ReadBase(const Message& message);
Expected<Submit> ReadSubmit(const Message& message);
Expected<Commit> ReadCommit(const Message& message);
Expected<Refusal> ReadRefusal(const Message& message);
Expected<Snapshot> ReadSnapshot(const Message& message);
Expected<HashMessage> ReadHash(const Message& message);
Expected<Join> ReadJoin(const Message& message);
Expected<Part> ReadPart(const Message& message);
Expected<Presence> ReadPresence(const Message& message);
Expected<Typing> ReadTyping(const Message& message);

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_MESSAGES_H_
