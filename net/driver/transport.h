// A connection as the driver of a server sees it: a WebSocket, long polling, or another part of
// this process. It pulls: packets wait with the driver, where those for many share their bytes,
// until the transport can send them.
//
//     transport --> ServerDriver: OnConnect, OnBytes, OnSignOfLife, OnGone, TakePacket
//     ServerDriver --> transport: what is below; never inside one of those calls
//
// A transport ends by OnGone, whoever began it; after that it is not called any more.
#ifndef COTEXT_NET_DRIVER_TRANSPORT_H_
#define COTEXT_NET_DRIVER_TRANSPORT_H_

#include "net/base/close_code.h"

namespace cotext::net {

class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  // Packets wait: to be taken (ServerDriver::TakePacket), here or when they can be sent. Is told
  // again when more come after all were taken.
  virtual void OnPacketsWait() = 0;
  // Nothing comes after what waits. To be closed, with this reason, when that was taken and sent.
  virtual void Finish(const CloseReason& reason) = 0;
  // To be closed at once; nothing need arrive any more.
  virtual void Kill() = 0;

  // Whether the other end is in this process.
  virtual bool is_local() const { return false; }
};

}  // namespace cotext::net

#endif  // COTEXT_NET_DRIVER_TRANSPORT_H_
