// HTTP over real sockets: keep-alive, bodies, what is slow, cut off, huge or no HTTP at all.
#include "net/http/http_server.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/base/event_loop.h"
#include "net/base/schedule.h"
#include "net/server/listener.h"
#include "tests/net/raw_http.h"

namespace cotext::net {
namespace {

constexpr size_t kBodyMax = 100'000;
constexpr size_t kAddressBodiesMax = 3 * kBodyMax;

// What a test sees of a task from outside the loop.
struct Seen {
  std::atomic<int> begun = 0;
  std::atomic<int> gone = 0;
  std::atomic<bool> was_cut = false;
};

// Streams, and writes once more whenever it is told.
class Streamer final : public HttpTask {
 public:
  Streamer(HttpOutput& output, Schedule& schedule, Seen& seen, size_t bytes)
      : output_(&output), schedule_(&schedule), seen_(&seen), bytes_(bytes) {
    ++seen_->begun;
    output_->Begin({.content_type = "text/event-stream"});
    Beat();
  }
  ~Streamer() override {
    schedule_->Cancel(timer_);
    ++seen_->gone;
  }

 private:
  void Beat() {
    output_->Write(std::make_shared<const std::string>(bytes_, '.'));
    output_->Write(std::make_shared<const std::string>("\n\n"));
    if (output_->waiting_bytes() > 4 * bytes_ + 1'000'000) {
      seen_->was_cut = true;
      return output_->Cut();
    }
    timer_ = schedule_->After(20, [this] { Beat(); });
  }

  HttpOutput* output_;
  Schedule* schedule_;
  Seen* seen_;
  size_t bytes_;
  Schedule::TaskId timer_ = 0;
};

// Answers after a while, or never.
class Waiter final : public HttpTask {
 public:
  Waiter(HttpOutput& output, Schedule& schedule, Seen& seen, std::optional<uint64_t> wait_ms)
      : schedule_(&schedule), seen_(&seen) {
    ++seen_->begun;
    if (!wait_ms) return;
    timer_ = schedule_->After(*wait_ms, [this, out = &output] {
      timer_ = 0;
      out->Answer(TextResponse("late"));
    });
  }
  ~Waiter() override {
    schedule_->Cancel(timer_);
    ++seen_->gone;
  }

 private:
  Schedule* schedule_;
  Seen* seen_;
  Schedule::TaskId timer_ = 0;
};

class HttpServerTest : public testing::Test {
 protected:
  explicit HttpServerTest(uint64_t body_ms_max = 700) {
    loop_ = EventLoop::Create().value();
    timer_ = std::make_unique<Timer>(*loop_, [this] { schedule_->OnTime(); });
    schedule_ = std::make_unique<Schedule>(
        Schedule::Options{.now_ms = [this] { return loop_->NowMs(); },
                          .wake_at = [this](uint64_t at_ms) { timer_->Set(at_ms); }});
    HttpServerOptions options;
    options.handle = [this](const HttpRequest& request) { return Handle(request); };
    options.limit = [this](const IpAddress&) { return limit_ms_.load(); };
    options.body_bytes_max = kBodyMax;
    options.address_bodies_bytes_max = kAddressBodiesMax;
    options.body_ms_max = body_ms_max;
    server_ = std::make_unique<HttpServer>(*loop_, *schedule_, std::move(options));
    ListenOptions listen;
    listen.limits.per_address_max = 10'000;
    listen.connects = {.per_s = 10'000, .burst = 10'000};
    listener_ = Listener::Listen(*loop_, listen, {server_->protocol()}, server_->mounts()).value();
    thread_ = std::thread([this] { loop_->Run(); });
  }
  ~HttpServerTest() override {
    loop_->Stop();
    thread_.join();
    EXPECT_EQ(server_->counters().body_bytes, 0U);
    loop_->Close();
    EXPECT_EQ(server_->counters().answer_bytes, 0U) << "all that waited was let go";
    EXPECT_EQ(seen_.begun, seen_.gone);
  }

  HttpReply Handle(const HttpRequest& request) {
    const std::string& path = request.target.segments.front();
    if (path == "stream" || path == "flood") {
      return HttpStart([this, bytes = path == "flood" ? 100'000 : 5](HttpOutput& output) {
        return std::make_unique<Streamer>(output, *schedule_, seen_, bytes);
      });
    }
    if (path == "wait" || path == "late") {
      return HttpStart([this, late = path == "late"](HttpOutput& output) {
        return std::make_unique<Waiter>(output, *schedule_, seen_,
                                        late ? std::optional<uint64_t>(300) : std::nullopt);
      });
    }
    if (path == "large") return TextResponse(std::string(10'000'000, 'x'));
    if (path == "none") return EmptyResponse();
    std::string text = std::string(NameOf(request.method));
    for (const std::string& segment : request.target.segments) text += " " + segment;
    for (const auto& [name, value] : request.target.parameters) text += " " + name + "=" + value;
    HttpResponse response = TextResponse(text + " " + request.body + " " + request.last_event_id);
    response.headers.emplace_back("ETag", "\"7\"");
    return response;
  }
  uint16_t port() const { return listener_->port(); }
  // Of bodies that are being read.
  size_t BodyBytes() {
    std::promise<size_t> bytes;
    loop_->Post([&] { bytes.set_value(server_->counters().body_bytes); });
    return bytes.get_future().get();
  }
  static bool Soon(const std::function<bool()>& is_so, int wait_ms = 5'000) {
    for (int ms = 0; ms < wait_ms && !is_so(); ms += 5) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return is_so();
  }

  Seen seen_;
  std::atomic<uint64_t> limit_ms_ = 0;
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<Timer> timer_;
  std::unique_ptr<Schedule> schedule_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<Listener> listener_;
  std::thread thread_;
};

TEST_F(HttpServerTest, AnswersManyRequestsOfOneConnection) {
  RawHttp client(port());
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(client.Ask("GET", "/a/b%20c?x=1&name=%C3%BC", "Last-Event-ID: AQ\r\n"));
    const auto response = client.Read();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "GET a b c x=1 name=ü  AQ");
    EXPECT_EQ(response->headers.at("etag"), "\"7\"");
    EXPECT_EQ(response->headers.at("x-content-type-options"), "nosniff");
    EXPECT_FALSE(response->headers.contains("server"));
  }
}

TEST_F(HttpServerTest, TakesEveryMethodItKnows) {
  RawHttp client(port());
  for (const char* method : {"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "GET"}) {
    ASSERT_TRUE(client.Ask(method, "/a", "", "body"));
    const auto response = client.Read();
    ASSERT_TRUE(response.has_value()) << method;
    EXPECT_EQ(response->body, std::string(method) + " a body ");
  }
  ASSERT_TRUE(client.Ask("POST", "/a", "", ""));
  EXPECT_EQ(client.Read()->body, "POST a  ");
  ASSERT_TRUE(client.Ask("DELETE", "/a"));
  EXPECT_EQ(client.Read()->body, "DELETE a  ");
}

TEST_F(HttpServerTest, HeadIsGetWithoutTheBody) {
  RawHttp client(port());
  ASSERT_TRUE(client.Ask("HEAD", "/large"));
  const auto head = client.Read(5'000, false);
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->headers.at("content-length"), "10000000");
  ASSERT_TRUE(client.Ask("GET", "/after"));
  EXPECT_EQ(client.Read()->body, "GET after  ");
}

TEST_F(HttpServerTest, AnAnswerWithoutABodyKeepsTheConnection) {
  RawHttp client(port());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.Ask("GET", "/none"));
    const auto response = client.Read();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 204);
    EXPECT_FALSE(response->headers.contains("content-length"));
  }
  ASSERT_TRUE(client.Ask("GET", "/a"));
  EXPECT_EQ(client.Read()->body, "GET a  ");
}

TEST_F(HttpServerTest, ARequestThatDoesNotWaitForItsTurnEndsTheConnectionAndNothingElse) {
  const std::string get = " HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string post = " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi";
  const std::clock_t before = std::clock();
  for (const std::string& first : {"GET /wait" + get, "POST /wait" + post, "GET /stream" + get,
                                   "POST /1" + post, "GET /1" + get, "GET /large" + get}) {
    for (const std::string& second : {"GET /2" + get, "POST /2" + post, std::string("x")}) {
      RawHttp client(port());
      ASSERT_TRUE(client.Send(first + second));
      while (const auto response = client.Read(2'000)) {
        EXPECT_FALSE(response->body.contains("2")) << first << second << response->body;
        if (first.contains("/stream")) break;
      }
      if (!second.starts_with('x')) EXPECT_TRUE(client.IsClosed(2'000)) << first << second;
    }
  }
  EXPECT_LT(std::clock() - before, 2 * CLOCKS_PER_SEC) << "the loop went round and round";
  EXPECT_TRUE(Soon([&] { return seen_.gone == seen_.begun; }));
  RawHttp client(port());
  ASSERT_TRUE(client.Send("POST /1" + post + "POST /2" + post));
  const auto response = client.Read();
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->body, "POST 1 hi ");
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(HttpServerTest, WhatOthersSendEndsNoConnectionOfThoseWhoWaitForTheirTurn) {
  constexpr int kConnections = 6;
  constexpr int kRequests = 1'000;
  std::atomic<int> finished = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kConnections; ++i) {
    threads.emplace_back([this, i, &finished] {
      RawHttp client(port());
      const std::string body(20'000, 'b');
      for (int request = 0; request < kRequests; ++request) {
        const bool has_body = (request + i) % 3 == 0;
        ASSERT_TRUE(has_body ? client.Ask("POST", "/a", "", body) : client.Ask("GET", "/none"));
        const auto response = client.Read(60'000);
        ASSERT_TRUE(response.has_value()) << "connection " << i << ", request " << request;
        ASSERT_EQ(response->status, has_body ? 200 : 204);
      }
      ++finished;
    });
  }
  // Requests behind requests: what has come of them lies in libwebsockets while others are
  // answered.
  const std::string get = "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string post = "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi";
  int hasty = 0;
  for (; finished < kConnections && !HasFailure(); ++hasty) {
    std::vector<std::unique_ptr<RawHttp>> clients;
    for (int i = 0; i < 8; ++i) {
      clients.push_back(std::make_unique<RawHttp>(port()));
      clients.back()->Send((i % 2 == 0 ? get : post) + get + post);
    }
    for (const auto& client : clients) EXPECT_TRUE(client->IsClosed(20'000));
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(finished, kConnections);
  EXPECT_GT(hasty, 1);
}

TEST_F(HttpServerTest, ARequestBehindAnAnswerThatIsBeingSentEndsTheConnection) {
  const std::string get = " HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const std::string& behind : {"GET /2" + get, std::string("GET /2 HT")}) {
    RawHttp client(port());
    client.SetReceiveBuffer(65'536);
    ASSERT_TRUE(client.Send("GET /large" + get + behind));
    const auto response = client.Read(20'000);
    if (response) EXPECT_EQ(response->body.size(), 10'000'000U);
    client.Send("TP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_FALSE(client.ReadTo("GET 2", 1'000).has_value()) << behind;
  }
}

TEST_F(HttpServerTest, ALargeAnswerComesWholeToASlowClient) {
  RawHttp client(port());
  client.SetReceiveBuffer(65'536);
  ASSERT_TRUE(client.Ask("GET", "/large"));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const auto response = client.Read(20'000);
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->body, std::string(10'000'000, 'x'));
}

TEST_F(HttpServerTest, AnAnswerMayComeLater) {
  RawHttp client(port());
  ASSERT_TRUE(client.Ask("GET", "/late"));
  EXPECT_EQ(client.Read()->body, "late");
  ASSERT_TRUE(client.Ask("GET", "/late"));
  EXPECT_EQ(client.Read()->body, "late");
  EXPECT_TRUE(Soon([&] { return seen_.gone == 2; }));
}

TEST_F(HttpServerTest, AClientThatGoesWhileItWaitsEndsItsTask) {
  for (const char* target : {"/wait", "/stream"}) {
    const int before = seen_.gone;
    RawHttp client(port());
    ASSERT_TRUE(client.Ask("GET", target));
    ASSERT_TRUE(Soon([&] { return seen_.begun == before + 1; }));
    client.Close();
    EXPECT_TRUE(Soon([&] { return seen_.gone == before + 1; })) << target;
  }
}

TEST_F(HttpServerTest, ManyWhoWaitDoNotKeepOthersOut) {
  // More than requests of which libwebsockets keeps the headers (event_loop.cc).
  constexpr size_t kWaiting = 4'200;
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur < 2 * kWaiting + 100) GTEST_SKIP() << "the system lets it have too few files";
  std::vector<std::unique_ptr<RawHttp>> waiting;
  for (size_t i = 0; i < kWaiting; ++i) {
    waiting.push_back(std::make_unique<RawHttp>(port()));
    ASSERT_TRUE(waiting.back()->Ask("GET", "/wait"));
  }
  ASSERT_TRUE(Soon([&] { return seen_.begun == static_cast<int>(kWaiting); }, 20'000));
  RawHttp client(port());
  ASSERT_TRUE(client.Ask("GET", "/late"));
  EXPECT_TRUE(client.Read().has_value());
  ASSERT_TRUE(client.Ask("GET", "/late"));
  EXPECT_TRUE(client.Read().has_value());
}

TEST_F(HttpServerTest, AStreamGoesOnForAsLongAsItIsRead) {
  RawHttp client(port());
  ASSERT_TRUE(client.Ask("GET", "/stream"));
  const auto head = client.ReadTo("\r\n\r\n");
  ASSERT_TRUE(head.has_value());
  EXPECT_TRUE(head->contains("text/event-stream"));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(client.ReadTo("\n\n"), ".....\n\n");
}

TEST_F(HttpServerTest, AReaderThatNeverReadsIsCutOff) {
  RawHttp client(port());
  client.SetReceiveBuffer(4'096);
  ASSERT_TRUE(client.Ask("GET", "/flood"));
  EXPECT_TRUE(Soon([&] { return seen_.was_cut.load(); }, 20'000));
  EXPECT_TRUE(Soon([&] { return seen_.gone == 1; }));
}

TEST_F(HttpServerTest, ABodyThatIsTooLargeIsRefusedBeforeItComes) {
  RawHttp client(port());
  ASSERT_TRUE(client.Ask("POST", "/a", "Content-Length: 100001\r\n"));
  const auto response = client.Read();
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 413);
  EXPECT_TRUE(client.IsClosed());
  RawHttp other(port());
  ASSERT_TRUE(other.Ask("POST", "/a", "", std::string(kBodyMax, 'b')));
  EXPECT_EQ(other.Read()->body.size(), kBodyMax + 8);
}

TEST_F(HttpServerTest, ABodyWithoutALengthIsRefused) {
  for (const char* more :
       {"Transfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"}) {
    RawHttp client(port());
    ASSERT_TRUE(client.Ask("POST", "/a", more));
    const auto response = client.Read();
    ASSERT_TRUE(response.has_value()) << more;
    EXPECT_EQ(response->status, 411) << more;
    EXPECT_TRUE(client.IsClosed());
  }
}

TEST_F(HttpServerTest, ARequestThatSaysNothingOfABodyHasNone) {
  for (const char* target : {"/a", "/late"}) {
    RawHttp client(port());
    ASSERT_TRUE(client.Ask("POST", target));
    const auto response = client.Read();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->headers.at("connection"), "close");
    EXPECT_TRUE(client.IsClosed());
  }
}

TEST_F(HttpServerTest, OtherVersionsOfHttpAreNotSpoken) {
  RawHttp upgrading(port());
  ASSERT_TRUE(upgrading.Ask("GET", "/a",
                            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                            "HTTP2-Settings: AAMAAABkAAQAAP__\r\n"));
  const auto response = upgrading.Read(1'000);
  if (response) {
    EXPECT_EQ(response->status, 505);
    EXPECT_TRUE(response->body.contains(R"("code":"http_version_not_supported")"));
  }
  EXPECT_TRUE(upgrading.IsClosed());
  RawHttp knowing(port());
  ASSERT_TRUE(knowing.Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
  EXPECT_TRUE(knowing.IsClosed());
}

TEST_F(HttpServerTest, ABodyThatDoesNotComeInTimeIsGivenUp) {
  RawHttp client(port());
  ASSERT_TRUE(client.Ask("POST", "/a", "Content-Length: 1000\r\n"));
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.Send("x"));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  const auto response = client.Read();
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 408);
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(HttpServerTest, ABodyThatComesSlowlyHasAsLongAsASlowLineTakes) {
  RawHttp client(port());
  ASSERT_TRUE(client.Ask("POST", "/a", "Content-Length: 20000\r\n"));
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(client.Send(std::string(2'000, 'x')));
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
  }
  const auto response = client.Read();
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 200);
}

TEST_F(HttpServerTest, AClientThatLeavesInsideItsBodyLeavesNothing) {
  RawHttp client(port());
  ASSERT_TRUE(client.Ask("POST", "/a", "Content-Length: 90000\r\n"));
  ASSERT_TRUE(client.Send(std::string(50'000, 'x')));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  client.Close();
  // The destructor of the test looks at what is left.
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
}

TEST_F(HttpServerTest, TooManyRequestsAreRefused) {
  limit_ms_ = 1'500;
  RawHttp client(port());
  ASSERT_TRUE(client.Ask("GET", "/a"));
  const auto response = client.Read();
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 429);
  EXPECT_EQ(response->headers.at("retry-after"), "2");
}

TEST_F(HttpServerTest, HeadersThatAreHugeAreRefusedAndOthersAreServed) {
  RawHttp client(port());
  client.Ask("GET", "/a", "X-Long: " + std::string(60'000, 'x') + "\r\n");
  EXPECT_TRUE(client.IsClosed());
  RawHttp target(port());
  target.Ask("GET", "/" + std::string(60'000, 'a'));
  EXPECT_TRUE(target.IsClosed());
  RawHttp good(port());
  ASSERT_TRUE(good.Ask("GET", "/a"));
  EXPECT_EQ(good.Read()->status, 200);
}

TEST_F(HttpServerTest, TargetsThatCannotBeAreRefused) {
  for (const char* target : {"/%ff%fe", "/?%ff",
                             "/a?a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9&j=1&k=2"
                             "&l=3&m=4&n=5&o=6&p=7&q=8&r=9"}) {
    RawHttp client(port());
    ASSERT_TRUE(client.Ask("GET", target));
    const auto response = client.Read();
    ASSERT_TRUE(response.has_value()) << target;
    EXPECT_GE(response->status, 400) << target;
    EXPECT_LT(response->status, 500) << target;
  }
}

TEST_F(HttpServerTest, ATargetThatIsCutByAnEscapedEndOfALineIsRefused) {
  for (const char* target :
       {"/a%0Ab", "/a%0d%0aX-Forwarded-For:%201.2.3.4", "/?name=a%0Ab", "/a%0a"}) {
    for (const char* method : {"GET", "DELETE"}) {
      RawHttp client(port());
      ASSERT_TRUE(client.Ask(method, target));
      const auto response = client.Read();
      ASSERT_TRUE(response.has_value()) << target;
      EXPECT_EQ(response->status, 400) << target << ": " << response->body;
    }
  }
}

class PatientHttpServerTest : public HttpServerTest {
 protected:
  PatientHttpServerTest() : HttpServerTest(60'000) {}
};

TEST_F(PatientHttpServerTest, BodiesFromOneAddressTakeNoMoreThanTheirShare) {
  // As many as its share holds, each less its last byte.
  const std::string most(kBodyMax - 1, 'b');
  const std::string length = "Content-Length: " + std::to_string(kBodyMax) + "\r\n";
  std::deque<RawHttp> greedy;
  for (size_t i = 0; i < kAddressBodiesMax / kBodyMax; ++i) {
    ASSERT_TRUE(greedy.emplace_back(port(), "127.0.0.5").Ask("POST", "/a", length));
    ASSERT_TRUE(greedy.back().Send(most));
  }
  EXPECT_TRUE(Soon([&] { return BodyBytes() == greedy.size() * most.size(); }));
  RawHttp more(port(), "127.0.0.5");
  ASSERT_TRUE(more.Ask("POST", "/a", length));
  more.Send(std::string(100, 'b'));
  EXPECT_EQ(more.Read().value_or(RawResponse{}).status, 503);
  RawHttp other(port(), "127.0.0.6");
  ASSERT_TRUE(other.Ask("POST", "/a", "", std::string(kBodyMax, 'b')));
  EXPECT_EQ(other.Read().value_or(RawResponse{}).status, 200);
  // What is read gives its room back.
  greedy.pop_back();
  EXPECT_TRUE(Soon([&] {
    RawHttp again(port(), "127.0.0.5");
    return again.Ask("POST", "/a", "", std::string(100, 'b')) &&
           again.Read().value_or(RawResponse{}).status == 200;
  }));
}

TEST_F(HttpServerTest, WhatIsNoHttpEndsItsConnectionOnly) {
  for (const std::string& garbage :
       {std::string("\0\1\2\3\r\n\r\n", 8), std::string("NONSENSE\r\n\r\n"),
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        std::string("GET /a HTTP/1.1\r\nContent-Length: x\r\n\r\n"),
        std::string("POST /a HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
        std::string("POST /a HTTP/1.1\r\nContent-Length: -1\r\n\r\n"), std::string(100'000, 'A')}) {
    RawHttp client(port());
    client.Send(garbage);
    const auto response = client.Read(300);
    if (response) EXPECT_GE(response->status, 400) << garbage.substr(0, 60);
    client.Close();
  }
  RawHttp good(port());
  ASSERT_TRUE(good.Ask("GET", "/a"));
  EXPECT_EQ(good.Read()->status, 200);
}

TEST_F(HttpServerTest, AWebSocketThatNamesHttpIsRefused) {
  RawHttp client(port());
  ASSERT_TRUE(client.Ask("GET", "/a",
                         "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: cotext.http\r\n"));
  const auto response = client.Read(2'000);
  if (response) EXPECT_NE(response->status, 101);
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(HttpServerTest, SlowHeadersDoNotKeepOthersWaiting) {
  RawHttp slow(port());
  ASSERT_TRUE(slow.Send("GET /a HT"));
  RawHttp quick(port());
  ASSERT_TRUE(quick.Ask("GET", "/a"));
  EXPECT_EQ(quick.Read(1'000)->status, 200);
  ASSERT_TRUE(slow.Send("TP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_EQ(slow.Read()->status, 200);
}

TEST_F(HttpServerTest, ManySlowHeadersDoNotKeepOthersWaiting) {
  std::vector<std::unique_ptr<RawHttp>> slow;
  for (int i = 0; i < 300; ++i) {
    slow.push_back(std::make_unique<RawHttp>(port()));
    ASSERT_TRUE(slow.back()->Send("GET /a HT"));
  }
  RawHttp quick(port());
  ASSERT_TRUE(quick.Ask("GET", "/a"));
  // Sooner than any of them is given up.
  const auto response = quick.Read(5'000);
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 200);
}

TEST_F(HttpServerTest, WhoConnectsAndSaysNothingIsGivenUp) {
  RawHttp silent(port());
  RawHttp begun(port());
  ASSERT_TRUE(begun.Send("GET /a HT"));
  EXPECT_TRUE(silent.IsClosed(40'000));
  EXPECT_TRUE(begun.IsClosed(40'000));
}

}  // namespace
}  // namespace cotext::net
