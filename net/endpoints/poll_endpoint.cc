#include "net/endpoints/poll_endpoint.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "document/error.h"
#include "net/base/close_code.h"
#include "net/base/secret.h"
#include "net/driver/transport.h"
#include "net/http/http_error.h"
#include "sync/server_session.h"

namespace cotext::net {
namespace {

constexpr uint64_t kRetryMs = 1'000;
constexpr char kFramesType[] = "application/octet-stream";

std::optional<uint64_t> NumberOf(const HttpRequest& request, std::string_view name) {
  const auto digits = request.target.Find(name);
  if (!digits) return std::nullopt;
  uint64_t number = 0;
  const char* const last = digits->data() + digits->size();
  const auto [end, error] = std::from_chars(digits->data(), last, number);
  if (error != std::errc() || end != last) return std::nullopt;
  return number;
}

HttpResponse NoNumber(std::string_view name) {
  return ErrorResponse(Error{ErrorCode::kBadRequest, std::string(name) + " is to be a number"});
}

HttpResponse ReceivedResponse(uint64_t received) {
  return JsonResponse(nlohmann::json{{"received", received}}.dump());
}

}  // namespace

// The driver's end of a connection.
class PollEndpoint::Connection final : public Transport {
 public:
  Connection(PollEndpoint& endpoint, std::string hash, const Admission& admission)
      : endpoint_(&endpoint),
        hash_(std::move(hash)),
        poll_(endpoint.schedule_->NowMs(), endpoint.options_.poll),
        id_(endpoint.driver_->OnConnect(*this, admission.identity)) {
    watch_ = endpoint_->watch_->Add(admission, [this](Expected<std::vector<sync::Grant>> grants) {
      if (grants) {
        endpoint_->driver_->SetGrants(id_, *std::move(grants));
      } else {
        endpoint_->driver_->End(id_, {.error = grants.error()});
      }
    });
    Plan();
  }
  ~Connection() override { End(); }

  // Ends it for the driver and for whoever waits for frames.
  void End();

  void OnPacketsWait() override { WantTurn(); }
  void Finish(const CloseReason& /*reason*/) override {
    is_finishing_ = true;
    WantTurn();
  }
  void Kill() override { static_cast<void>(endpoint_->Drop(hash_)); }

  HttpResponse OnPost(uint64_t first, std::string_view body);
  void OnPiece() {
    if (!has_ended_) endpoint_->driver_->OnPiece(id_);
  }
  // An error, or nothing: the task is told then.
  std::optional<HttpResponse> Hold(HeldTask& task, uint64_t after);
  void Release(uint64_t request);
  size_t waiting_bytes() const { return poll_.queued_bytes(); }

 private:
  void WantTurn() {
    endpoint_->schedule_->Cancel(turn_);
    turn_ = endpoint_->schedule_->Soon([this] { Turn(); });
  }
  void Plan();
  void Turn();

  PollEndpoint* endpoint_;
  std::string hash_;
  PollConnection poll_;
  sync::ConnectionId id_;
  AccessWatch::Id watch_ = 0;
  bool is_finishing_ = false;
  bool has_ended_ = false;
  std::map<uint64_t, HeldTask*> held_;
  uint64_t next_request_ = 1;
  Schedule::TaskId turn_ = 0;
};

// A GET that waits for frames.
class PollEndpoint::HeldTask final : public HttpTask {
 public:
  HeldTask(HttpOutput& output, std::shared_ptr<Connection> connection, uint64_t after)
      : output_(&output), connection_(std::move(connection)) {
    if (auto refused = connection_->Hold(*this, after)) output_->Answer(*std::move(refused));
  }
  ~HeldTask() override { connection_->Release(request); }

  void Answer(PollAnswer answer) {
    switch (answer.kind) {
      case PollAnswer::Kind::kNone: return output_->Answer(EmptyResponse());
      case PollAnswer::Kind::kGone: return output_->Answer(ErrorResponse(ConnectionGone()));
      case PollAnswer::Kind::kFrames:
        return output_->Answer({.content_type = kFramesType,
                                .headers = {{"Cache-Control", "no-store"}},
                                .body = std::move(answer.body)});
    }
  }

  uint64_t request = 0;

 private:
  HttpOutput* output_;
  std::shared_ptr<Connection> connection_;
};

void PollEndpoint::Connection::End() {
  if (std::exchange(has_ended_, true)) return;
  endpoint_->schedule_->Cancel(turn_);
  endpoint_->watch_->Remove(watch_);
  endpoint_->driver_->OnGone(id_);
  for (const auto& [request, task] : std::exchange(held_, {})) {
    task->Answer({.request = request, .kind = PollAnswer::Kind::kGone});
  }
}

HttpResponse PollEndpoint::Connection::OnPost(uint64_t first, std::string_view body) {
  if (poll_.is_over()) return ErrorResponse(ConnectionGone());
  const Expected<PollPost> post = poll_.OnPost(first, body);
  if (!post) return ErrorResponse(post.error());
  if (post->is_gap) return ErrorResponse(FrameGap(post->received));
  for (const std::string_view frame : post->frames) endpoint_->driver_->OnBytes(id_, frame);
  WantTurn();
  return ReceivedResponse(post->received);
}

std::optional<HttpResponse> PollEndpoint::Connection::Hold(HeldTask& task, uint64_t after) {
  if (has_ended_) return ErrorResponse(ConnectionGone());
  task.request = next_request_++;
  const Expected<void> held = poll_.OnGet(task.request, after, endpoint_->schedule_->NowMs());
  if (!held) return ErrorResponse(held.error());
  held_.emplace(task.request, &task);
  endpoint_->driver_->OnSignOfLife(id_);
  WantTurn();
  return std::nullopt;
}

void PollEndpoint::Connection::Release(uint64_t request) {
  if (held_.erase(request) == 0 || has_ended_) return;
  poll_.OnRequestGone(request, endpoint_->schedule_->NowMs());
  WantTurn();
}

void PollEndpoint::Connection::Plan() {
  endpoint_->schedule_->Cancel(turn_);
  const auto next = poll_.NextTimeMs();
  if (next) turn_ = endpoint_->schedule_->At(*next, [this] { Turn(); });
}

void PollEndpoint::Connection::Turn() {
  turn_ = 0;
  while (auto packet = endpoint_->driver_->TakePacket(id_)) poll_.Send(*std::move(packet));
  if (is_finishing_) poll_.Close();
  for (PollAnswer& answer : poll_.TakeAnswers(endpoint_->schedule_->NowMs())) {
    const auto found = held_.find(answer.request);
    if (found == held_.end()) continue;
    HeldTask* const task = found->second;
    held_.erase(found);
    task->Answer(std::move(answer));
  }
  if (!poll_.is_over()) return Plan();
  const bool is_overflow = poll_.end() == PollConnection::End::kOverflow;
  if (endpoint_->Drop(hash_) && is_overflow) ++endpoint_->overflows_;
}

// The endpoint.

PollEndpoint::PollEndpoint(ServerDriver& driver, AccessWatch& watch, Schedule& schedule,
                           std::function<uint64_t()> random, const PollEndpointOptions& options)
    : driver_(&driver),
      watch_(&watch),
      schedule_(&schedule),
      random_(std::move(random)),
      options_(options) {}

size_t PollEndpoint::waiting_bytes() const {
  size_t bytes = 0;
  for (const auto& [hash, connection] : connections_) bytes += connection->waiting_bytes();
  return bytes;
}

PollEndpoint::~PollEndpoint() { schedule_->Cancel(sweep_); }

std::shared_ptr<PollEndpoint::Connection> PollEndpoint::Find(const std::string& secret) const {
  const auto found = connections_.find(HashSecret(secret));
  return found == connections_.end() ? nullptr : found->second;
}

// It may be inside a call of the connection's, so that goes in the next turn.
bool PollEndpoint::Drop(const std::string& hash) {
  auto dropped = connections_.extract(hash);
  if (dropped.empty()) return false;
  leaving_.push_back(std::move(dropped.mapped()));
  if (sweep_ != 0) return true;
  sweep_ = schedule_->Soon([this] {
    sweep_ = 0;
    for (const auto& connection : std::exchange(leaving_, {})) connection->End();
  });
  return true;
}

HttpReply PollEndpoint::Connect(const Admission& admission) {
  if (connections_.size() >= options_.connections_max) {
    return ErrorResponse(Error{ErrorCode::kTooManySessions, "too many connections"}, kRetryMs);
  }
  const std::string secret = MakeSecret(random_);
  const std::string hash = HashSecret(secret);
  connections_.emplace(hash, std::make_shared<Connection>(*this, hash, admission));
  const nlohmann::ordered_json json = {{"connection", secret}, {"held_ms", options_.poll.held_ms}};
  HttpResponse response = JsonResponse(json.dump(), 201);
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

HttpReply PollEndpoint::PostFrames(const HttpRequest& request, const std::string& secret) {
  const auto connection = Find(secret);
  if (connection == nullptr) return ErrorResponse(ConnectionGone());
  const auto first = NumberOf(request, "first");
  if (!first) return NoNumber("first");
  return connection->OnPost(*first, request.body);
}

void PollEndpoint::OnPiece(const std::string& secret) {
  if (const auto connection = Find(secret)) connection->OnPiece();
}

HttpReply PollEndpoint::GetFrames(const HttpRequest& request, const std::string& secret) {
  auto connection = Find(secret);
  if (connection == nullptr) return ErrorResponse(ConnectionGone());
  const auto after = NumberOf(request, "after");
  if (!after) return NoNumber("after");
  return HttpStart([connection = std::move(connection), after = *after](HttpOutput& output) {
    return std::make_unique<HeldTask>(output, connection, after);
  });
}

HttpReply PollEndpoint::Disconnect(const std::string& secret) {
  if (Find(secret) == nullptr) return ErrorResponse(ConnectionGone());
  Drop(HashSecret(secret));
  return EmptyResponse();
}

}  // namespace cotext::net
