// What a server is told when it begins: where it listens, what it keeps where, who may come, and
// how much of anything. docs/OPERATIONS.md has the flags of `cotext serve` for these.
#ifndef COTEXT_NET_SERVER_SERVER_OPTIONS_H_
#define COTEXT_NET_SERVER_SERVER_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "net/access/admission.h"
#include "net/server/http_options.h"
#include "net/server/listener.h"
#include "proto/wire.h"
#include "sync/server.h"

namespace cotext::net {

struct ServerOptions {
  ListenOptions listen = {};
  std::string data_folder = {};  // Of the store (storage/sqlite_store.h).
  // HTTP, and who may come in.
  HttpOptions http = {};
  // Who may come in by a WebSocket, in place of what `http` says. May be empty.
  Admit admit = {};
  sync::ServerOptions sync = {};
  size_t message_bytes_max = proto::kPacketBytesMax;
  // Of all messages together that have come in part; see websocket_server.h.
  size_t partial_bytes_max = size_t{1} << 26U;
  int partial_s_max = 60;
  uint64_t flush_ms_max = 20;
  // When it ends: how long clients are told to wait before they come back, and how long it waits
  // for them to go, and for the disk.
  uint64_t retry_after_ms = 1'000;
  uint64_t drain_ms_max = 10'000;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_SERVER_SERVER_OPTIONS_H_
