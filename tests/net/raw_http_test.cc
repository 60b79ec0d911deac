// What tests read from servers with, itself.
#include "tests/net/raw_http.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <iterator>
#include <string_view>

namespace cotext::net {
namespace {

// A server of one connection that says what it is told to.
class OneAnswer {
 public:
  OneAnswer() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const place = reinterpret_cast<sockaddr*>(&own);
    socklen_t size = sizeof(own);
    EXPECT_EQ(bind(listener_, place, size), 0);
    EXPECT_EQ(listen(listener_, 1), 0);
    EXPECT_EQ(getsockname(listener_, place, &size), 0);
    port_ = ntohs(own.sin_port);
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;
  ~OneAnswer() {
    close(listener_);
    if (accepted_ >= 0) close(accepted_);
  }
  uint16_t port() const { return port_; }
  void Say(std::string_view bytes) {
    if (accepted_ < 0) accepted_ = accept(listener_, nullptr, nullptr);
    EXPECT_EQ(send(accepted_, bytes.data(), bytes.size(), MSG_NOSIGNAL), std::ssize(bytes));
  }

 private:
  int listener_ = -1;
  int accepted_ = -1;
  uint16_t port_ = 0;
};

// Regression: a head that came without its body was forgotten, and who polled waited for good.
TEST(RawHttpTest, AResponseThatComesInPiecesIsReadByACallThatFindsItWhole) {
  OneAnswer server;
  RawHttp client(server.port());
  for (const std::string_view piece : {"HTTP/1.1 200 OK\r\nContent-Le", "ngth: 4\r\n\r\n", "ab"}) {
    server.Say(piece);
    EXPECT_FALSE(client.Read(5));
  }
  server.Say("cdHTTP/1.1 204 No Content\r\n\r\n");
  const auto whole = client.Read();
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->status, 200);
  EXPECT_EQ(whole->body, "abcd");
  const auto next = client.Read();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->status, 204);
}

}  // namespace
}  // namespace cotext::net
