// Networked clients for C: net::Client, whose events are taken one by one.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "bindings/c/arguments.h"
#include "bindings/c/client_calls.h"
#include "bindings/c/cotext.h"
#include "bindings/c/cotext_client.h"
#include "bindings/c/document_handle.h"
#include "bindings/c/event_view.h"
#include "bindings/c/open_documents.h"
#include "bindings/c/status.h"
#include "bindings/c/wake_descriptor.h"
#include "document/error.h"
#include "net/client/client.h"
#include "net/client/transport_choice.h"
#include "sync/client_event.h"

struct cotext_client {
  cotext::c::WakeDescriptor wake;  // The client's thread uses it.
  cotext::c::OpenDocuments documents;
  std::string token;
  std::deque<cotext::sync::ClientEvent> events;
  cotext::c::EventView event;
  std::unique_ptr<cotext::net::Client> own;
  mutable bool is_at_work = false;

  cotext::net::Client& client() const { return *own; }
};

namespace cotext::c {
namespace {

constexpr uint64_t kTimeoutMsMax = uint64_t{1} << 40U;
constexpr size_t kPathBytesMax = 4096;

Refusal CheckClientOptions(const cotext_client_options* options) {
  if (const Refusal refusal = CheckOptions(options); !refusal.is_ok()) return refusal;
  if (options->transport < COTEXT_TRANSPORT_AUTO || options->transport > COTEXT_TRANSPORT_POLL) {
    return {.status = COTEXT_INVALID_ARGUMENT, .message = "there is no such transport"};
  }
  for (const Refusal& refusal :
       {CheckBytes(options->url, options->url_size, COTEXT_URL_BYTES_MAX),
        CheckBytes(options->ca_file, options->ca_file_size, kPathBytesMax),
        CheckBytes(options->agent, options->agent_size, COTEXT_AGENT_BYTES_MAX),
        CheckBytes(options->token, options->token_size, COTEXT_TOKEN_BYTES_MAX)}) {
    if (!refusal.is_ok()) return refusal;
  }
  return kAccepted;
}

net::TransportMode ModeOf(cotext_transport transport) {
  switch (transport) {
    case COTEXT_TRANSPORT_WEBSOCKET: return net::TransportMode::kWebSocket;
    case COTEXT_TRANSPORT_POLL: return net::TransportMode::kPoll;
    default: return net::TransportMode::kAuto;
  }
}

Expected<void> SavedBy(cotext_status status) {
  if (status == COTEXT_OK) return {};
  const ErrorCode code = status == COTEXT_DISK_FULL   ? ErrorCode::kDiskFull
                         : status == COTEXT_READ_ONLY ? ErrorCode::kReadOnly
                                                      : ErrorCode::kIo;
  return MakeError(code, "before_send could not save what is to be sent");
}

net::ClientOptions ToClientOptions(const cotext_client_options& options, cotext_client& handle) {
  net::ClientOptions made;
  made.url = BytesOf(options.url, options.url_size);
  made.tls.ca_file = BytesOf(options.ca_file, options.ca_file_size);
  made.choice.mode = ModeOf(options.transport);
  made.sync.agent = BytesOf(options.agent, options.agent_size);
  made.token = [it = &handle] { return it->token; };
  made.on_wake = [it = &handle] { it->wake.Wake(); };
  made.on_event = [it = &handle](const sync::ClientEvent& event) { KeepEvent(*it, event); };
  if (options.before_send != nullptr) {
    made.before_send = [send = options.before_send, context = options.context] {
      return SavedBy(send(context));
    };
  }
  return made;
}

// As long as there are events, the descriptor is readable.
void RemindOfEvents(cotext_client& client) {
  if (!client.events.empty()) client.wake.Wake();
}

// REQUIRES: there is an event.
cotext_event TakeEvent(cotext_client& client) {
  const cotext_event event = TakeOldestEvent(client);
  RemindOfEvents(client);
  return event;
}

// Waits until that is so, and says why not if it is not.
template <typename Predicate>
cotext_status WaitUntil(cotext_client& client, uint64_t timeout_ms, Predicate predicate) {
  const AtWork at_work(client.is_at_work);
  client.wake.Drain();
  if (client.client().WaitUntil(predicate, std::min(timeout_ms, kTimeoutMsMax))) return COTEXT_OK;
  if (client.client().status() == sync::ConnectionStatus::kDisconnected) {
    return Fail(COTEXT_NO_SUCH, "the client is disconnected: there is nothing to wait for");
  }
  return Fail(COTEXT_TIMED_OUT, "it took longer than that");
}

}  // namespace
}  // namespace cotext::c

// What C calls is in no namespace.
using namespace cotext;
using namespace cotext::c;

uint64_t cotext_random_writer(void) { return net::RandomReplicaId().value; }

cotext_status cotext_client_new(const cotext_client_options* options, cotext_client** out) {
  COTEXT_C_REFUSE(CheckClientOptions(options));
  COTEXT_C_REFUSE(CheckNotNull(out));
  auto handle = std::make_unique<cotext_client>();
  if (!handle->wake.is_open()) return Fail(COTEXT_IO, "there are no more file descriptors");
  handle->token = BytesOf(options->token, options->token_size);
  auto made = net::Client::Create(ToClientOptions(*options, *handle));
  if (!made) return Fail(made.error());
  handle->own = *std::move(made);
  *out = handle.release();
  return COTEXT_OK;
}

cotext_status cotext_client_free(cotext_client* client) {
  if (client == nullptr) return COTEXT_OK;
  COTEXT_C_REFUSE(CheckIdle(client));
  {
    const AtWork at_work(client->is_at_work);
    client->own.reset();
  }
  delete client;
  return COTEXT_OK;
}

cotext_status cotext_client_set_token(cotext_client* client, const char* token, size_t size) {
  COTEXT_C_REFUSE(CheckNotNull(client));
  COTEXT_C_REFUSE(CheckBytes(token, size, COTEXT_TOKEN_BYTES_MAX));
  client->token = BytesOf(token, size);
  return COTEXT_OK;
}

cotext_status cotext_client_open(cotext_client* client, const char* name, size_t size,
                                 cotext_document* document, const uint64_t* former,
                                 size_t former_count, uint64_t* key) {
  COTEXT_C_REFUSE(CheckBytes(name, size, COTEXT_NAME_BYTES_MAX));
  COTEXT_C_REFUSE(CheckArray(former, former_count, COTEXT_FORMER_WRITERS_MAX));
  const cotext_status status =
      OpenDocument(client, BytesOf(name, size), document, SpanOf(former, former_count), key);
  if (status == COTEXT_OK) client->wake.Wake();  // To be polled.
  return status;
}

cotext_status cotext_client_close(cotext_client* client, uint64_t key) {
  const cotext_status status = CloseDocument(client, key);
  if (status == COTEXT_OK) client->wake.Wake();
  return status;
}

cotext_status cotext_client_start(cotext_client* client) {
  COTEXT_C_REFUSE(CheckIdle(client));
  const AtWork at_work(client->is_at_work);
  client->wake.Drain();
  client->client().Start();
  RemindOfEvents(*client);
  return COTEXT_OK;
}

cotext_status cotext_client_stop(cotext_client* client) {
  COTEXT_C_REFUSE(CheckIdle(client));
  const AtWork at_work(client->is_at_work);
  client->client().Stop();
  client->wake.Wake();  // Pump has events to tell.
  return COTEXT_OK;
}

cotext_status cotext_client_wake_fd(const cotext_client* client, int* out) {
  COTEXT_C_REFUSE(CheckNotNull(client, out));
  *out = client->wake.fd();
  return COTEXT_OK;
}

cotext_status cotext_client_poll(cotext_client* client, cotext_event* out) {
  COTEXT_C_REFUSE(CheckIdle(client));
  COTEXT_C_REFUSE(CheckNotNull(out));
  *out = {};
  if (client->events.empty()) {
    const AtWork at_work(client->is_at_work);
    client->wake.Drain();
    client->client().Pump();
  }
  if (!client->events.empty()) *out = TakeEvent(*client);
  return COTEXT_OK;
}

cotext_status cotext_client_wait(cotext_client* client, uint64_t timeout_ms, cotext_event* out) {
  COTEXT_C_REFUSE(CheckIdle(client));
  COTEXT_C_REFUSE(CheckNotNull(out));
  *out = {};
  const cotext_status waited =
      WaitUntil(*client, timeout_ms, [client] { return !client->events.empty(); });
  if (waited == COTEXT_OK) *out = TakeEvent(*client);
  return waited;
}

cotext_status cotext_client_wait_durable(cotext_client* client, uint64_t key, uint64_t timeout_ms) {
  COTEXT_C_REFUSE(CheckIdle(client));
  if (!client->documents.Has(key)) return Fail(kNotOpen);
  const cotext_status waited = WaitUntil(
      *client, timeout_ms, [client, key] { return client->client().Count(key).all_durable(); });
  RemindOfEvents(*client);
  return waited;
}

// What is known.

cotext_status cotext_client_status(const cotext_client* client, cotext_connection_status* out) {
  return GiveStatus(client, out);
}

cotext_status cotext_client_number(const cotext_client* client, uint64_t* out) {
  return GiveNumber(client, out);
}

cotext_status cotext_client_document(const cotext_client* client, uint64_t key,
                                     cotext_document_state* out) {
  return GiveDocumentState(client, key, out);
}

cotext_status cotext_client_show(cotext_client* client, uint64_t key, const void* state,
                                 size_t size) {
  return SetPresence(client, key, state, size);
}

cotext_status cotext_client_set_typing(cotext_client* client, uint64_t key, int32_t is_typing) {
  return SetTyping(client, key, is_typing);
}

cotext_status cotext_client_present(const cotext_client* client, uint64_t key,
                                    cotext_present_fn reader, void* context) {
  return ShowPresent(client, key, reader, context);
}
