#include "sync/messages.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "document/document.h"
#include "document/utf8.h"

namespace cotext::sync {
namespace {

using Numbers = std::array<uint64_t, Message::kNumbers>;

Message Make(MessageKind kind, Channel channel, Numbers numbers, std::string first = {},
             std::string second = {}) {
  return Message{.kind = kind,
                 .channel = channel,
                 .numbers = numbers,
                 .bytes = {std::move(first), std::move(second)}};
}

std::unexpected<Error> Bad(std::string what) {
  return MakeError(ErrorCode::kBadMessage, std::move(what));
}

Expected<void> CheckSize(const std::string& bytes, size_t max, std::string_view what) {
  if (bytes.size() > max) return Bad(std::string(what) + " is too long");
  return {};
}

Expected<void> CheckChannel(const Message& message) {
  if (message.channel == 0) return Bad("lacks the channel");
  return {};
}

Expected<void> CheckContent(const Message& message) {
  COTEXT_RETURN_IF_ERROR(CheckChannel(message));
  return CheckSize(message.bytes[0], kMessageBytesMax, "its content");
}

// Ids of replicas and of OT clients have the same range.
Expected<void> CheckWriter(uint64_t writer) {
  constexpr uint64_t kLimit = uint64_t{1} << 53U;
  if (writer == 0 || writer >= kLimit) {
    return MakeError(ErrorCode::kInvalidId, "a writer's id is not in 1 .. 2^53 - 1");
  }
  return {};
}

Expected<Engine> ReadEngine(uint64_t number) {
  if (number > static_cast<uint64_t>(Engine::kOt)) return Bad("names no engine");
  return static_cast<Engine>(number);
}

ErrorCode ReadCode(uint64_t number) {
  constexpr uint64_t kMax = std::numeric_limits<uint8_t>::max();
  // A later version may know more codes than this one; their text says what is meant.
  return static_cast<ErrorCode>(std::min(number, kMax));
}

// The bytes of a document's id in order, the first the highest of the first number.
std::array<uint64_t, 2> PackId(const DocumentId& id) {
  std::array<uint64_t, 2> numbers{};
  for (size_t i = 0; i < id.bytes.size(); ++i) {
    numbers[i / 8] = numbers[i / 8] << 8U | id.bytes[i];
  }
  return numbers;
}

DocumentId UnpackId(uint64_t high, uint64_t low) {
  DocumentId id;
  for (size_t i = 0; i < 8; ++i) {
    id.bytes[7 - i] = static_cast<uint8_t>(high >> 8 * i);
    id.bytes[15 - i] = static_cast<uint8_t>(low >> 8 * i);
  }
  return id;
}

}  // namespace

Message ToMessage(const Hello& hello) {
  return Make(MessageKind::kHello, 0,
              {hello.oldest_version, hello.newest_version, hello.capabilities, hello.received},
              hello.token, hello.agent);
}

Expected<Hello> ReadHello(const Message& message) {
  COTEXT_RETURN_IF_ERROR(CheckSize(message.bytes[0], kTokenMax, "the token"));
  COTEXT_RETURN_IF_ERROR(CheckSize(message.bytes[1], kUserNameMax, "the agent"));
  return Hello{.oldest_version = message.numbers[0],
               .newest_version = message.numbers[1],
               .capabilities = message.numbers[2],
               .received = message.numbers[3],
               .token = message.bytes[0],
               .agent = message.bytes[1]};
}

Message ToMessage(const Welcome& welcome) {
  return Make(MessageKind::kWelcome, 0,
              {welcome.version, welcome.capabilities, welcome.session, welcome.received,
               welcome.message_bytes_max, welcome.expiry_ms},
              welcome.token, welcome.user);
}

Expected<Welcome> ReadWelcome(const Message& message) {
  COTEXT_RETURN_IF_ERROR(CheckSize(message.bytes[0], kTokenMax, "the token"));
  COTEXT_RETURN_IF_ERROR(CheckSize(message.bytes[1], kUserNameMax, "the user"));
  if (message.bytes[0].empty() || message.numbers[2] == 0) return Bad("names no session");
  return Welcome{.version = message.numbers[0],
                 .capabilities = message.numbers[1],
                 .session = message.numbers[2],
                 .received = message.numbers[3],
                 .message_bytes_max = message.numbers[4],
                 .expiry_ms = message.numbers[5],
                 .token = message.bytes[0],
                 .user = message.bytes[1]};
}

Message ToMessage(const Leave& /*leave*/) { return Make(MessageKind::kLeave, 0, {}); }

Message ToMessage(const GoingAway& going_away) {
  return Make(MessageKind::kGoingAway, 0, {going_away.retry_after_ms});
}

Expected<GoingAway> ReadGoingAway(const Message& message) {
  return GoingAway{.retry_after_ms = std::min(message.numbers[0], kRetryMsMax)};
}

Message ToMessage(const Ping& ping) { return Make(MessageKind::kPing, 0, {ping.value}); }

Expected<Ping> ReadPing(const Message& message) { return Ping{.value = message.numbers[0]}; }

Message ToMessage(const Pong& pong) { return Make(MessageKind::kPong, 0, {pong.value}); }

Expected<Pong> ReadPong(const Message& message) { return Pong{.value = message.numbers[0]}; }

Message ToMessage(const ErrorMessage& error) {
  return Make(MessageKind::kError, error.channel,
              {static_cast<uint64_t>(error.code), error.request, error.retry_after_ms}, error.text);
}

Expected<ErrorMessage> ReadError(const Message& message) {
  COTEXT_RETURN_IF_ERROR(CheckSize(message.bytes[0], kErrorTextMax, "the text"));
  return ErrorMessage{.channel = message.channel,
                      .code = ReadCode(message.numbers[0]),
                      .request = message.numbers[1],
                      .retry_after_ms = std::min(message.numbers[2], kRetryMsMax),
                      .text = message.bytes[0]};
}

Message ToMessage(const Open& open) {
  const auto [high, low] = PackId(open.id);
  return Make(MessageKind::kOpen, 0,
              {open.request, static_cast<uint64_t>(open.engine), open.writer, high, low}, open.name,
              open.version);
}

Expected<Open> ReadOpen(const Message& message) {
  if (message.numbers[0] == 0) return Bad("lacks the request's number");
  Expected<Engine> engine = ReadEngine(message.numbers[1]);
  if (!engine) return std::unexpected(std::move(engine.error()));
  COTEXT_RETURN_IF_ERROR(CheckWriter(message.numbers[2]));
  COTEXT_RETURN_IF_ERROR(CheckSize(message.bytes[0], kDocumentNameMax, "the document's name"));
  COTEXT_RETURN_IF_ERROR(CheckSize(message.bytes[1], kMessageBytesMax, "the version"));
  if (message.bytes[0].empty()) return Bad("names no document");
  if (!IsValidUtf8(message.bytes[0])) return Bad("the document's name is not UTF-8");
  return Open{.request = message.numbers[0],
              .engine = *engine,
              .writer = message.numbers[2],
              .id = UnpackId(message.numbers[3], message.numbers[4]),
              .name = message.bytes[0],
              .version = message.bytes[1]};
}

Message ToMessage(const Opened& opened) {
  const auto [high, low] = PackId(opened.id);
  return Make(MessageKind::kOpened, opened.channel,
              {opened.request, static_cast<uint64_t>(opened.engine), opened.rights, high, low,
               opened.horizon},
              opened.version);
}

Expected<Opened> ReadOpened(const Message& message) {
  COTEXT_RETURN_IF_ERROR(CheckContent(message));
  Expected<Engine> engine = ReadEngine(message.numbers[1]);
  if (!engine) return std::unexpected(std::move(engine.error()));
  return Opened{.channel = message.channel,
                .request = message.numbers[0],
                .engine = *engine,
                .rights = message.numbers[2],
                .horizon = message.numbers[5],
                .id = UnpackId(message.numbers[3], message.numbers[4]),
                .version = message.bytes[0]};
}

Message ToMessage(const Close& close) { return Make(MessageKind::kClose, close.channel, {}); }

Expected<Close> ReadClose(const Message& message) {
  COTEXT_RETURN_IF_ERROR(CheckChannel(message));
  return Close{.channel = message.channel};
}

Message ToMessage(const RightsMessage& rights) {
  return Make(MessageKind::kRights, rights.channel, {rights.rights});
}

Expected<RightsMessage> ReadRights(const Message& message) {
  COTEXT_RETURN_IF_ERROR(CheckChannel(message));
  return RightsMessage{.channel = message.channel, .rights = message.numbers[0]};
}

Message ToMessage(const Ack& ack) {
  return Make(MessageKind::kAck, ack.channel,
              {static_cast<uint64_t>(ack.level), ack.writer, ack.upto, ack.revision});
}

Expected<Ack> ReadAck(const Message& message) {
  COTEXT_RETURN_IF_ERROR(CheckChannel(message));
  COTEXT_RETURN_IF_ERROR(CheckWriter(message.numbers[1]));
  const uint64_t level = message.numbers[0];
  if (level < static_cast<uint64_t>(AckLevel::kReceived) ||
      level > static_cast<uint64_t>(AckLevel::kDurable)) {
    return Bad("names no level");
  }
  return Ack{.channel = message.channel,
             .level = static_cast<AckLevel>(level),
             .writer = message.numbers[1],
             .upto = message.numbers[2],
             .revision = message.numbers[3]};
}

Message ToMessage(const Request& request) {
  return Make(MessageKind::kRequest, request.channel, {}, request.version);
}

Expected<Request> ReadRequest(const Message& message) {
  COTEXT_RETURN_IF_ERROR(CheckContent(message));
  return Request{.channel = message.channel, .version = message.bytes[0]};
}

Message ToMessage(const WriterMessage& writer) {
  return Make(MessageKind::kWriter, writer.channel, {writer.writer}, writer.user);
}

Expected<WriterMessage> ReadWriter(const Message& message) {
  COTEXT_RETURN_IF_ERROR(CheckChannel(message));
  COTEXT_RETURN_IF_ERROR(CheckWriter(message.numbers[0]));
  COTEXT_RETURN_IF_ERROR(CheckSize(message.bytes[0], kUserNameMax, "the user"));
  return WriterMessage{
      .channel = message.channel, .writer = message.numbers[0], .user = message.bytes[0]};
}

Message ToMessage(const UpdateMessage& update) {
  return Make(MessageKind::kUpdate, update.channel, {}, update.update);
}

Expected<UpdateMessage> ReadUpdate(const Message& message) {
  COTEXT_RETURN_IF_ERROR(CheckContent(message));
  return UpdateMessage{.channel = message.channel, .update = message.bytes[0]};
}

Message ToMessage(const VersionMessage& version) {
  return Make(MessageKind::kVersion, version.channel, {}, version.version);
}

Expected<VersionMessage> ReadVersion(const Message& message) {
  COTEXT_RETURN_IF_ERROR(CheckContent(message));
  return VersionMessage{.channel = message.channel, .version = message.bytes[0]};
}

Message ToMessage(const BaseMessage& base) {
  return Make(MessageKind::kBase, base.channel, {base.offset, base.total}, base.piece);
}

Expected<BaseMessage> ReadBase(const Message& message) {
  COTEXT_RETURN_IF_ERROR(CheckContent(message));
  const uint64_t offset = message.numbers[0];
  const uint64_t total = message.numbers[1];
  if (offset > total || message.bytes[0].size() > total - offset) {
    return Bad("a piece of a base is not within it");
  }
  return BaseMessage{
      .channel = message.channel, .offset = offset, .total = total, .piece = message.bytes[0]};
}

Message ToMessage(const Submit& submit) {
  return Make(MessageKind::kSubmit, submit.channel, {submit.client, submit.seq, submit.base},
              submit.operation);
}

Expected<Submit> ReadSubmit(const Message& message) {
  COTEXT_RETURN_IF_ERROR(CheckContent(message));
  COTEXT_RETURN_IF_ERROR(CheckWriter(message.numbers[0]));
  return Submit{.channel = message.channel,
                .client = message.numbers[0],
                .seq = message.numbers[1],
                .base = message.numbers[2],
                .operation = message.bytes[0]};
}

Message ToMessage(const Commit& commit) {
  return Make(MessageKind::kCommit, commit.channel, {commit.revision, commit.client, commit.seq},
              commit.operation);
}

Expected<Commit> ReadCommit(const Message& message) {
  COTEXT_RETURN_IF_ERROR(CheckContent(message));
  COTEXT_RETURN_IF_ERROR(CheckWriter(message.numbers[1]));
  return Commit{.channel = message.channel,
                .revision = message.numbers[0],
                .client = message.numbers[1],
                .seq = message.numbers[2],
                .operation = message.bytes[0]};
}

Message ToMessage(const Refusal& refusal) {
  return Make(MessageKind::kRefusal, refusal.channel,
              {refusal.client, refusal.seq, static_cast<uint64_t>(refusal.code), refusal.horizon,
               refusal.revision});
}

Expected<Refusal> ReadRefusal(const Message& message) {
  COTEXT_RETURN_IF_ERROR(CheckChannel(message));
  COTEXT_RETURN_IF_ERROR(CheckWriter(message.numbers[0]));
  return Refusal{.channel = message.channel,
                 .client = message.numbers[0],
                 .seq = message.numbers[1],
                 .code = ReadCode(message.numbers[2]),
                 .horizon = message.numbers[3],
                 .revision = message.numbers[4]};
}

Message ToMessage(const Snapshot& snapshot) {
  return Make(MessageKind::kSnapshot, snapshot.channel,
              {snapshot.revision, snapshot.offset, snapshot.total}, snapshot.piece);
}

Expected<Snapshot> ReadSnapshot(const Message& message) {
  COTEXT_RETURN_IF_ERROR(CheckContent(message));
  const uint64_t offset = message.numbers[1];
  const uint64_t total = message.numbers[2];
  if (offset > total || message.bytes[0].size() > total - offset) {
    return Bad("a piece of a text is not within it");
  }
  return Snapshot{.channel = message.channel,
                  .revision = message.numbers[0],
                  .offset = offset,
                  .total = total,
                  .piece = message.bytes[0]};
}

Message ToMessage(const HashMessage& hash) {
  return Make(MessageKind::kHash, hash.channel, {hash.revision, hash.hash});
}

Expected<HashMessage> ReadHash(const Message& message) {
  COTEXT_RETURN_IF_ERROR(CheckChannel(message));
  return HashMessage{
      .channel = message.channel, .revision = message.numbers[0], .hash = message.numbers[1]};
}

Message ToMessage(const Join& join) {
  return Make(MessageKind::kJoin, join.channel, {join.session}, join.user, join.state);
}

Expected<Join> ReadJoin(const Message& message) {
  COTEXT_RETURN_IF_ERROR(CheckChannel(message));
  COTEXT_RETURN_IF_ERROR(CheckSize(message.bytes[0], kUserNameMax, "the user"));
  COTEXT_RETURN_IF_ERROR(CheckSize(message.bytes[1], kPresenceStateMax, "the state"));
  return Join{.channel = message.channel,
              .session = message.numbers[0],
              .user = message.bytes[0],
              .state = message.bytes[1]};
}

Message ToMessage(const Part& part) {
  return Make(MessageKind::kPart, part.channel, {part.session});
}

Expected<Part> ReadPart(const Message& message) {
  COTEXT_RETURN_IF_ERROR(CheckChannel(message));
  return Part{.channel = message.channel, .session = message.numbers[0]};
}

Message ToMessage(const Presence& presence) {
  return Make(MessageKind::kPresence, presence.channel, {presence.session}, presence.state);
}

Expected<Presence> ReadPresence(const Message& message) {
  COTEXT_RETURN_IF_ERROR(CheckChannel(message));
  COTEXT_RETURN_IF_ERROR(CheckSize(message.bytes[0], kPresenceStateMax, "the state"));
  return Presence{
      .channel = message.channel, .session = message.numbers[0], .state = message.bytes[0]};
}

Message ToMessage(const Typing& typing) {
  return Make(MessageKind::kTyping, typing.channel,
              {typing.session, typing.is_typing ? uint64_t{1} : uint64_t{0}});
}

Expected<Typing> ReadTyping(const Message& message) {
  COTEXT_RETURN_IF_ERROR(CheckChannel(message));
  if (message.numbers[1] > 1) return Bad("somebody types or does not");
  return Typing{.channel = message.channel,
                .session = message.numbers[0],
                .is_typing = message.numbers[1] == 1};
}

}  // namespace cotext::sync
