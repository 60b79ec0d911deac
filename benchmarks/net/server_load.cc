// Load for a server that runs already, on this machine, in a process of its own.
//
//     server_load idle SERVER PORT PID CONNECTIONS TO_A_DOCUMENT
//     server_load fanout SERVER PORT PID READERS WRITERS EDITS_PER_S SECONDS
//
// SERVER is cotext, y-websocket or hocuspocus: what it speaks. Prints one JSON object.
//
// `idle`: so many connections each open a document, empty, as a client does, and say nothing more.
// What the server takes for them is by how much its resident memory grew; one that collects garbage
// is asked to by SIGUSR2 before either reading, so that what is left over from connecting does not
// count. Then one more, which was there first, sends pings of WebSockets, one after another.
//
// `fanout`: each reader has to get each edit of each writer, in order; what is told is how many
// that were for each second of processor time that the server took. That counts only what was made,
// so servers that fall behind can be compared with those that keep up: it stops when all has come
// or nothing has for a second, 30 s after the last edit at the latest.
//
// Exit code 1 if not all has come, or a connection was lost.
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
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

// What is known of a server that can be loaded.
struct Server {
  std::string_view name;
  std::string_view path;
  bool has_document_in_path = false;
  std::string_view subprotocol;
  bool sends_edits_back = true;  // To who made them, too.
  bool collects_garbage = true;
  std::unique_ptr<LoadProtocol> (*make_protocol)(uint64_t writer, std::string_view document);
};

constexpr auto kServers = std::to_array<Server>({
    {.name = "cotext",
     .path = "/v1/socket",
     .subprotocol = "cotext.v1",
     .sends_edits_back = false,
     .collects_garbage = false,
     .make_protocol = MakeCotextLoad},
    {.name = "y-websocket",
     .path = "/",
     .has_document_in_path = true,
     .subprotocol = "",
     .make_protocol = [](uint64_t writer, std::string_view) { return MakeYjsLoad(writer); }},
    {.name = "hocuspocus", .path = "/", .subprotocol = "", .make_protocol = MakeHocuspocusLoad},
});

const Server* FindServer(std::string_view name) {
  const auto* const found = std::ranges::find(kServers, name, &Server::name);
  return found == kServers.end() ? nullptr : found;
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
  // Waits until it is at rest, and what it can give back is given back.
  void Settle(bool collects_garbage) const {
    if (collects_garbage) COTEXT_CHECK(kill(id_, SIGUSR2) == 0);
    std::this_thread::sleep_for(std::chrono::seconds(1));
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

  // Until all have the document.
  void Gather() {
    const auto is_ready = [](const auto& member) { return member->protocol->IsReady(); };
    while (!std::ranges::all_of(members_, is_ready)) {
      Step(10);
      COTEXT_CHECK(lost_ == 0);
    }
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

// Where a crowd goes.
struct Place {
  const Server& kind;
  uint16_t port = 0;
};

struct Newcomer {
  size_t number = 0;
  uint64_t writer = 0;
  size_t writers = 0;  // That there will be.
  std::string document = "load";
};

Member& Join(Crowd& crowd, const Place& place, const Newcomer& newcomer) {
  const Server& kind = place.kind;
  const std::string path =
      std::string(kind.path) + (kind.has_document_in_path ? newcomer.document : "");
  LoadSocket socket(place.port, AddressOf(newcomer.number), path, std::string(kind.subprotocol));
  return crowd.Add(std::move(socket), kind.make_protocol(newcomer.writer, newcomer.document),
                   newcomer.writers);
}

// How long answers took, sorted in no way.
std::vector<double> Ping(Crowd& crowd, LoadSocket& asker) {
  constexpr uint64_t kRounds = 3'000;
  std::vector<double> times_ms;
  while (times_ms.size() < kRounds) {
    const auto asked = Clock::now();
    asker.Ping();
    while (asker.pongs() <= times_ms.size()) {
      crowd.Step(0);
      COTEXT_CHECK(Seconds(Clock::now() - asked) < 10);
    }
    times_ms.push_back(Seconds(Clock::now() - asked) * 1e3);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return times_ms;
}

int Idle(const Place& place, const Process& server, size_t connections, size_t to_a_document) {
  Crowd crowd;
  Member& asker = Join(crowd, place, {.writer = 1});
  crowd.Gather();
  server.Settle(place.kind.collects_garbage);
  const double before = server.ResidentBytes();
  const double cpu_before = server.CpuSeconds();
  const auto began = Clock::now();
  for (size_t i = 1; i <= connections; ++i) {
    const std::string document = "load-" + std::to_string((i - 1) / to_a_document);
    Join(crowd, place, {.number = i, .writer = 1 + i, .document = document});
    if (i % 10 == 0) crowd.Step(0);
  }
  crowd.Gather();
  const double connecting_s = Seconds(Clock::now() - began);
  const double connecting_cpu_s = server.CpuSeconds() - cpu_before;
  server.Settle(place.kind.collects_garbage);
  const double resident = server.ResidentBytes() - before;
  std::vector<double> times_ms = Ping(crowd, asker.socket);
  const auto count = static_cast<double>(connections);
  const double p50 = Percentile(times_ms, 0.5);
  std::cout << nlohmann::ordered_json{{"measure", "idle"},
                                      {"server", place.kind.name},
                                      {"connections", connections},
                                      {"to_a_document", to_a_document},
                                      {"complete", crowd.lost() == 0},
                                      {"connects_per_s", count / connecting_s},
                                      {"connect_cpu_us", connecting_cpu_s * 1e6 / count},
                                      {"resident_bytes_per_connection", resident / count},
                                      {"ping_p50_ms", p50},
                                      {"ping_p99_ms", Percentile(times_ms, 0.99)}}
            << '\n';
  return crowd.lost() == 0 ? 0 : 1;
}

struct FanOut {
  Place place;
  size_t readers = 0;
  size_t writers = 0;
  double edits_per_s = 0;
  double seconds = 0;
};

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
    writers.push_back(
        &Join(crowd, options.place, {.number = i, .writer = i, .writers = options.writers}));
  }
  crowd.Gather();
  for (size_t i = 0; i < options.readers; ++i) {
    Join(crowd, options.place,
         {.number = i, .writer = options.writers + 1 + i, .writers = options.writers});
    crowd.Step(0);
  }
  crowd.Gather();
  for (int i = 0; i < 50; ++i) crowd.Step(10);  // What is said at the beginning.
  const uint64_t messages = crowd.messages();
  const double cpu = server.CpuSeconds();
  const auto began = Clock::now();
  const uint64_t edits = Write(crowd, options, writers);
  // The writers hear each other, too; of their own edits only from servers that send them back.
  const uint64_t echoes = options.place.kind.sends_edits_back ? edits : 0;
  const uint64_t expected = edits * (options.readers + options.writers - 1) + echoes;
  Drain(crowd, expected);
  const double took = Seconds(Clock::now() - began);
  const double cpu_s = server.CpuSeconds() - cpu;
  const bool is_complete = crowd.deliveries() == expected && crowd.lost() == 0;
  const auto deliveries = static_cast<double>(crowd.deliveries());
  const double p50 = Percentile(crowd.latencies_ms(), 0.5);
  std::cout << nlohmann::ordered_json{{"measure", "fanout"},
                                      {"server", options.place.kind.name},
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
            << '\n';
  return is_complete ? 0 : 1;
}

int Main(const std::vector<std::string>& arguments) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  const Server* const kind = arguments.size() > 2 ? FindServer(arguments[1]) : nullptr;
  if (kind != nullptr && arguments.size() == 6 && arguments[0] == "idle") {
    return Idle({.kind = *kind, .port = static_cast<uint16_t>(std::stoi(arguments[2]))},
                Process(std::stoi(arguments[3])), std::stoul(arguments[4]),
                std::stoul(arguments[5]));
  }
  if (kind != nullptr && arguments.size() == 8 && arguments[0] == "fanout") {
    return RunFanOut(
        {.place = {.kind = *kind, .port = static_cast<uint16_t>(std::stoi(arguments[2]))},
         .readers = std::stoul(arguments[4]),
         .writers = std::stoul(arguments[5]),
         .edits_per_s = std::stod(arguments[6]),
         .seconds = std::stod(arguments[7])},
        Process(std::stoi(arguments[3])));
  }
  std::cerr << "server_load idle SERVER PORT PID CONNECTIONS TO_A_DOCUMENT\n"
               "server_load fanout SERVER PORT PID READERS WRITERS EDITS_PER_S SECONDS\n"
               "SERVER is cotext, y-websocket or hocuspocus.\n";
  return 2;
}

}  // namespace
}  // namespace cotext

int main(int argc, char** argv) { return cotext::Main({argv + 1, argv + argc}); }
