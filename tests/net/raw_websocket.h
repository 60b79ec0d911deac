// The other end of a WebSocket for tests, by hand over a socket: it does as it is told, also what
// no client may, such as to send garbage, to cut the connection, and never to read.
//
// Calls wait, at most as long as they are given. It answers nothing by itself, not even pings.
#ifndef COTEXT_TESTS_NET_RAW_WEBSOCKET_H_
#define COTEXT_TESTS_NET_RAW_WEBSOCKET_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cotext::net {

inline constexpr uint8_t kTextFrame = 1;
inline constexpr uint8_t kBinaryFrame = 2;
inline constexpr uint8_t kCloseFrame = 8;
inline constexpr uint8_t kPingFrame = 9;
inline constexpr uint8_t kPongFrame = 10;

struct RawHandshake {
  std::string path = "/v1/socket";
  std::string subprotocol = "cotext.v1";  // Empty: none is named.
  std::vector<std::string> headers = {};  // Lines without their ends.
};

struct RawFrame {
  uint8_t opcode = 0;
  bool is_final = true;
  std::string payload;

  // Of a close frame: its code; 0 if it has none.
  uint16_t close_code() const;
};

class RawWebSocket {
 public:
  // Connects from an address of the loopback network. `receive_buffer`: of the system, 0 for what
  // is usual.
  explicit RawWebSocket(uint16_t port, const std::string& from = "127.0.0.1",
                        int receive_buffer = 0);
  RawWebSocket(RawWebSocket&& other) noexcept;
  RawWebSocket& operator=(RawWebSocket&&) = delete;
  ~RawWebSocket();

  bool is_connected() const { return socket_ >= 0; }
  int socket() const { return socket_; }

  // Returns the HTTP status; 0 if the connection was closed without one.
  int Shake(const RawHandshake& handshake = {});
  // What was said to a handshake that was refused, until the end.
  const std::string& refusal() const { return refusal_; }

  // Each returns whether all of it was sent within that time.
  bool SendBytes(std::string_view bytes, int wait_ms = 5'000);
  bool SendFrame(uint8_t opcode, std::string_view payload, bool is_final = true,
                 int wait_ms = 5'000);
  bool Send(std::string_view packet) { return SendFrame(kBinaryFrame, packet); }

  // Returns the next frame; nothing if none came in time, or the connection was closed.
  std::optional<RawFrame> Receive(int wait_ms = 5'000);
  // Whether the other end has closed it, and there is nothing left to read; waits for that.
  bool IsClosed(int wait_ms = 5'000);
  // Passes over what comes until the connection is closed. Returns the code of the close frame, 0
  // if none came.
  uint16_t ReceiveClose(int wait_ms = 5'000);

  // Ends the connection without a word: with a reset.
  void Cut();

 private:
  bool Fill(int wait_ms);

  int socket_ = -1;
  bool has_ended_ = false;
  std::string refusal_;
  std::string received_;
};

// Returns a frame as a client sends it, masked.
std::string MaskedFrame(uint8_t opcode, std::string_view payload, bool is_final = true);

}  // namespace cotext::net

#endif  // COTEXT_TESTS_NET_RAW_WEBSOCKET_H_
