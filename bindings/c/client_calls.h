// What sessions and networked clients have in common for C: one asks a sync::Client, the other a
// net::Client, which has the same functions.
#ifndef COTEXT_BINDINGS_C_CLIENT_CALLS_H_
#define COTEXT_BINDINGS_C_CLIENT_CALLS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "bindings/c/arguments.h"
#include "bindings/c/cotext.h"
#include "bindings/c/status.h"
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

template <typename Client>
cotext_status GiveDocumentState(const Client& client, uint64_t key, cotext_document_state* out) {
  if (!client.IsOpen(key)) return Fail(kNotOpen);
  const sync::EditCounts counts = client.Count(key);
  *out = {.edits = {.unsent = counts.unsent,
                    .unacknowledged = counts.unacknowledged,
                    .not_durable = counts.not_durable},
          .rights = client.rights(key),
          .is_caught_up = client.IsCaughtUp(key) ? 1 : 0};
  return COTEXT_OK;
}

template <typename Client>
cotext_status SetPresence(Client& client, uint64_t key, const void* state, size_t size) {
  COTEXT_C_REFUSE(CheckBytes(state, size, COTEXT_PRESENCE_BYTES_MAX));
  if (!client.IsOpen(key)) return Fail(kNotOpen);
  return Finish(client.SetPresence(key, std::string(BytesOf(state, size))));
}

template <typename Client>
cotext_status SetTyping(Client& client, uint64_t key, int32_t is_typing) {
  if (!client.IsOpen(key)) return Fail(kNotOpen);
  return Finish(client.SetTyping(key, is_typing != 0));
}

template <typename Client>
cotext_status ShowPresent(const Client& client, uint64_t key, cotext_present_fn reader,
                          void* context) {
  COTEXT_C_REFUSE(CheckNotNull(reader));
  if (!client.IsOpen(key)) return Fail(kNotOpen);
  for (const auto& [session, user] : client.presence(key).users()) {
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
