// Each kind has two functions: Fill sets the fields from the numbers and strings that
// sync/messages.h gives them, Read is its inverse.
#include "proto/mapping.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

namespace cotext::proto {
namespace {

using Flat = sync::Message;
using Kind = sync::MessageKind;

constexpr size_t kDocumentIdBytes = 16;

// Enumerations are 32 bits with a sign. What does not fit, either way, becomes a value that none
// has.
constexpr int kNoEnum = std::numeric_limits<int32_t>::max();

int ToEnum(uint64_t number) {
  return static_cast<int>(std::min(number, static_cast<uint64_t>(kNoEnum)));
}

uint64_t FromEnum(int value) { return static_cast<uint64_t>(value < 0 ? kNoEnum : value); }

uint32_t ToCode(uint64_t number) {
  constexpr uint64_t kMax = std::numeric_limits<uint32_t>::max();
  return static_cast<uint32_t>(std::min(number, kMax));
}

// The id's bytes in order, the first the highest of `high`; none for the id that names nothing.
std::string DocumentIdBytes(uint64_t high, uint64_t low) {
  if (high == 0 && low == 0) return {};
  std::string bytes;
  for (const uint64_t half : {high, low}) {
    for (unsigned shift = 64; shift > 0; shift -= 8) {
      bytes.push_back(static_cast<char>(half >> (shift - 8)));
    }
  }
  return bytes;
}

bool ReadDocumentId(const std::string& bytes, uint64_t& high, uint64_t& low) {
  if (bytes.empty()) return true;
  if (bytes.size() != kDocumentIdBytes) return false;
  for (size_t i = 0; i < kDocumentIdBytes; ++i) {
    uint64_t& half = i < kDocumentIdBytes / 2 ? high : low;
    half = half << 8U | static_cast<unsigned char>(bytes[i]);
  }
  return true;
}

// The session.

void Fill(const Flat& flat, Hello& hello) {
  hello.set_oldest_version(flat.numbers[0]);
  hello.set_newest_version(flat.numbers[1]);
  hello.set_capabilities(flat.numbers[2]);
  hello.set_received(flat.numbers[3]);
  hello.set_token(flat.bytes[0]);
  hello.set_agent(flat.bytes[1]);
}

void Read(Hello& hello, Flat& flat) {
  flat.numbers = {hello.oldest_version(), hello.newest_version(), hello.capabilities(),
                  hello.received()};
  flat.bytes = {std::move(*hello.mutable_token()), std::move(*hello.mutable_agent())};
}

void Fill(const Flat& flat, Welcome& welcome) {
  welcome.set_version(flat.numbers[0]);
  welcome.set_capabilities(flat.numbers[1]);
  welcome.set_session(flat.numbers[2]);
  welcome.set_received(flat.numbers[3]);
  welcome.set_message_bytes_max(flat.numbers[4]);
  welcome.set_expiry_ms(flat.numbers[5]);
  welcome.set_token(flat.bytes[0]);
  welcome.set_user(flat.bytes[1]);
}

void Read(Welcome& welcome, Flat& flat) {
  flat.numbers = {welcome.version(),  welcome.capabilities(),      welcome.session(),
                  welcome.received(), welcome.message_bytes_max(), welcome.expiry_ms()};
  flat.bytes = {std::move(*welcome.mutable_token()), std::move(*welcome.mutable_user())};
}

void Fill(const Flat& flat, GoingAway& going_away) {
  going_away.set_retry_after_ms(flat.numbers[0]);
}

void Read(const GoingAway& going_away, Flat& flat) {
  flat.numbers[0] = going_away.retry_after_ms();
}

void Fill(const Flat& flat, Ping& ping) { ping.set_value(flat.numbers[0]); }

void Read(const Ping& ping, Flat& flat) { flat.numbers[0] = ping.value(); }

void Fill(const Flat& flat, Pong& pong) { pong.set_value(flat.numbers[0]); }

void Read(const Pong& pong, Flat& flat) { flat.numbers[0] = pong.value(); }

void Fill(const Flat& flat, Error& error) {
  error.set_code(ToCode(flat.numbers[0]));
  error.set_request(flat.numbers[1]);
  error.set_retry_after_ms(flat.numbers[2]);
  error.set_text(flat.bytes[0]);
}

void Read(Error& error, Flat& flat) {
  flat.numbers = {error.code(), error.request(), error.retry_after_ms()};
  flat.bytes[0] = std::move(*error.mutable_text());
}

// Documents.

void Fill(const Flat& flat, Open& open) {
  open.set_request(flat.numbers[0]);
  open.set_engine(static_cast<Engine>(ToEnum(flat.numbers[1])));
  open.set_writer(flat.numbers[2]);
  open.set_document_id(DocumentIdBytes(flat.numbers[3], flat.numbers[4]));
  open.set_name(flat.bytes[0]);
  open.set_version(flat.bytes[1]);
}

bool Read(Open& open, Flat& flat) {
  flat.numbers = {open.request(), FromEnum(open.engine()), open.writer()};
  flat.bytes = {std::move(*open.mutable_name()), std::move(*open.mutable_version())};
  return ReadDocumentId(open.document_id(), flat.numbers[3], flat.numbers[4]);
}

void Fill(const Flat& flat, Opened& opened) {
  opened.set_request(flat.numbers[0]);
  opened.set_engine(static_cast<Engine>(ToEnum(flat.numbers[1])));
  opened.set_rights(flat.numbers[2]);
  opened.set_document_id(DocumentIdBytes(flat.numbers[3], flat.numbers[4]));
  opened.set_horizon(flat.numbers[5]);
  opened.set_version(flat.bytes[0]);
}

bool Read(Opened& opened, Flat& flat) {
  flat.numbers = {opened.request(), FromEnum(opened.engine()), opened.rights()};
  flat.numbers[5] = opened.horizon();
  flat.bytes[0] = std::move(*opened.mutable_version());
  return ReadDocumentId(opened.document_id(), flat.numbers[3], flat.numbers[4]);
}

void Fill(const Flat& flat, Rights& rights) { rights.set_rights(flat.numbers[0]); }

void Read(const Rights& rights, Flat& flat) { flat.numbers[0] = rights.rights(); }

void Fill(const Flat& flat, Ack& ack) {
  ack.set_level(static_cast<AckLevel>(ToEnum(flat.numbers[0])));
  ack.set_writer(flat.numbers[1]);
  ack.set_upto(flat.numbers[2]);
  ack.set_revision(flat.numbers[3]);
}

void Read(const Ack& ack, Flat& flat) {
  flat.numbers = {FromEnum(ack.level()), ack.writer(), ack.upto(), ack.revision()};
}

void Fill(const Flat& flat, Request& request) { request.set_version(flat.bytes[0]); }

void Read(Request& request, Flat& flat) { flat.bytes[0] = std::move(*request.mutable_version()); }

void Fill(const Flat& flat, Writer& writer) {
  writer.set_writer(flat.numbers[0]);
  writer.set_user(flat.bytes[0]);
}

void Read(Writer& writer, Flat& flat) {
  flat.numbers[0] = writer.writer();
  flat.bytes[0] = std::move(*writer.mutable_user());
}

// Edits.

void Fill(const Flat& flat, Update& update) { update.set_update(flat.bytes[0]); }

void Read(Update& update, Flat& flat) { flat.bytes[0] = std::move(*update.mutable_update()); }

void Fill(const Flat& flat, Version& version) { version.set_version(flat.bytes[0]); }

void Read(Version& version, Flat& flat) { flat.bytes[0] = std::move(*version.mutable_version()); }

void Fill(const Flat& flat, Base& base) {
  base.set_offset(flat.numbers[0]);
  base.set_total(flat.numbers[1]);
  base.set_piece(flat.bytes[0]);
}

void Read(Base& base, Flat& flat) {
  flat.numbers = {base.offset(), base.total()};
  flat.bytes[0] = std::move(*base.mutable_piece());
}

void Fill(const Flat& flat, Submit& submit) {
  submit.set_client(flat.numbers[0]);
  submit.set_seq(flat.numbers[1]);
  submit.set_base(flat.numbers[2]);
  submit.set_operation(flat.bytes[0]);
}

void Read(Submit& submit, Flat& flat) {
  flat.numbers = {submit.client(), submit.seq(), submit.base()};
  flat.bytes[0] = std::move(*submit.mutable_operation());
}

void Fill(const Flat& flat, Commit& commit) {
  commit.set_revision(flat.numbers[0]);
  commit.set_client(flat.numbers[1]);
  commit.set_seq(flat.numbers[2]);
  commit.set_operation(flat.bytes[0]);
}

void Read(Commit& commit, Flat& flat) {
  flat.numbers = {commit.revision(), commit.client(), commit.seq()};
  flat.bytes[0] = std::move(*commit.mutable_operation());
}

void Fill(const Flat& flat, Refusal& refusal) {
  refusal.set_client(flat.numbers[0]);
  refusal.set_seq(flat.numbers[1]);
  refusal.set_code(ToCode(flat.numbers[2]));
  refusal.set_horizon(flat.numbers[3]);
  refusal.set_revision(flat.numbers[4]);
}

void Read(const Refusal& refusal, Flat& flat) {
  flat.numbers = {refusal.client(), refusal.seq(), refusal.code(), refusal.horizon(),
                  refusal.revision()};
}

void Fill(const Flat& flat, Snapshot& snapshot) {
  snapshot.set_revision(flat.numbers[0]);
  snapshot.set_offset(flat.numbers[1]);
  snapshot.set_total(flat.numbers[2]);
  snapshot.set_piece(flat.bytes[0]);
}

void Read(Snapshot& snapshot, Flat& flat) {
  flat.numbers = {snapshot.revision(), snapshot.offset(), snapshot.total()};
  flat.bytes[0] = std::move(*snapshot.mutable_piece());
}

void Fill(const Flat& flat, Hash& hash) {
  hash.set_revision(flat.numbers[0]);
  hash.set_hash(flat.numbers[1]);
}

void Read(const Hash& hash, Flat& flat) { flat.numbers = {hash.revision(), hash.hash()}; }

// Who is there.

void Fill(const Flat& flat, Join& join) {
  join.set_session(flat.numbers[0]);
  join.set_user(flat.bytes[0]);
  join.set_state(flat.bytes[1]);
}

void Read(Join& join, Flat& flat) {
  flat.numbers[0] = join.session();
  flat.bytes = {std::move(*join.mutable_user()), std::move(*join.mutable_state())};
}

void Fill(const Flat& flat, Part& part) { part.set_session(flat.numbers[0]); }

void Read(const Part& part, Flat& flat) { flat.numbers[0] = part.session(); }

void Fill(const Flat& flat, Presence& presence) {
  presence.set_session(flat.numbers[0]);
  presence.set_state(flat.bytes[0]);
}

void Read(Presence& presence, Flat& flat) {
  flat.numbers[0] = presence.session();
  flat.bytes[0] = std::move(*presence.mutable_state());
}

void Fill(const Flat& flat, Typing& typing) {
  typing.set_session(flat.numbers[0]);
  typing.set_is_typing(flat.numbers[1] != 0);
}

void Read(const Typing& typing, Flat& flat) {
  flat.numbers = {typing.session(), typing.is_typing() ? uint64_t{1} : uint64_t{0}};
}

// A kind is a field of the frame, and its number that field's.
Kind KindOf(const Message& frame) { return static_cast<Kind>(frame.kind_case()); }

static_assert(static_cast<int>(Kind::kTyping) == Message::kTyping);
static_assert(Message::KIND_NOT_SET == 0);

}  // namespace

void FillFrame(const sync::Message& message, Message& frame) {
  frame.set_channel(message.channel);
  switch (message.kind) {
    case Kind::kUnknown: return;
    case Kind::kHello: return Fill(message, *frame.mutable_hello());
    case Kind::kWelcome: return Fill(message, *frame.mutable_welcome());
    case Kind::kLeave: frame.mutable_leave(); return;
    case Kind::kGoingAway: return Fill(message, *frame.mutable_going_away());
    case Kind::kPing: return Fill(message, *frame.mutable_ping());
    case Kind::kPong: return Fill(message, *frame.mutable_pong());
    case Kind::kError: return Fill(message, *frame.mutable_error());
    case Kind::kOpen: return Fill(message, *frame.mutable_open());
    case Kind::kOpened: return Fill(message, *frame.mutable_opened());
    case Kind::kClose: frame.mutable_close(); return;
    case Kind::kRights: return Fill(message, *frame.mutable_rights());
    case Kind::kAck: return Fill(message, *frame.mutable_ack());
    case Kind::kRequest: return Fill(message, *frame.mutable_request());
    case Kind::kWriter: return Fill(message, *frame.mutable_writer());
    case Kind::kUpdate: return Fill(message, *frame.mutable_update());
    case Kind::kVersion: return Fill(message, *frame.mutable_version());
    case Kind::kBase: return Fill(message, *frame.mutable_base());
    case Kind::kSubmit: return Fill(message, *frame.mutable_submit());
    case Kind::kCommit: return Fill(message, *frame.mutable_commit());
    case Kind::kRefusal: return Fill(message, *frame.mutable_refusal());
    case Kind::kSnapshot: return Fill(message, *frame.mutable_snapshot());
    case Kind::kHash: return Fill(message, *frame.mutable_hash());
    case Kind::kJoin: return Fill(message, *frame.mutable_join());
    case Kind::kPart: return Fill(message, *frame.mutable_part());
    case Kind::kPresence: return Fill(message, *frame.mutable_presence());
    case Kind::kTyping: return Fill(message, *frame.mutable_typing());
  }
}

Expected<sync::Message> ReadFrame(Message& frame) {
  sync::Message message;
  message.kind = KindOf(frame);
  message.channel = frame.channel();
  bool is_valid = true;
  switch (frame.kind_case()) {
    case Message::kHello: Read(*frame.mutable_hello(), message); break;
    case Message::kWelcome: Read(*frame.mutable_welcome(), message); break;
    case Message::kGoingAway: Read(frame.going_away(), message); break;
    case Message::kPing: Read(frame.ping(), message); break;
    case Message::kPong: Read(frame.pong(), message); break;
    case Message::kError: Read(*frame.mutable_error(), message); break;
    case Message::kOpen: is_valid = Read(*frame.mutable_open(), message); break;
    case Message::kOpened: is_valid = Read(*frame.mutable_opened(), message); break;
    case Message::kRights: Read(frame.rights(), message); break;
    case Message::kAck: Read(frame.ack(), message); break;
    case Message::kRequest: Read(*frame.mutable_request(), message); break;
    case Message::kWriter: Read(*frame.mutable_writer(), message); break;
    case Message::kUpdate: Read(*frame.mutable_update(), message); break;
    case Message::kVersion: Read(*frame.mutable_version(), message); break;
    case Message::kBase: Read(*frame.mutable_base(), message); break;
    case Message::kSubmit: Read(*frame.mutable_submit(), message); break;
    case Message::kCommit: Read(*frame.mutable_commit(), message); break;
    case Message::kRefusal: Read(frame.refusal(), message); break;
    case Message::kSnapshot: Read(*frame.mutable_snapshot(), message); break;
    case Message::kHash: Read(frame.hash(), message); break;
    case Message::kJoin: Read(*frame.mutable_join(), message); break;
    case Message::kPart: Read(frame.part(), message); break;
    case Message::kPresence: Read(*frame.mutable_presence(), message); break;
    case Message::kTyping: Read(frame.typing(), message); break;
    case Message::kLeave:
    case Message::kClose:
    case Message::KIND_NOT_SET: break;
  }
  if (!is_valid) return MakeError(ErrorCode::kBadMessage, "a document's id is not of 16 bytes");
  return message;
}

}  // namespace cotext::proto
