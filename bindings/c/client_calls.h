// What sessions and networked clients have in common for C. A handle of either has `documents`,
// `events`, the `event` that is shown, `is_at_work`, and `client()`, a sync::Client or a
// net::Client, which has the same functions.
#ifndef COTEXT_BINDINGS_C_CLIENT_CALLS_H_
#define COTEXT_BINDINGS_C_CLIENT_CALLS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "bindings/c/arguments.h"
#include "bindings/c/cotext.h"
#include "bindings/c/document_handle.h"
#include "bindings/c/open_documents.h"
#include "bindings/c/status.h"
#include "sync/client_event.h"
#include "sync/edit_counts.h"
#include "sync/message.h"
#include "sync/presence_view.h"

namespace cotext::c {

static_assert(COTEXT_PRESENCE_BYTES_MAX == sync::kPresenceStateMax);

inline constexpr Refusal kNotOpen{.status = COTEXT_NO_SUCH,
                                  .message = "no document is open under that key"};
inline constexpr Refusal kAtWork{
    .status = COTEXT_BUSY, .message = "a callback cannot use the session or client that called it"};

// Lasts while a session or client is at work: callbacks may not use it then.
class AtWork {
 public:
  explicit AtWork(bool& flag) : flag_(&flag) { *flag_ = true; }
  AtWork(const AtWork&) = delete;
  AtWork& operator=(const AtWork&) = delete;
  ~AtWork() { *flag_ = false; }

 private:
  bool* flag_;
};

// Whether a session or client may work now.
template <typename Handle>
Refusal CheckIdle(const Handle* handle) {
  if (handle == nullptr) return kNull;
  if (handle->is_at_work) return kAtWork;
  return handle->documents.CheckAllFree();
}

template <typename Handle>
cotext_status OpenDocument(Handle* handle, std::string_view name, cotext_document* document,
                           std::span<const uint64_t> former, uint64_t* key) {
  COTEXT_C_REFUSE(CheckIdle(handle));
  COTEXT_C_REFUSE(CheckNotNull(document, key));
  COTEXT_C_REFUSE(CheckMayChange(document));
  COTEXT_C_REFUSE(CheckNoTransaction(document));
  COTEXT_C_REFUSE(CheckOpening(name, *document, former));
  *key = handle->documents.Open(handle->client(), std::string(name), *document, former);
  return COTEXT_OK;
}

template <typename Handle>
cotext_status CloseDocument(Handle* handle, uint64_t key) {
  COTEXT_C_REFUSE(CheckNotNull(handle));
  if (handle->is_at_work) return Fail(kAtWork);
  if (!handle->documents.Has(key)) return Fail(kNotOpen);
  handle->client().Close(key);
  handle->documents.Close(key);
  return COTEXT_OK;
}

// Keeps what a client tells until it is asked for.
template <typename Handle>
void KeepEvent(Handle& handle, sync::ClientEvent event) {
  if (const auto* const opened = std::get_if<sync::DocumentOpened>(&event)) {
    handle.documents.SetId(opened->document, opened->id);
  }
  handle.events.push_back(std::move(event));
}

// REQUIRES: there is an event.
template <typename Handle>
cotext_event TakeOldestEvent(Handle& handle) {
  sync::ClientEvent event = std::move(handle.events.front());
  handle.events.pop_front();
  return handle.event.Show(std::move(event));
}

template <typename Handle>
cotext_status GiveStatus(const Handle* handle, cotext_connection_status* out) {
  COTEXT_C_REFUSE(CheckNotNull(handle, out));
  *out = static_cast<cotext_connection_status>(handle->client().status());
  return COTEXT_OK;
}

template <typename Handle>
cotext_status GiveNumber(const Handle* handle, uint64_t* out) {
  COTEXT_C_REFUSE(CheckNotNull(handle, out));
  *out = handle->client().session();
  return COTEXT_OK;
}

template <typename Handle>
cotext_status GiveDocumentState(const Handle* handle, uint64_t key, cotext_document_state* out) {
  COTEXT_C_REFUSE(CheckIdle(handle));
  COTEXT_C_REFUSE(CheckNotNull(out));
  const auto& client = handle->client();
  if (!client.IsOpen(key)) return Fail(kNotOpen);
  const sync::EditCounts counts = client.Count(key);
  *out = {.edits = {.unsent = counts.unsent,
                    .unacknowledged = counts.unacknowledged,
                    .not_durable = counts.not_durable},
          .rights = client.rights(key),
          .is_caught_up = client.IsCaughtUp(key) ? 1 : 0};
  return COTEXT_OK;
}

template <typename Handle>
cotext_status SetPresence(Handle* handle, uint64_t key, const void* state, size_t size) {
  COTEXT_C_REFUSE(CheckIdle(handle));
  COTEXT_C_REFUSE(CheckBytes(state, size, COTEXT_PRESENCE_BYTES_MAX));
  if (!handle->client().IsOpen(key)) return Fail(kNotOpen);
  return Finish(handle->client().SetPresence(key, std::string(BytesOf(state, size))));
}

template <typename Handle>
cotext_status SetTyping(Handle* handle, uint64_t key, int32_t is_typing) {
  COTEXT_C_REFUSE(CheckIdle(handle));
  if (!handle->client().IsOpen(key)) return Fail(kNotOpen);
  return Finish(handle->client().SetTyping(key, is_typing != 0));
}

template <typename Handle>
cotext_status ShowPresent(const Handle* handle, uint64_t key, cotext_present_fn reader,
                          void* context) {
  COTEXT_C_REFUSE(CheckIdle(handle));
  COTEXT_C_REFUSE(CheckNotNull(reader));
  if (!handle->client().IsOpen(key)) return Fail(kNotOpen);
  const AtWork at_work(handle->is_at_work);
  for (const auto& [session, user] : handle->client().presence(key).users()) {
    const cotext_present present{.session = session,
                                 .user = BytesFor(user.user),
                                 .state = BytesFor(user.state),
                                 .is_typing = user.is_typing ? 1 : 0};
    reader(context, &present);
  }
  return COTEXT_OK;
}

}  // namespace cotext::c

#endif  // COTEXT_BINDINGS_C_CLIENT_CALLS_H_
