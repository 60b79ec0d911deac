// Names that take long to look up, as libcurl does that: by getaddrinfo in a thread of its own,
// which here is this file's.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "net/client/http_client.h"
#include "tests/net/client/stub_http_server.h"

namespace cotext::net {
namespace {

constexpr std::string_view kHeldHost = "held.test";

struct Held {
  std::mutex mutex;  // Of what follows.
  std::condition_variable changed;
  bool is_released = false;
  bool was_waited_for = false;
  int begun = 0;
  int ended = 0;

  // Goes on by itself when somebody who waits for it would never release it.
  void Wait() {
    constexpr auto kPatience = std::chrono::seconds(15);
    std::unique_lock lock(mutex);
    ++begun;
    changed.notify_all();
    if (!changed.wait_for(lock, kPatience, [&] { return is_released; })) was_waited_for = true;
    ++ended;
    changed.notify_all();
  }
};

// Is there as long as any thread is.
Held& TheHeld() {
  static Held* const held = new Held;
  return *held;
}

class HttpClientNamesTest : public testing::Test {
 protected:
  ~HttpClientNamesTest() override {
    Held& held = TheHeld();
    std::unique_lock lock(held.mutex);
    held.is_released = true;
    held.changed.notify_all();
    held.changed.wait(lock, [&] { return held.begun == held.ended; });
    held.is_released = false;
    EXPECT_FALSE(std::exchange(held.was_waited_for, false)) << "for its end";
  }

  static int Begun() {
    const std::lock_guard lock(TheHeld().mutex);
    return TheHeld().begun;
  }
  static void WaitUntilBegun(int count) {
    std::unique_lock lock(TheHeld().mutex);
    TheHeld().changed.wait(lock, [&] { return TheHeld().begun >= count; });
  }

  StubHttpServer server_{[](const std::string& /*request*/) { return HttpText(200, "text"); }};
  std::unique_ptr<HttpClient> client_ = *HttpClient::Create({});
};

TEST_F(HttpClientNamesTest, OtherCallsGoOnAndACallEndsInItsTime) {
  const int before = Begun();
  client_->Start({.url = "http://held.test/", .timeout_ms = 60'000}, [](const HttpAnswer&) {});
  WaitUntilBegun(before + 1);
  EXPECT_EQ(client_->Fetch({.url = server_.url()}).body, "text");
  const HttpAnswer late = client_->Fetch({.url = "http://held.test/", .timeout_ms = 200});
  EXPECT_EQ(late.status, 0);
  EXPECT_NE(late.failure, "");
  EXPECT_EQ(client_->Fetch({.url = server_.url()}).body, "text");
}

TEST_F(HttpClientNamesTest, ACallThatIsCalledOffWaitsForNothing) {
  const int before = Begun();
  const uint64_t call = client_->Start({.url = "http://held.test/"}, [](const HttpAnswer&) {});
  WaitUntilBegun(before + 1);
  client_->Cancel(call);
  EXPECT_EQ(client_->Fetch({.url = server_.url()}).body, "text");
}

TEST_F(HttpClientNamesTest, AClientThatEndsWaitsForNothing) {
  const int before = Begun();
  client_->Start({.url = "http://held.test/"}, [](const HttpAnswer&) {});
  WaitUntilBegun(before + 1);
  client_.reset();
}

}  // namespace
}  // namespace cotext::net

// In the place of the C library's, for libcurl too.
extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints,
                           addrinfo** result) {
  using Function = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  if (node != nullptr && node == cotext::net::kHeldHost) {
    cotext::net::TheHeld().Wait();
    return EAI_NONAME;
  }
  static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(node, service, hints, result);
}
