#include "net/client/client_connection.h"

#include <algorithm>
#include <atomic>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include "net/base/event_loop.h"
#include "net/client/http_client.h"
#include "net/client/poll_client.h"
#include "net/client/websocket_client.h"

namespace cotext::net {
namespace {

// What is left to be sent at the end has so long.
constexpr uint64_t kLingerMs = kFinishMsMax + 200;

// Whether a token can stand in a header field, and nothing behind it.
bool IsToken(const std::string& token) {
  return std::ranges::all_of(token, [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

// Its parts are used by the thread, but for what the mutex is for.
class ClientConnection::Worker {
 public:
  explicit Worker(ConnectionOptions options)
      : options_(std::move(options)), choice_(options_.choice) {}

  Expected<void> Start();
  // For any thread; `work` runs in this one.
  void Post(EventLoop::Task work) { loop_->Post(std::move(work)); }
  uint64_t NowMs() const { return loop_->NowMs(); }
  void Join();

  // In this thread.
  void Connect(uint64_t generation, std::string token);
  void Send(std::string packet);
  void Disconnect();
  void WakeAt(std::optional<uint64_t> at_ms);

  // For any thread.
  std::vector<ConnectionEvent> TakeEvents(uint64_t generation);
  TransportKind transport() const { return transport_; }
  ConnectionCounters counters();

 private:
  // A connection, and what is known of it.
  struct Line {
    uint64_t number = 0;
    TransportKind kind = TransportKind::kWebSocket;
    uint64_t generation = 0;  // 0: it is tried beside another one, or nobody's any more.
    bool is_open = false;
    bool brought_something = false;
    uint64_t piece_told_at_ms = 0;
    std::unique_ptr<ClientTransport> transport = nullptr;
  };
  using LineAt = std::list<Line>::iterator;

  LineAt Open(TransportKind kind, uint64_t generation);
  std::unique_ptr<ClientTransport> Make(const Line& line, TransportEvents events);
  void OnOpen(Line& line);
  void OnPiece(Line& line);
  void OnPacket(Line& line, std::string_view packet);
  void OnEnd(Line& line, const ConnectionEnd& end);
  void Judge(const Line& line);
  void Drop(uint64_t number);
  Line* Current();
  void Probe();
  void ScheduleProbe();
  void Tell(uint64_t generation, ConnectionEvent event);
  void StopIfDone();

  ConnectionOptions options_;
  TransportChoice choice_;
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<WebSocketClient> websockets_;
  std::unique_ptr<HttpClient> http_;
  std::unique_ptr<Timer> wake_;
  std::unique_ptr<Timer> probe_timer_;
  std::unique_ptr<Timer> linger_timer_;
  std::thread thread_;

  std::string token_;
  uint64_t generation_ = 0;  // Of the connection that there is; 0: none is wanted.
  std::list<Line> lines_;
  uint64_t next_line_ = 1;
  Line* probe_ = nullptr;
  bool is_ending_ = false;
  std::atomic<TransportKind> transport_ = TransportKind::kWebSocket;

  std::mutex mutex_;  // Of what follows.
  std::vector<std::pair<uint64_t, ConnectionEvent>> events_;
  size_t event_bytes_ = 0;
  ConnectionCounters counters_;
};

Expected<void> ClientConnection::Worker::Start() {
  auto loop = EventLoop::Create();
  if (!loop) return std::unexpected(std::move(loop).error());
  loop_ = *std::move(loop);
  auto websockets = WebSocketClient::Create(
      *loop_, {.url = options_.url, .tls = options_.tls, .look_up = options_.look_up});
  if (!websockets) return std::unexpected(std::move(websockets).error());
  websockets_ = *std::move(websockets);
  auto http = HttpClient::Create(options_.tls);
  if (!http) return std::unexpected(std::move(http).error());
  http_ = *std::move(http);
  wake_ = std::make_unique<Timer>(*loop_, [this] { options_.on_news(); });
  probe_timer_ = std::make_unique<Timer>(*loop_, [this] { Probe(); });
  linger_timer_ = std::make_unique<Timer>(*loop_, [this] { loop_->Stop(); });
  thread_ = std::thread([this] { loop_->Run(); });
  return {};
}

void ClientConnection::Worker::Join() {
  if (!thread_.joinable()) return;
  Post([this] {
    is_ending_ = true;
    Disconnect();
    probe_ = nullptr;
    lines_.remove_if([](const Line& line) { return !line.brought_something; });
    linger_timer_->Set(NowMs() + kLingerMs);
    StopIfDone();
  });
  thread_.join();
  // Requests tell the loop of their ends, and timers and connections are of the loop.
  lines_.clear();
  http_.reset();
  loop_->Close();
  wake_.reset();
  probe_timer_.reset();
  linger_timer_.reset();
}

void ClientConnection::Worker::StopIfDone() {
  if (is_ending_ && lines_.empty()) loop_->Stop();
}

// Connections.

void ClientConnection::Worker::Connect(uint64_t generation, std::string token) {
  Disconnect();
  generation_ = generation;
  if (!IsToken(token)) {
    return Tell(generation,
                {.kind = ConnectionEvent::Kind::kLost,
                 .end = {.error = {ErrorCode::kBadRequest, "the token has characters of none"},
                         .is_final = true}});
  }
  token_ = std::move(token);
  if (probe_ != nullptr && probe_->is_open) {
    // It was made beside the one before, to take its place.
    Line& line = *std::exchange(probe_, nullptr);
    line.generation = generation;
    choice_.OnProbeOpened();
    return OnOpen(line);
  }
  Open(choice_.Next(), generation);
}

ClientConnection::Worker::LineAt ClientConnection::Worker::Open(TransportKind kind,
                                                                uint64_t generation) {
  const LineAt line = lines_.insert(
      lines_.end(), Line{.number = next_line_++, .kind = kind, .generation = generation});
  Line* const at = &*line;
  line->transport = Make(*line, {.on_open = [this, at] { OnOpen(*at); },
                                 .on_piece = [this, at] { OnPiece(*at); },
                                 .on_packet = [this, at](std::string_view p) { OnPacket(*at, p); },
                                 .on_end = [this, at](const ConnectionEnd& e) { OnEnd(*at, e); }});
  return line;
}

std::unique_ptr<ClientTransport> ClientConnection::Worker::Make(const Line& line,
                                                                TransportEvents events) {
  if (line.kind == TransportKind::kPoll) {
    return std::make_unique<PollClient>(*loop_, *http_, options_.url, token_, std::move(events),
                                        options_.poll);
  }
  return websockets_->Connect({.token = token_, .is_probe = line.generation == 0},
                              std::move(events), [this] { choice_.OnRefused(); });
}

void ClientConnection::Worker::OnOpen(Line& line) {
  line.is_open = true;
  if (&line == probe_) {
    // The application comes back by Connect, and has this one.
    Line* const current = Current();
    if (current == nullptr) return;
    Tell(std::exchange(current->generation, 0),
         {.kind = ConnectionEvent::Kind::kLost,
          .end = {.error = {ErrorCode::kIo, "a WebSocket takes the place of polling"}}});
    return current->transport->Finish();
  }
  transport_ = line.kind;
  {
    const std::lock_guard lock(mutex_);
    ++(line.kind == TransportKind::kPoll ? counters_.polls : counters_.websockets);
  }
  Tell(line.generation, {.kind = ConnectionEvent::Kind::kOpened});
}

// The application need not be woken for each.
void ClientConnection::Worker::OnPiece(Line& line) {
  constexpr uint64_t kTellMs = 250;
  if (line.generation == 0 || NowMs() < line.piece_told_at_ms + kTellMs) return;
  line.piece_told_at_ms = NowMs();
  Tell(line.generation, {.kind = ConnectionEvent::Kind::kPiece});
}

void ClientConnection::Worker::OnPacket(Line& line, std::string_view packet) {
  if (line.generation == 0) return;
  if (!std::exchange(line.brought_something, true)) {
    choice_.OnWorks(line.kind, NowMs());
    ScheduleProbe();
  }
  Tell(line.generation,
       {.kind = ConnectionEvent::Kind::kPacket, .packet = std::string(packet), .end = {}});
}

void ClientConnection::Worker::OnEnd(Line& line, const ConnectionEnd& end) {
  Judge(line);
  if (&line == probe_) {
    probe_ = nullptr;
    choice_.OnProbeFailed(NowMs());
    ScheduleProbe();
  } else if (line.generation != 0) {
    // Whether it was the server that refused, polling will tell.
    const bool may_go_on = options_.choice.mode == TransportMode::kAuto &&
                           line.kind == TransportKind::kWebSocket && !line.is_open;
    Tell(line.generation, {.kind = ConnectionEvent::Kind::kLost,
                           .end = {.error = end.error, .is_final = end.is_final && !may_go_on}});
  }
  line.generation = 0;
  // Not inside what the transport tells.
  Post([this, number = line.number] { Drop(number); });
}

// Says to the choice how a connection went that is over.
void ClientConnection::Worker::Judge(const Line& line) {
  if (line.generation == 0 || line.brought_something) return;
  choice_.OnFailed(line.kind);
  const std::lock_guard lock(mutex_);
  ++counters_.failures;
}

void ClientConnection::Worker::Drop(uint64_t number) {
  lines_.remove_if([&](const Line& each) { return each.number == number; });
  StopIfDone();
}

ClientConnection::Worker::Line* ClientConnection::Worker::Current() {
  for (Line& line : lines_) {
    if (line.generation != 0 && line.generation == generation_) return &line;
  }
  return nullptr;
}

void ClientConnection::Worker::Send(std::string packet) {
  Line* const line = Current();
  if (line == nullptr || !line->is_open) return;
  {
    const std::lock_guard lock(mutex_);
    ++counters_.packets_out;
    counters_.bytes_out += packet.size();
  }
  line->transport->Send(std::move(packet));
}

void ClientConnection::Worker::Disconnect() {
  Line* const line = Current();
  generation_ = 0;
  if (line == nullptr) return;
  Judge(*line);
  line->generation = 0;
  if (line->is_open && line->brought_something) return line->transport->Finish();
  // It may never be one.
  Drop(line->number);
}

// A WebSocket beside polling.

void ClientConnection::Worker::ScheduleProbe() {
  const auto at_ms = choice_.probe_at_ms();
  at_ms&& probe_ == nullptr ? probe_timer_->Set(*at_ms) : probe_timer_->Clear();
}

void ClientConnection::Worker::Probe() {
  if (probe_ != nullptr || Current() == nullptr || is_ending_) return;
  probe_ = &*Open(TransportKind::kWebSocket, 0);
}

// The application.

void ClientConnection::Worker::WakeAt(std::optional<uint64_t> at_ms) {
  at_ms ? wake_->Set(*at_ms) : wake_->Clear();
}

void ClientConnection::Worker::Tell(uint64_t generation, ConnectionEvent event) {
  bool is_too_much = false;
  {
    const std::lock_guard lock(mutex_);
    if (event.kind == ConnectionEvent::Kind::kPacket) {
      ++counters_.packets_in;
      counters_.bytes_in += event.packet.size();
    }
    event_bytes_ += event.packet.size() + sizeof(event);
    is_too_much = event_bytes_ > kIncomingBytesMax;
    if (is_too_much) {
      event = {.kind = ConnectionEvent::Kind::kLost,
               .end = {.error = {ErrorCode::kTooSlow, "more has come than is taken"}}};
    }
    events_.emplace_back(generation, std::move(event));
  }
  options_.on_news();
  if (!is_too_much) return;
  Line* const line = Current();
  if (line == nullptr || line->generation != generation) return;
  line->generation = 0;
  Post([this, number = line->number] { Drop(number); });
}

std::vector<ConnectionEvent> ClientConnection::Worker::TakeEvents(uint64_t generation) {
  std::vector<std::pair<uint64_t, ConnectionEvent>> all;
  {
    const std::lock_guard lock(mutex_);
    all.swap(events_);
    event_bytes_ = 0;
  }
  std::vector<ConnectionEvent> events;
  for (auto& [whose, event] : all) {
    if (whose == generation) events.push_back(std::move(event));
  }
  return events;
}

ConnectionCounters ClientConnection::Worker::counters() {
  const std::lock_guard lock(mutex_);
  return counters_;
}

Expected<std::unique_ptr<ClientConnection>> ClientConnection::Create(ConnectionOptions options) {
  if (!options.on_news) options.on_news = [] {};
  auto worker = std::make_unique<Worker>(std::move(options));
  COTEXT_RETURN_IF_ERROR(worker->Start());
  return std::unique_ptr<ClientConnection>(new ClientConnection(std::move(worker)));
}

ClientConnection::ClientConnection(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {}

ClientConnection::~ClientConnection() { worker_->Join(); }

uint64_t ClientConnection::NowMs() const { return worker_->NowMs(); }

void ClientConnection::Connect(std::string token) {
  worker_->Post([worker = worker_.get(), generation = ++generation_, token = std::move(token)] {
    worker->Connect(generation, token);
  });
}

void ClientConnection::Send(std::string packet) {
  worker_->Post([worker = worker_.get(), packet = std::move(packet)]() mutable {
    worker->Send(std::move(packet));
  });
}

void ClientConnection::Disconnect() {
  ++generation_;
  worker_->Post([worker = worker_.get()] { worker->Disconnect(); });
}

void ClientConnection::WakeAt(std::optional<uint64_t> at_ms) {
  worker_->Post([worker = worker_.get(), at_ms] { worker->WakeAt(at_ms); });
}

std::vector<ConnectionEvent> ClientConnection::TakeEvents() {
  return worker_->TakeEvents(generation_);
}

TransportKind ClientConnection::transport() const { return worker_->transport(); }

ConnectionCounters ClientConnection::counters() const { return worker_->counters(); }

}  // namespace cotext::net
