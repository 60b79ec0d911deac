// Load for a server that runs already, on this machine, in a process of its own.
//
//     server_load idle PORT PID CONNECTIONS
//     server_load fanout (cotext|yjs) PORT PID READERS WRITERS EDITS_PER_S SECONDS
//
// Prints one JSON object. `fanout`: each reader has to get each edit of each writer, in order; what
// is told is how many that were for each second of processor time that the server took. That
// counts only what was made, so servers that fall behind can be compared with those that keep up:
// it stops when all has come or nothing has for a second, 30 s after the last edit at the latest.
// Exit code 1 if not all has come, or the connection of a reader was lost.
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "benchmarks/net/load_protocol.h"
#include "benchmarks/net/load_socket.h"
#include "document/check.h"

namespace cotext {
namespace {

using Clock = std::chrono::steady_clock;

double Seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

double Percentile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  const auto place = static_cast<std::ptrdiff_t>(static_cast<double>(values.size() - 1) * share);
  std::nth_element(values.begin(), values.begin() + place, values.end());
  return values[static_cast<size_t>(place)];
}

// The server's process.
class Process {
 public:
  explicit Process(pid_t id) : id_(id) { COTEXT_CHECK(clock_getcpuclockid(id, &clock_) == 0); }

  double CpuSeconds() const {
    timespec time{};
    COTEXT_CHECK(clock_gettime(clock_, &time) == 0);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  }
  double ResidentBytes() const {
    std::ifstream file("/proc/" + std::to_string(id_) + "/statm");
    double all = 0;
    double resident = 0;
    file >> all >> resident;
    return resident * static_cast<double>(getpagesize());
  }

 private:
  pid_t id_;
  clockid_t clock_ = 0;
};

struct Member {
  LoadSocket socket;
  std::unique_ptr<LoadProtocol> protocol;
  std::vector<uint64_t> heard = {};  // Edits of each writer.
};

// Members in a thread; what they hear of edits is counted, and how long it took to come.
class Crowd {
 public:
  Crowd() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;
  ~Crowd() { close(epoll_); }

  Member& Add(LoadSocket socket, std::unique_ptr<LoadProtocol> protocol, size_t writers) {
    members_.push_back(std::make_unique<Member>(
        Member{.socket = std::move(socket), .protocol = std::move(protocol)}));
    Member& member = *members_.back();
    member.heard.resize(writers + 1);
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &member}};
    COTEXT_CHECK(epoll_ctl(epoll_, EPOLL_CTL_ADD, member.socket.socket(), &event) == 0);
    for (const std::string& message : member.protocol->Begin()) member.socket.Send(message);
    return member;
  }

  void NoteSent(uint64_t writer) {
    if (sent_.size() <= writer) sent_.resize(writer + 1);
    sent_[writer].push_back(Clock::now());
  }

  void Step(int wait_ms) {
    std::array<epoll_event, 256> events{};
    const int count = epoll_wait(epoll_, events.data(), events.size(), wait_ms);
    const auto now = Clock::now();
    for (int i = 0; i < count; ++i) {
      auto& member = *static_cast<Member*>(events[static_cast<size_t>(i)].data.ptr);
      const bool is_there = member.socket.Receive([&](std::string_view message) {
        ++messages_;
        auto answer = member.protocol->OnMessage(message);
        for (const auto& heard : answer.heard) Hear(member, heard, now);
        for (const std::string& reply : answer.replies) member.socket.Send(reply);
      });
      if (is_there) continue;
      ++lost_;
      epoll_ctl(epoll_, EPOLL_CTL_DEL, member.socket.socket(), nullptr);
    }
  }

  bool AreReady() const {
    return std::ranges::all_of(members_, [](const auto& m) { return m->protocol->IsReady(); });
  }
  uint64_t deliveries() const { return deliveries_; }
  uint64_t messages() const { return messages_; }
  uint64_t lost() const { return lost_; }
  std::vector<double>& latencies_ms() { return latencies_ms_; }

 private:
  void Hear(Member& member, const LoadProtocol::Heard& heard, Clock::time_point now) {
    COTEXT_CHECK(heard.writer < member.heard.size());
    uint64_t& before = member.heard[heard.writer];
    // A server that sends an edit back to who made it does not deliver it.
    if (heard.edits <= before) return;
    for (uint64_t edit = before; edit < heard.edits; ++edit) {
      ++deliveries_;
      if (heard.writer >= sent_.size() || edit >= sent_[heard.writer].size()) continue;
      // One in a hundred is enough.
      if (++sampled_ % 97 != 0) continue;
      latencies_ms_.push_back(Seconds(now - sent_[heard.writer][edit]) * 1e3);
    }
    before = heard.edits;
  }

  int epoll_;
  std::vector<std::unique_ptr<Member>> members_;
  std::vector<std::vector<Clock::time_point>> sent_;  // By writer.
  uint64_t deliveries_ = 0;
  uint64_t messages_ = 0;
  uint64_t lost_ = 0;
  uint64_t sampled_ = 0;
  std::vector<double> latencies_ms_;
};

std::string AddressOf(size_t number) {
  constexpr size_t kPerAddress = 500;
  return "127.0.1." + std::to_string(1 + number / kPerAddress);
}

int Idle(uint16_t port, const Process& server, size_t connections) {
  Crowd crowd;
  const double before = server.ResidentBytes();
  const auto began = Clock::now();
  const double cpu_before = server.CpuSeconds();
  for (size_t i = 0; i < connections; ++i) {
    crowd.Add(LoadSocket(port, AddressOf(i), "/v1/socket", "cotext.v1"), MakeCotextLoad(1, false),
              0);
    if (i % 100 == 99) crowd.Step(0);
  }
  while (!crowd.AreReady()) crowd.Step(10);
  const double connecting_s = Seconds(Clock::now() - began);
  const double connecting_cpu_s = server.CpuSeconds() - cpu_before;
  LoadSocket asker(port, "127.0.2.1", "/v1/socket", "cotext.v1");
  const auto protocol = MakeCotextLoad(1, false);
  for (const std::string& message : protocol->Begin()) asker.Send(message);
  std::vector<double> times_ms;
  constexpr int kRounds = 3'000;
  for (int round = 0; round < kRounds; ++round) {
    const auto asked = Clock::now();
    asker.Send(protocol->Ask());
    bool is_answered = false;
    while (!is_answered) {
      COTEXT_CHECK(asker.Receive([&](std::string_view message) {
        is_answered = is_answered || protocol->IsAnswer(message);
      }));
      COTEXT_CHECK(Seconds(Clock::now() - asked) < 10);
    }
    times_ms.push_back(Seconds(Clock::now() - asked) * 1e3);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const double p50 = Percentile(times_ms, 0.5);
  std::cout << nlohmann::ordered_json{{"connections", connections},
                                      {"connects_per_s",
                                       static_cast<double>(connections) / connecting_s},
                                      {"connect_cpu_us",
                                       connecting_cpu_s * 1e6 / static_cast<double>(connections)},
                                      {"resident_bytes_per_connection",
                                       (server.ResidentBytes() - before) /
                                           static_cast<double>(connections)},
                                      {"ping_p50_ms", p50},
                                      {"ping_p99_ms", Percentile(times_ms, 0.99)}}
            << std::endl;
  return crowd.lost() == 0 ? 0 : 1;
}

struct FanOut {
  bool is_cotext = true;
  uint16_t port = 0;
  size_t readers = 0;
  size_t writers = 0;
  double edits_per_s = 0;
  double seconds = 0;
};

Member& Join(Crowd& crowd, const FanOut& options, size_t number, uint64_t writer) {
  const std::string path = options.is_cotext ? "/v1/socket" : "/load";
  return crowd.Add(
      LoadSocket(options.port, AddressOf(number), path, options.is_cotext ? "cotext.v1" : ""),
      options.is_cotext ? MakeCotextLoad(writer, true) : MakeYjsLoad(writer), options.writers);
}

// Returns how many edits were sent.
uint64_t Write(Crowd& crowd, const FanOut& options, const std::vector<Member*>& writers) {
  const auto began = Clock::now();
  uint64_t edits = 0;
  for (double passed = 0; passed < options.seconds; passed = Seconds(Clock::now() - began)) {
    const auto due = static_cast<uint64_t>(passed * options.edits_per_s);
    for (; edits < due; ++edits) {
      const uint64_t writer = 1 + edits % options.writers;
      crowd.NoteSent(writer);
      writers[writer - 1]->socket.Send(writers[writer - 1]->protocol->Edit());
    }
    crowd.Step(1);
  }
  return edits;
}

// Until all has come, or no more does.
void Drain(Crowd& crowd, uint64_t deliveries) {
  constexpr double kLongestS = 30;
  const auto began = Clock::now();
  auto moved = began;
  for (uint64_t last = 0; crowd.deliveries() < deliveries;) {
    crowd.Step(1);
    const auto now = Clock::now();
    if (crowd.deliveries() != last) moved = now;
    last = crowd.deliveries();
    if (Seconds(now - moved) > 1 || Seconds(now - began) > kLongestS) return;
  }
}

int RunFanOut(const FanOut& options, const Process& server) {
  Crowd crowd;
  std::vector<Member*> writers;
  for (uint64_t i = 1; i <= options.writers; ++i) {
    writers.push_back(&Join(crowd, options, i, i));
  }
  while (!crowd.AreReady()) crowd.Step(10);
  for (size_t i = 0; i < options.readers; ++i) {
    Join(crowd, options, i, options.writers + 1 + i);
    crowd.Step(0);
  }
  while (!crowd.AreReady()) crowd.Step(10);
  for (int i = 0; i < 50; ++i) crowd.Step(10);  // What is said at the beginning.
  const uint64_t messages = crowd.messages();
  const double cpu = server.CpuSeconds();
  const auto began = Clock::now();
  const uint64_t edits = Write(crowd, options, writers);
  // The writers hear each other, too; of their own edits only from servers that send them back.
  const uint64_t echoes = options.is_cotext ? 0 : edits;
  const uint64_t expected = edits * (options.readers + options.writers - 1) + echoes;
  Drain(crowd, expected);
  const double took = Seconds(Clock::now() - began);
  const double cpu_s = server.CpuSeconds() - cpu;
  const bool is_complete = crowd.deliveries() == expected && crowd.lost() == 0;
  const auto deliveries = static_cast<double>(crowd.deliveries());
  const double p50 = Percentile(crowd.latencies_ms(), 0.5);
  std::cout << nlohmann::ordered_json{{"server", options.is_cotext ? "cotext" : "yjs"},
                                      {"readers", options.readers},
                                      {"writers", options.writers},
                                      {"edits", edits},
                                      {"complete", is_complete},
                                      {"lost_connections", crowd.lost()},
                                      {"deliveries", crowd.deliveries()},
                                      {"messages", crowd.messages() - messages},
                                      {"seconds", took},
                                      {"server_cpu_s", cpu_s},
                                      {"deliveries_per_cpu_s", deliveries / cpu_s},
                                      {"p50_ms", p50},
                                      {"p99_ms", Percentile(crowd.latencies_ms(), 0.99)}}
            << std::endl;
  return is_complete ? 0 : 1;
}

int Main(const std::vector<std::string>& arguments) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  if (arguments.size() == 4 && arguments[0] == "idle") {
    return Idle(static_cast<uint16_t>(std::stoi(arguments[1])), Process(std::stoi(arguments[2])),
                std::stoul(arguments[3]));
  }
  if (arguments.size() == 8 && arguments[0] == "fanout") {
    return RunFanOut({.is_cotext = arguments[1] == "cotext",
                      .port = static_cast<uint16_t>(std::stoi(arguments[2])),
                      .readers = std::stoul(arguments[4]),
                      .writers = std::stoul(arguments[5]),
                      .edits_per_s = std::stod(arguments[6]),
                      .seconds = std::stod(arguments[7])},
                     Process(std::stoi(arguments[3])));
  }
  std::cerr << "server_load idle PORT PID CONNECTIONS\n"
               "server_load fanout (cotext|yjs) PORT PID READERS WRITERS EDITS_PER_S SECONDS\n";
  return 2;
}

}  // namespace
}  // namespace cotext

int main(int argc, char** argv) { return cotext::Main({argv + 1, argv + argc}); }
