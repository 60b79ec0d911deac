// What both ends of a WebSocket agree on (docs/PROTOCOL.md).
#ifndef COTEXT_NET_BASE_WEBSOCKET_PROTOCOL_H_
#define COTEXT_NET_BASE_WEBSOCKET_PROTOCOL_H_

namespace cotext::net {

inline constexpr char kSubprotocol[] = "cotext.v1";
inline constexpr char kSocketPath[] = "/v1/socket";

}  // namespace cotext::net

#endif  // COTEXT_NET_BASE_WEBSOCKET_PROTOCOL_H_
