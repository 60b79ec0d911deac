// Messages and packets as C gives and sees them: the flat struct of sync/message.h.
#ifndef COTEXT_BINDINGS_C_MESSAGE_VIEW_H_
#define COTEXT_BINDINGS_C_MESSAGE_VIEW_H_

#include <vector>

#include "bindings/c/cotext.h"
#include "bindings/c/status.h"
#include "sync/packet.h"

namespace cotext::c {

// Whether a packet is whole and within the limits.
Refusal CheckPacket(const cotext_packet* packet);
// REQUIRES: that was checked. Messages of unknown kinds are kUnknown.
sync::Packet FromC(const cotext_packet& packet);

// A packet that C sees, and what it points to.
class PacketView {
 public:
  // Returns one that is valid until the next call.
  cotext_packet Show(sync::Packet packet);

 private:
  sync::Packet packet_;
  std::vector<cotext_message> messages_;
};

}  // namespace cotext::c

#endif  // COTEXT_BINDINGS_C_MESSAGE_VIEW_H_
