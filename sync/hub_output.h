// What a hub wants done: messages to sessions, sessions to be ended, calls of the store.
#ifndef COTEXT_SYNC_HUB_OUTPUT_H_
#define COTEXT_SYNC_HUB_OUTPUT_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "document/error.h"
#include "sync/message_pool.h"
#include "sync/messages.h"
#include "sync/store.h"

namespace cotext::sync {

// A message of the hub's pool, held once, for whoever takes the output.
struct HubSend {
  std::vector<SessionId> to;  // One at least.
  MessageRef message = 0;
};

// Ends a session for what it did.
struct HubExpel {
  SessionId session = 0;
  Error error;
};

// Calls of the store, each of which is answered once, in order.
struct HubLoad {};
struct HubAppend {
  std::vector<Record> records;
};
struct HubCompact {
  uint64_t up_to = 0;
  std::vector<Record> snapshot;
};
using HubStoreCall = std::variant<HubLoad, HubAppend, HubCompact>;

// To be done in the order of each list.
struct HubOutput {
  std::vector<HubSend> sends;
  std::vector<SessionId> refused;  // Sessions that do not get the document opened,
  std::vector<SessionId> closed;   // or do not have it open any longer.
  std::vector<HubExpel> expels;
  std::vector<HubStoreCall> store_calls;
  std::vector<Error> unreadable;  // Why the document could not be loaded, for the operator.
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_HUB_OUTPUT_H_
