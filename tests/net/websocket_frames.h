// WebSockets as bytes, for servers that do what a real one would not.
#ifndef COTEXT_TESTS_NET_WEBSOCKET_FRAMES_H_
#define COTEXT_TESTS_NET_WEBSOCKET_FRAMES_H_

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cotext::net {

// What a handshake's answer proves that it was read by.
inline std::string AcceptFor(const std::string& request) {
  constexpr std::string_view kField = "Sec-WebSocket-Key: ";
  const size_t begin = request.find(kField) + kField.size();
  const std::string key = request.substr(begin, request.find("\r\n", begin) - begin) +
                          "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> hash{};
  SHA1(reinterpret_cast<const unsigned char*>(key.data()), key.size(), hash.data());
  std::string text(32, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), hash.data(),
                                   static_cast<int>(hash.size()));
  return text.substr(0, static_cast<size_t>(size));
}

inline std::string Upgraded(const std::string& accept) {
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         accept + "\r\nSec-WebSocket-Protocol: cotext.v1\r\n\r\n";
}

// A frame of up to 125 bytes.
inline std::string Frame(unsigned char head, const std::string& body) {
  return std::string{static_cast<char>(head), static_cast<char>(body.size())} + body;
}
inline std::string Binary(const std::string& body) { return Frame(0x82, body); }
inline std::string Close(uint16_t code, const std::string& words) {
  return Frame(0x88, std::string{static_cast<char>(code >> 8U), static_cast<char>(code)} + words);
}

}  // namespace cotext::net

#endif  // COTEXT_TESTS_NET_WEBSOCKET_FRAMES_H_
