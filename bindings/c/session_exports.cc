// Sessions for C: sync::Client, whose actions and events are taken one by one.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "bindings/c/arguments.h"
#include "bindings/c/client_calls.h"
#include "bindings/c/cotext.h"
#include "bindings/c/document_handle.h"
#include "bindings/c/event_view.h"
#include "bindings/c/message_view.h"
#include "bindings/c/open_documents.h"
#include "bindings/c/status.h"
#include "document/error.h"
#include "document/random.h"
#include "sync/client.h"
#include "sync/client_event.h"
#include "sync/message.h"

struct cotext_session {
  cotext_session(uint64_t seed, cotext::sync::ClientOptions options)
      : own([random = cotext::Random(seed)]() mutable { return random.Next(); },
            std::move(options)) {}

  cotext::c::OpenDocuments documents;  // Outlive what uses them.
  cotext::sync::Client own;
  uint64_t now_ms = 0;  // The latest time that was told.
  std::deque<cotext::sync::ClientAction> actions;
  std::deque<cotext::sync::ClientEvent> events;
  cotext::c::PacketView packet;
  cotext::c::EventView event;
  mutable bool is_at_work = false;

  cotext::sync::Client& client() { return own; }
  const cotext::sync::Client& client() const { return own; }
};

namespace cotext::c {
namespace {

// Waits are added to times: neither may be so great that a sum of them is none.
constexpr uint64_t kTimeMsMax = uint64_t{1} << 53U;
constexpr uint64_t kWaitMsMax = uint64_t{1} << 40U;

Refusal CheckSessionOptions(const cotext_session_options* options) {
  if (const Refusal refusal = CheckOptions(options); !refusal.is_ok()) return refusal;
  if (std::max({options->ping_ms, options->answer_ms, options->resend_ms}) > kWaitMsMax) {
    return {.status = COTEXT_INVALID_ARGUMENT, .message = "a wait is above 2^40 ms"};
  }
  return CheckBytes(options->agent, options->agent_size, COTEXT_AGENT_BYTES_MAX);
}

sync::ClientOptions ToClientOptions(const cotext_session_options& options) {
  sync::ClientOptions made;
  made.agent = BytesOf(options.agent, options.agent_size);
  if (options.ping_ms != 0) made.ping_ms = options.ping_ms;
  if (options.answer_ms != 0) made.answer_ms = options.answer_ms;
  made.link.resend_ms = options.resend_ms;
  return made;
}

// Time does not go back.
uint64_t Advance(cotext_session& session, uint64_t now_ms) {
  session.now_ms = std::max(session.now_ms, std::min(now_ms, kTimeMsMax));
  return session.now_ms;
}

void TakeEvents(cotext_session& session) {
  for (sync::ClientEvent& event : session.client().TakeEvents()) {
    KeepEvent(session, std::move(event));
  }
}

// Lets the client work at a time.
template <typename Work>
cotext_status DoWork(cotext_session* session, uint64_t now_ms, Work work) {
  COTEXT_C_REFUSE(CheckIdle(session));
  const AtWork at_work(session->is_at_work);
  work(session->client(), Advance(*session, now_ms));
  TakeEvents(*session);
  return COTEXT_OK;
}

cotext_action Show(cotext_session& session, sync::ClientAction action) {
  cotext_action shown{};
  if (auto* const packet = std::get_if<sync::Packet>(&action)) {
    shown.kind = COTEXT_SEND;
    shown.packet = session.packet.Show(std::move(*packet));
  } else {
    shown.kind = std::holds_alternative<sync::Connect>(action) ? COTEXT_CONNECT : COTEXT_DISCONNECT;
  }
  return shown;
}

}  // namespace
}  // namespace cotext::c

// What C calls is in no namespace.
using namespace cotext;
using namespace cotext::c;

cotext_status cotext_session_new(const cotext_session_options* options, cotext_session** out) {
  COTEXT_C_REFUSE(CheckSessionOptions(options));
  COTEXT_C_REFUSE(CheckNotNull(out));
  *out = std::make_unique<cotext_session>(options->seed, ToClientOptions(*options)).release();
  return COTEXT_OK;
}

cotext_status cotext_session_free(cotext_session* session) {
  if (session == nullptr) return COTEXT_OK;
  if (session->is_at_work) return Fail(kAtWork);
  delete session;
  return COTEXT_OK;
}

cotext_status cotext_session_open(cotext_session* session, const char* name, size_t size,
                                  cotext_document* document, const uint64_t* former,
                                  size_t former_count, uint64_t* key) {
  COTEXT_C_REFUSE(CheckBytes(name, size, COTEXT_NAME_BYTES_MAX));
  COTEXT_C_REFUSE(CheckArray(former, former_count, COTEXT_FORMER_WRITERS_MAX));
  return OpenDocument(session, BytesOf(name, size), document, SpanOf(former, former_count), key);
}

cotext_status cotext_session_close(cotext_session* session, uint64_t key) {
  return CloseDocument(session, key);
}

cotext_status cotext_session_name_writer(cotext_session* session, uint64_t key, uint64_t writer,
                                         const char* user, size_t size) {
  COTEXT_C_REFUSE(CheckIdle(session));
  COTEXT_C_REFUSE(CheckBytes(user, size, sync::kUserNameMax));
  if (!session->documents.Has(key)) return Fail(kNotOpen);
  session->client().NameWriter(key, writer, BytesOf(user, size));
  return COTEXT_OK;
}

// The connection.

cotext_status cotext_session_start(cotext_session* session, uint64_t now_ms) {
  return DoWork(session, now_ms, [](sync::Client& client, uint64_t now) { client.Start(now); });
}

cotext_status cotext_session_stop(cotext_session* session, uint64_t now_ms) {
  return DoWork(session, now_ms, [](sync::Client& client, uint64_t now) { client.Stop(now); });
}

cotext_status cotext_session_connected(cotext_session* session, uint64_t now_ms) {
  return DoWork(session, now_ms,
                [](sync::Client& client, uint64_t now) { client.OnConnected(now); });
}

cotext_status cotext_session_disconnected(cotext_session* session, cotext_status reason,
                                          int32_t is_final, uint64_t now_ms) {
  const Error error{CodeOf(reason), "the connection is gone"};
  return DoWork(session, now_ms, [&](sync::Client& client, uint64_t now) {
    client.OnDisconnected(error, is_final != 0, now);
  });
}

cotext_status cotext_session_receive(cotext_session* session, const cotext_packet* packet,
                                     size_t wire_bytes, uint64_t now_ms) {
  COTEXT_C_REFUSE(CheckIdle(session));
  COTEXT_C_REFUSE(CheckPacket(packet));
  const sync::Packet given = FromC(*packet);
  return DoWork(session, now_ms, [&](sync::Client& client, uint64_t now) {
    client.OnPacket(given, wire_bytes, now);
  });
}

cotext_status cotext_session_receive_garbage(cotext_session* session, uint64_t now_ms) {
  const Error error{ErrorCode::kBadMessage, "what came is no packet"};
  return DoWork(session, now_ms,
                [&](sync::Client& client, uint64_t now) { client.OnGarbage(error, now); });
}

cotext_status cotext_session_tick(cotext_session* session, uint64_t now_ms) {
  return DoWork(session, now_ms, [](sync::Client& client, uint64_t now) { client.OnTick(now); });
}

cotext_status cotext_session_next_time(const cotext_session* session, uint64_t* out) {
  COTEXT_C_REFUSE(CheckIdle(session));
  COTEXT_C_REFUSE(CheckNotNull(out));
  *out = session->client().NextTimeMs().value_or(std::numeric_limits<uint64_t>::max());
  return COTEXT_OK;
}

cotext_status cotext_session_take_action(cotext_session* session, uint64_t now_ms,
                                         cotext_action* out) {
  COTEXT_C_REFUSE(CheckIdle(session));
  COTEXT_C_REFUSE(CheckNotNull(out));
  *out = {};
  if (session->actions.empty()) {
    const auto take = [session](sync::Client& client, uint64_t now) {
      for (auto& action : client.TakeActions(now)) session->actions.push_back(std::move(action));
    };
    if (const cotext_status status = DoWork(session, now_ms, take); status != COTEXT_OK) {
      return status;
    }
  }
  if (session->actions.empty()) return COTEXT_OK;
  *out = Show(*session, std::move(session->actions.front()));
  session->actions.pop_front();
  return COTEXT_OK;
}

cotext_status cotext_session_take_event(cotext_session* session, cotext_event* out) {
  COTEXT_C_REFUSE(CheckNotNull(session, out));
  if (session->is_at_work) return Fail(kAtWork);
  *out = {};
  TakeEvents(*session);
  if (session->events.empty()) return COTEXT_OK;
  *out = TakeOldestEvent(*session);
  return COTEXT_OK;
}

// What is known.

cotext_status cotext_session_status(const cotext_session* session, cotext_connection_status* out) {
  return GiveStatus(session, out);
}

cotext_status cotext_session_number(const cotext_session* session, uint64_t* out) {
  return GiveNumber(session, out);
}

cotext_status cotext_session_document(const cotext_session* session, uint64_t key,
                                      cotext_document_state* out) {
  return GiveDocumentState(session, key, out);
}

cotext_status cotext_session_show(cotext_session* session, uint64_t key, const void* state,
                                  size_t size) {
  return SetPresence(session, key, state, size);
}

cotext_status cotext_session_set_typing(cotext_session* session, uint64_t key, int32_t is_typing) {
  return SetTyping(session, key, is_typing);
}

cotext_status cotext_session_present(const cotext_session* session, uint64_t key,
                                     cotext_present_fn reader, void* context) {
  return ShowPresent(session, key, reader, context);
}
