// A client in the server's own process: a connection of the driver, the other end of which is a
// sync::Client. What it does, as whom and with which rights, goes the same way as for anybody.
//
//     sync::Client <-- packets --> InProcessConnection (a Transport) <-- bytes --> ServerDriver
//
// Nothing happens inside a call: Touch says that there is something to do, and the next turn does
// it. Whoever owns the connection is called at the end of each turn, and may destroy it there.
//
// For the driver's thread. REQUIRES: driver and schedule outlive it, and it outlives neither's use.
#ifndef COTEXT_NET_DRIVER_IN_PROCESS_CONNECTION_H_
#define COTEXT_NET_DRIVER_IN_PROCESS_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "net/base/close_code.h"
#include "net/base/schedule.h"
#include "net/driver/server_driver.h"
#include "net/driver/transport.h"
#include "sync/client.h"
#include "sync/client_event.h"
#include "sync/grants.h"
#include "sync/packet.h"
#include "sync/server_session.h"

namespace cotext::net {

class InProcessConnection final : public Transport {
 public:
  struct Options {
    sync::Identity identity;
    std::function<uint64_t()> random;
    // What came in a turn is in the documents; the events may be none.
    std::function<void(std::vector<sync::ClientEvent>)> on_turn;
  };

  // Connects in the next turn.
  InProcessConnection(ServerDriver& driver, Schedule& schedule, Options options);
  // Leaves: the session has ended when it returns.
  ~InProcessConnection() override;

  sync::Client& client() { return client_; }
  const sync::Client& client() const { return client_; }
  // Documents were opened, closed or edited.
  void Touch();

  // Bytes of all packets that came: about what the history of the documents takes.
  size_t received_bytes() const { return received_bytes_; }

  // For the driver.
  void OnPacketsWait() override { Touch(); }
  void Finish(const CloseReason& reason) override;
  void Kill() override;
  bool is_local() const override { return true; }

 private:
  void Turn();
  void TakePackets();
  void Lose(const CloseReason& reason);
  void DoActions();
  void Do(const sync::Packet& packet);

  ServerDriver* driver_;
  Schedule* schedule_;
  Options options_;
  sync::Client client_;
  std::optional<sync::ConnectionId> connection_;
  std::optional<CloseReason> finish_;
  Schedule::TaskId turn_ = 0;   // To come at once.
  Schedule::TaskId timer_ = 0;  // When the client wants to be called.
  size_t received_bytes_ = 0;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_DRIVER_IN_PROCESS_CONNECTION_H_
