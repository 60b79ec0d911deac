#include "net/http/http_server.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "document/error.h"
#include "net/http/http_error.h"
#include "net/http/http_headers.h"
#include "sync/slow_line.h"

namespace cotext::net {
namespace {

constexpr char kProtocol[] = "cotext.http";
constexpr char kRoot[] = "/";

// Heads are short: what is long, as an origin, came in headers of no more than this.
constexpr size_t kHeadBytesMax = 16'384;
constexpr size_t kPieceBytes = 16'384;
constexpr int kPiecesPerTurn = 16;  // Of one answer, so that none keeps the others waiting.
constexpr int kTakeSMax = 30;
constexpr uint64_t kBusyRetryMs = 1'000;

// Marks a connection on which requests cannot be told apart any more.
void* const kBroken = const_cast<char*>(kProtocol);

using Fields = std::vector<std::pair<std::string, std::string>>;

bool HasNoBody(int status) { return status == 204 || status == 304; }

// Whether libwebsockets has read something of a connection behind the request that it completed
// last. It does not say so. But then, and only then, it keeps room for headers, and where there is
// room this function of it, which finds no such header, empties what it was to copy it to.
bool HasMoreCome(lws* wsi) {
  char copied = '?';
  lws_hdr_custom_copy(wsi, &copied, 1, "?:", 2);
  return copied == '\0';
}

HttpError LengthRequired() {
  return {.status = 411,
          .code = "length_required",
          .message = "a body is taken only with its length, not in chunks"};
}

HttpError Busy() {
  return {.status = 503,
          .code = "overloaded",
          .message = "the server has too much in hand",
          .retry_after_ms = kBusyRetryMs};
}

}  // namespace

bool HttpServer::TakeBodyRoom(const std::string& whose, size_t bytes) {
  size_t& share = body_bytes_of_[whose];
  const bool is_room = counters_.body_bytes + bytes <= options_.bodies_bytes_max &&
                       share + bytes <= options_.address_bodies_bytes_max;
  if (is_room) {
    counters_.body_bytes += bytes;
    share += bytes;
  }
  if (share == 0) body_bytes_of_.erase(whose);
  return is_room;
}

void HttpServer::GiveBodyRoom(const std::string& whose, size_t bytes) {
  if (bytes == 0) return;
  counters_.body_bytes -= bytes;
  const auto share = body_bytes_of_.find(whose);
  share->second -= bytes;
  if (share->second == 0) body_bytes_of_.erase(share);
}

// One request and its answer.
class HttpServer::Exchange final : public HttpOutput {
 public:
  Exchange(HttpServer& server, lws* wsi) : server_(&server), wsi_(wsi) {}
  ~Exchange() override {
    task_.reset();
    server_->schedule_->Cancel(late_);
    server_->schedule_->Cancel(detach_);
    server_->GiveBodyRoom(room_of_, request_.body.size());
    DropQueue();
    if (is_open_) --server_->counters_.open;
  }

  // Each returns what libwebsockets is to be told: 0, or that the connection ends.
  int OnRequest();
  int OnBody(std::string_view piece);
  int OnBodyEnd();
  int OnWritable();
  bool has_ended() const { return phase_ == Phase::kEnded; }

  void Answer(HttpResponse response) override;
  void Begin(HttpResponse head) override;
  void Write(std::shared_ptr<const std::string> bytes) override;
  void End() override;
  void Cut() override;
  size_t waiting_bytes() const override { return waiting_; }

 private:
  enum class Phase : uint8_t { kReading, kHandled, kHead, kBody, kEnded };

  void AwaitBody();
  int Handle();
  int Refuse(HttpResponse response);
  HttpResponse OfServer(HttpResponse response) const;
  void NoteError(const HttpResponse& response) const;
  int AnswerAndClose();
  int SendHead();
  int SendPiece();
  int SendPieces();
  int Complete();
  int WriteHead(const HttpResponse& response, const Fields& more, std::optional<size_t> length);
  int WritePiece(std::string_view piece, bool is_last);
  void Enqueue(std::shared_ptr<const std::string> bytes);
  void DropQueue();
  void WantWrite() { lws_callback_on_writable(wsi_); }

  HttpServer* server_;
  lws* wsi_;
  Phase phase_ = Phase::kReading;
  HttpRequest request_;
  std::string room_of_;  // Whose share its body is of.
  uint64_t body_length_ = 0;
  uint64_t body_since_ms_ = 0;
  Schedule::TaskId late_ = 0;
  Schedule::TaskId detach_ = 0;
  bool is_late_ = false;
  bool is_reading_body_ = false;
  bool is_last_ = false;       // Of its connection.
  bool is_open_ = false;       // It was handled.
  bool was_told_end_ = false;  // Of the body, by libwebsockets.

  std::unique_ptr<HttpTask> task_;
  Fields more_fields_;
  bool is_decorated_ = false;  // By the handler, in these.
  HttpResponse head_;          // Without its body, which is queued.
  bool is_stream_ = false;     // Of no length that is known, so that the connection's end ends it.
  bool is_ended_ = false;      // Nothing is added.
  std::deque<std::shared_ptr<const std::string>> queue_;
  size_t sent_ = 0;     // Of the first in the queue.
  size_t waiting_ = 0;  // In the queue and not sent.
};

// Reading.

int HttpServer::Exchange::OnRequest() {
  ++server_->counters_.requests;
  Expected<HttpRequest> request = ReadRequest(wsi_, server_->options_.proxies);
  if (!request) {
    request_ = ReadOrigin(wsi_);
    return Refuse(ErrorResponse(request.error()));
  }
  request_ = *std::move(request);
  if (server_->options_.limit) {
    if (const uint64_t wait_ms = server_->options_.limit(request_.client); wait_ms > 0) {
      return Refuse(ErrorResponse(Error{ErrorCode::kRateLimited, "too many requests"}, wait_ms));
    }
  }
  const Expected<BodyLength> length = ReadBodyLength(wsi_, request_.method);
  if (!length) return Refuse(ErrorResponse(length.error()));
  if (!length->is_known) return Refuse(ErrorResponse(LengthRequired()));
  if (length->bytes > server_->options_.body_bytes_max) {
    return Refuse(ErrorResponse(Error{ErrorCode::kTooLarge, "the body is too large"}));
  }
  body_length_ = length->bytes;
  is_last_ = !length->is_said;
  if (body_length_ == 0) return Handle();
  is_reading_body_ = true;
  room_of_ = request_.client.RateKey();
  body_since_ms_ = server_->schedule_->NowMs();
  AwaitBody();
  return 0;
}

void HttpServer::Exchange::AwaitBody() {
  const uint64_t due_ms =
      body_since_ms_ + server_->options_.body_ms_max + sync::SlowLineMs(request_.body.size());
  late_ = server_->schedule_->At(due_ms, [this] {
    late_ = 0;
    is_late_ = true;
    WantWrite();
  });
}

int HttpServer::Exchange::OnBody(std::string_view piece) {
  if (!is_reading_body_) return 0;
  if (request_.body.size() + piece.size() > body_length_) return -1;
  if (!server_->TakeBodyRoom(room_of_, piece.size())) return Refuse(ErrorResponse(Busy()));
  request_.body += piece;
  if (is_late_) return 0;
  server_->schedule_->Cancel(late_);
  AwaitBody();
  if (server_->options_.on_piece) server_->options_.on_piece(request_);
  return 0;
}

int HttpServer::Exchange::OnBodyEnd() {
  const bool was_told = std::exchange(was_told_end_, true);
  if (!std::exchange(is_reading_body_, false)) {
    if (!was_told) return 0;  // Of a body without bytes, which was not waited for.
    // The next request is here already, and libwebsockets would go round and round for ever to give
    // it to this one.
    return AnswerAndClose();
  }
  server_->schedule_->Cancel(late_);
  if (request_.body.size() != body_length_) return -1;
  return Handle();
}

int HttpServer::Exchange::Handle() {
  phase_ = Phase::kHandled;
  is_open_ = true;
  ++server_->counters_.open;
  lws_set_timeout(wsi_, NO_PENDING_TIMEOUT, 0);
  HttpReply reply = server_->options_.handle(request_);
  is_decorated_ = !reply.headers.empty();
  more_fields_ = std::move(reply.headers);
  if (is_last_) more_fields_.emplace_back("Connection", "close");
  if (auto* const response = std::get_if<HttpResponse>(&reply.what)) {
    Answer(std::move(*response));
  } else {
    task_ = std::get<HttpStart>(reply.what)(*this);
    // libwebsockets has room for the headers of so many requests at once, and needs it no more for
    // this one; but not inside its callback.
    detach_ = server_->schedule_->Soon([this] {
      detach_ = 0;
      lws_http_headers_detach(wsi_);
    });
  }
  return 0;
}

HttpResponse HttpServer::Exchange::OfServer(HttpResponse response) const {
  if (server_->options_.decorate) server_->options_.decorate(request_, response);
  return response;
}

void HttpServer::Exchange::NoteError(const HttpResponse& response) const {
  if (response.error_code.empty() || !server_->options_.on_error) return;
  server_->options_.on_error(request_, response.error_code);
}

// Answers at once and ends the connection: what follows may be anything.
int HttpServer::Exchange::Refuse(HttpResponse refusal) {
  const HttpResponse response = OfServer(std::move(refusal));
  NoteError(response);
  ++server_->counters_.refused;
  phase_ = Phase::kEnded;
  is_reading_body_ = false;
  const Fields more = {{"Connection", "close"}};
  if (WriteHead(response, more, response.body.size()) == 0) WritePiece(response.body, true);
  return -1;
}

// For what came behind a request that is not answered yet. Of an answer that is there all is sent
// at once: libwebsockets keeps what the system does not take.
int HttpServer::Exchange::AnswerAndClose() {
  ++server_->counters_.refused;
  if (phase_ != Phase::kHead || is_stream_) return -1;
  more_fields_.emplace_back("Connection", "close");
  if (SendHead() < 0) return -1;
  while (!queue_.empty()) {
    if (SendPiece() < 0) break;
  }
  phase_ = Phase::kEnded;
  return -1;
}

// Answering.

void HttpServer::Exchange::Answer(HttpResponse response) {
  if (phase_ != Phase::kHandled) return;
  const size_t size = response.body.size();
  if (server_->counters_.answer_bytes + size > server_->options_.answers_bytes_max) {
    // What the handler added is not added twice.
    response = is_decorated_ ? ErrorResponse(Busy()) : OfServer(ErrorResponse(Busy()));
  }
  NoteError(response);
  std::string body = std::exchange(response.body, {});
  head_ = std::move(response);
  phase_ = Phase::kHead;
  is_ended_ = true;
  Enqueue(std::make_shared<const std::string>(std::move(body)));
  WantWrite();
}

void HttpServer::Exchange::Begin(HttpResponse head) {
  if (phase_ != Phase::kHandled) return;
  head_ = std::move(head);
  if (!is_last_) more_fields_.emplace_back("Connection", "close");
  is_stream_ = true;
  phase_ = Phase::kHead;
  WantWrite();
}

void HttpServer::Exchange::Write(std::shared_ptr<const std::string> bytes) {
  if (phase_ == Phase::kEnded || !is_stream_ || is_ended_) return;
  if (server_->counters_.answer_bytes + bytes->size() > server_->options_.answers_bytes_max) {
    return Cut();
  }
  Enqueue(std::move(bytes));
  WantWrite();
}

void HttpServer::Exchange::End() {
  if (phase_ == Phase::kEnded || !is_stream_) return;
  is_ended_ = true;
  WantWrite();
}

void HttpServer::Exchange::Cut() {
  if (phase_ != Phase::kEnded) ++server_->counters_.cut;
  phase_ = Phase::kEnded;
  DropQueue();
  lws_set_timeout(wsi_, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
  server_->loop_->Nudge();
}

void HttpServer::Exchange::Enqueue(std::shared_ptr<const std::string> bytes) {
  if (bytes->empty()) return;
  waiting_ += bytes->size();
  server_->counters_.answer_bytes += bytes->size();
  queue_.push_back(std::move(bytes));
}

void HttpServer::Exchange::DropQueue() {
  server_->counters_.answer_bytes -= waiting_;
  waiting_ = 0;
  queue_.clear();
}

// Writing.

int HttpServer::Exchange::OnWritable() {
  if (is_late_ && is_reading_body_) {
    return Refuse(ErrorResponse(Error{ErrorCode::kTimedOut, "the body did not come in time"}));
  }
  if (phase_ == Phase::kHead && SendHead() < 0) return -1;
  return phase_ == Phase::kBody ? SendPieces() : 0;
}

int HttpServer::Exchange::SendHead() {
  std::optional<size_t> length;
  if (!is_stream_ && !HasNoBody(head_.status)) length = waiting_;
  const bool is_head = request_.method == HttpMethod::kHead;
  if (is_head || HasNoBody(head_.status)) DropQueue();
  if (is_stream_ && is_head) is_ended_ = true;
  if (WriteHead(head_, more_fields_, length) < 0) return -1;
  phase_ = Phase::kBody;
  if (is_stream_) lws_http_mark_sse(wsi_);
  return 0;
}

int HttpServer::Exchange::SendPiece() {
  const std::string& first = *queue_.front();
  const std::string_view piece = std::string_view(first).substr(sent_, kPieceBytes);
  const bool is_last = is_ended_ && piece.size() == waiting_;
  if (WritePiece(piece, is_last) < 0) return -1;
  waiting_ -= piece.size();
  server_->counters_.answer_bytes -= piece.size();
  sent_ += piece.size();
  if (sent_ == first.size()) {
    queue_.pop_front();
    sent_ = 0;
  }
  return 0;
}

int HttpServer::Exchange::SendPieces() {
  for (int pieces = 0; pieces < kPiecesPerTurn && !queue_.empty(); ++pieces) {
    if (lws_send_pipe_choked(wsi_) != 0) break;
    if (SendPiece() < 0) return -1;
  }
  if (!queue_.empty()) {
    lws_set_timeout(wsi_, PENDING_TIMEOUT_HTTP_CONTENT, kTakeSMax);
    WantWrite();
    return 0;
  }
  if (is_ended_) return Complete();
  lws_set_timeout(wsi_, NO_PENDING_TIMEOUT, 0);
  return 0;
}

int HttpServer::Exchange::Complete() {
  const bool is_last = is_stream_ || is_last_;
  // Otherwise libwebsockets would complete it itself, when all of it is sent.
  if (!is_last && lws_partial_buffered(wsi_) != 0) {
    lws_set_timeout(wsi_, PENDING_TIMEOUT_HTTP_CONTENT, kTakeSMax);
    WantWrite();
    return 0;
  }
  phase_ = Phase::kEnded;
  if (is_last) return -1;
  lws* const wsi = wsi_;
  // This is gone when that returns 0.
  if (lws_http_transaction_completed(wsi) != 0) return -1;
  // What has come behind it already, libwebsockets would take for another request than it is.
  return HasMoreCome(wsi) ? -1 : 0;
}

// Returns -1 if the connection is to be ended.
int HttpServer::Exchange::WriteHead(const HttpResponse& response, const Fields& more,
                                    std::optional<size_t> length) {
  std::array<unsigned char, LWS_PRE + kHeadBytesMax> buffer{};
  unsigned char* const start = buffer.data() + LWS_PRE;
  unsigned char* const end = buffer.data() + buffer.size();
  unsigned char* at = start;
  const auto add = [&](const std::string& name, const std::string& value) {
    return lws_add_http_header_by_name(wsi_,
                                       reinterpret_cast<const unsigned char*>((name + ":").c_str()),
                                       reinterpret_cast<const unsigned char*>(value.data()),
                                       static_cast<int>(value.size()), &at, end) == 0;
  };
  const auto status = static_cast<unsigned>(response.status) | LWSAHH_FLAG_NO_SERVER_NAME;
  if (lws_add_http_header_status(wsi_, status, &at, end) != 0) return -1;
  bool fits = add("X-Content-Type-Options", "nosniff");
  if (!response.content_type.empty()) fits &= add("Content-Type", response.content_type);
  if (length) fits &= add("Content-Length", std::to_string(*length));
  for (const auto& [name, value] : response.headers) fits &= add(name, value);
  for (const auto& [name, value] : more) fits &= add(name, value);
  if (!fits || lws_finalize_write_http_header(wsi_, start, &at, end) != 0) return -1;
  return 0;
}

int HttpServer::Exchange::WritePiece(std::string_view piece, bool is_last) {
  std::array<unsigned char, LWS_PRE + kPieceBytes> buffer;
  const size_t size = std::min(piece.size(), kPieceBytes);
  std::memcpy(buffer.data() + LWS_PRE, piece.data(), size);
  const int written = lws_write(wsi_, buffer.data() + LWS_PRE, size,
                                is_last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP);
  return written < static_cast<int>(size) ? -1 : 0;
}

// The server.

HttpServer::HttpServer(EventLoop& loop, Schedule& schedule, HttpServerOptions options)
    : loop_(&loop), schedule_(&schedule), options_(std::move(options)) {
  mount_.mountpoint = kRoot;
  mount_.mountpoint_len = 1;
  mount_.origin = kProtocol;
  mount_.protocol = nullptr;
  mount_.origin_protocol = LWSMPRO_CALLBACK;
}

lws_protocols HttpServer::protocol() {
  lws_protocols protocol{};
  protocol.name = kProtocol;
  protocol.callback = OnEvent;
  protocol.per_session_data_size = sizeof(Exchange*);
  protocol.user = this;
  return protocol;
}

int HttpServer::OnEvent(lws* wsi, lws_callback_reasons reason, void* user, void* in, size_t size) {
  auto* const slot = static_cast<Exchange**>(user);
  Exchange* const exchange = slot == nullptr ? nullptr : *slot;
  switch (reason) {
    // No WebSocket has a use for this protocol.
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION: return 1;
    case LWS_CALLBACK_HTTP: {
      if (lws_get_opaque_user_data(wsi) == kBroken) return -1;
      auto* const server = static_cast<HttpServer*>(lws_get_protocol(wsi)->user);
      delete exchange;
      *slot = new Exchange(*server, wsi);
      return (*slot)->OnRequest();
    }
    case LWS_CALLBACK_HTTP_BODY:
      return exchange == nullptr ? -1 : exchange->OnBody({static_cast<const char*>(in), size});
    case LWS_CALLBACK_HTTP_BODY_COMPLETION: return exchange == nullptr ? 0 : exchange->OnBodyEnd();
    case LWS_CALLBACK_HTTP_WRITEABLE: return exchange == nullptr ? 0 : exchange->OnWritable();
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
      // libwebsockets reads on behind a request that waits for its answer. What it makes of what it
      // finds is no request: it goes into what is left of the one before.
      if (exchange != nullptr && !exchange->has_ended()) lws_set_opaque_user_data(wsi, kBroken);
      [[fallthrough]];
    case LWS_CALLBACK_CLOSED_HTTP:
      if (slot != nullptr) delete std::exchange(*slot, nullptr);
      return 0;
    default: return 0;
  }
}

}  // namespace cotext::net
