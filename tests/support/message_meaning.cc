#include "tests/support/message_meaning.h"

#include <utility>

#include "sync/messages.h"

namespace cotext {
namespace {

using sync::Message;
using sync::MessageKind;

template <typename Read>
Expected<Message> Rewrite(const Message& message, Read read) {
  auto meaning = read(message);
  if (!meaning) return std::unexpected(std::move(meaning.error()));
  return sync::ToMessage(*meaning);
}

}  // namespace

Expected<Message> WriteWhatIsRead(const Message& message) {
  switch (message.kind) {
    case MessageKind::kUnknown: return message;
    case MessageKind::kHello: return Rewrite(message, sync::ReadHello);
    case MessageKind::kWelcome: return Rewrite(message, sync::ReadWelcome);
    case MessageKind::kLeave: return sync::ToMessage(sync::Leave{});
    case MessageKind::kGoingAway: return Rewrite(message, sync::ReadGoingAway);
    case MessageKind::kPing: return Rewrite(message, sync::ReadPing);
    case MessageKind::kPong: return Rewrite(message, sync::ReadPong);
    case MessageKind::kError: return Rewrite(message, sync::ReadError);
    case MessageKind::kOpen: return Rewrite(message, sync::ReadOpen);
    case MessageKind::kOpened: return Rewrite(message, sync::ReadOpened);
    case MessageKind::kClose: return Rewrite(message, sync::ReadClose);
    case MessageKind::kRights: return Rewrite(message, sync::ReadRights);
    case MessageKind::kAck: return Rewrite(message, sync::ReadAck);
    case MessageKind::kRequest: return Rewrite(message, sync::ReadRequest);
    case MessageKind::kWriter: return Rewrite(message, sync::ReadWriter);
    case MessageKind::kUpdate: return Rewrite(message, sync::ReadUpdate);
    case MessageKind::kVersion: return Rewrite(message, sync::ReadVersion);
    case MessageKind::kBase: return Rewrite(message, sync::ReadBase);
    case MessageKind::kSubmit: return Rewrite(message, sync::ReadSubmit);
    case MessageKind::kCommit: return Rewrite(message, sync::ReadCommit);
    case MessageKind::kRefusal: return Rewrite(message, sync::ReadRefusal);
    case MessageKind::kSnapshot: return Rewrite(message, sync::ReadSnapshot);
    case MessageKind::kHash: return Rewrite(message, sync::ReadHash);
    case MessageKind::kJoin: return Rewrite(message, sync::ReadJoin);
    case MessageKind::kPart: return Rewrite(message, sync::ReadPart);
    case MessageKind::kPresence: return Rewrite(message, sync::ReadPresence);
    case MessageKind::kTyping: return Rewrite(message, sync::ReadTyping);
  }
  return message;
}

}  // namespace cotext
