// Long polling for clients that cannot have a WebSocket (docs/PROTOCOL.md §14.6): a connection of
// the driver made of requests (poll_connection.h), named by a secret that only its client knows.
//
//     POST   /v1/connections                        makes one, for whoever was admitted
//     POST   /v1/connections/SECRET/frames?first=N  packets up
//     GET    /v1/connections/SECRET/frames?after=N  packets down; held until there are some
//     DELETE /v1/connections/SECRET                 ends it
//
// Who knows the secret needs nothing else to be let in; what he may do can change, or end, while it
// lasts (access_watch.h). For the loop's thread. REQUIRES: outlives the outputs' tasks.
#ifndef COTEXT_NET_ENDPOINTS_POLL_ENDPOINT_H_
#define COTEXT_NET_ENDPOINTS_POLL_ENDPOINT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/access/access.h"
#include "net/access/access_watch.h"
#include "net/base/schedule.h"
#include "net/driver/server_driver.h"
#include "net/endpoints/poll_connection.h"
#include "net/http/http_message.h"
#include "net/http/http_reply.h"

namespace cotext::net {

struct PollEndpointOptions {
  size_t connections_max = 10'000;
  PollOptions poll = {};
};

class PollEndpoint {
 public:
  PollEndpoint(ServerDriver& driver, AccessWatch& watch, Schedule& schedule,
               std::function<uint64_t()> random, const PollEndpointOptions& options = {});
  PollEndpoint(const PollEndpoint&) = delete;
  PollEndpoint& operator=(const PollEndpoint&) = delete;
  ~PollEndpoint();

  HttpReply Connect(const Admission& admission);
  HttpReply PostFrames(const HttpRequest& request, const std::string& secret);
  // Some of such a POST has come.
  void OnPiece(const std::string& secret);
  HttpReply GetFrames(const HttpRequest& request, const std::string& secret);
  HttpReply Disconnect(const std::string& secret);

  size_t count() const { return connections_.size(); }
  // What waits in all of them. O(connections).
  size_t waiting_bytes() const;
  // Connections that ended because too much waited, ever.
  uint64_t overflows() const { return overflows_; }

 private:
  class Connection;
  class HeldTask;

  std::shared_ptr<Connection> Find(const std::string& secret) const;
  // Returns whether it was there.
  bool Drop(const std::string& hash);

  ServerDriver* driver_;
  AccessWatch* watch_;
  Schedule* schedule_;
  std::function<uint64_t()> random_;
  PollEndpointOptions options_;
  std::map<std::string, std::shared_ptr<Connection>> connections_;  // By hash of the secret.
  std::vector<std::shared_ptr<Connection>> leaving_;                // Were dropped, and end soon.
  Schedule::TaskId sweep_ = 0;
  uint64_t overflows_ = 0;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_ENDPOINTS_POLL_ENDPOINT_H_
