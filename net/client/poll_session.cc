#include "net/client/poll_session.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "net/base/poll_frames.h"

namespace cotext::net {
namespace {

constexpr char kConnections[] = "/v1/connections";
// Of a name that is to stand in a path.
constexpr size_t kSecretBytesMax = 128;
constexpr uint64_t kHeldMsMax = 120'000;

constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kRequestTimeout = 408;
constexpr int kTooManyRequests = 429;

bool IsSuccess(int status) { return status >= 200 && status < 300; }
bool IsToBeTriedAgain(int status) {
  return status == 0 || status == kRequestTimeout || status == kTooManyRequests || status >= 500;
}
// Only a cotext server can say that, and it says why; others answer 403 to what they do not like,
// and libwebsockets to what was damaged on its way.
bool IsForGood(const HttpAnswer& answer) {
  if (answer.status != kUnauthorized && answer.status != kForbidden) return false;
  const auto json = nlohmann::json::parse(answer.body, nullptr, false);
  const auto at = nlohmann::json::json_pointer("/error/code");
  return json.is_object() && json.contains(at) && json.at(at).is_string();
}

bool IsSecret(const std::string& text) {
  const auto is_digit = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
  };
  return !text.empty() && text.size() <= kSecretBytesMax && std::ranges::all_of(text, is_digit);
}

// What a server, or whoever answered in its place, has to say.
std::string Words(const HttpAnswer& answer) {
  if (answer.status == 0) return answer.failure;
  const auto json = nlohmann::json::parse(answer.body, nullptr, false);
  const auto at = nlohmann::json::json_pointer("/error/message");
  const bool has_words = json.is_object() && json.contains(at) && json.at(at).is_string();
  return "HTTP " + std::to_string(answer.status) +
         (has_words ? ": " + json.at(at).get<std::string>() : "");
}

}  // namespace

void PollSession::Send(std::string frame) {
  if (end_ || finish_by_ms_) return;
  queued_bytes_ += frame.size();
  queue_.push_back(std::move(frame));
  if (queued_bytes_ > kOutgoingBytesMax) {
    End(ErrorCode::kTooSlow, "more waits to be sent than may");
  }
}

void PollSession::End(ErrorCode code, std::string message, bool is_final) {
  if (end_) return;
  end_ = ConnectionEnd{.error = {code, std::move(message)}, .is_final = is_final};
  is_delete_due_ = is_open();
  queue_.clear();
}

bool PollSession::TakeAnswer(Lane& lane, const HttpAnswer& answer, uint64_t now_ms) {
  lane.call = 0;
  if (!IsToBeTriedAgain(answer.status)) {
    lane.wait_ms = options_.retry_ms_min;
    lane.failing_since_ms.reset();
    if (IsSuccess(answer.status)) return true;
    // Of a connection that there was, making the next one tells.
    const bool is_for_good = !is_open() && IsForGood(answer);
    End(is_for_good ? ErrorCode::kForbidden : ErrorCode::kIo, Words(answer), is_for_good);
    return false;
  }
  if (!lane.failing_since_ms) lane.failing_since_ms = now_ms;
  if (now_ms >= *lane.failing_since_ms + options_.lost_ms || !is_open()) {
    // Connections that cannot be made are the choice of whoever makes them.
    End(ErrorCode::kIo, Words(answer));
  }
  lane.at_ms = now_ms + lane.wait_ms;
  lane.wait_ms = std::min(options_.retry_ms_max, std::max(options_.retry_ms_min, 2 * lane.wait_ms));
  return false;
}

void PollSession::OnAnswer(uint64_t call, const HttpAnswer& answer, uint64_t now_ms) {
  if (call == 0 || end_) return;
  if (call == connect_.call) {
    if (TakeAnswer(connect_, answer, now_ms)) OnConnected(answer, now_ms);
  } else if (call == post_.call) {
    const bool is_answered = TakeAnswer(post_, answer, now_ms);
    SizePosts(is_answered, now_ms);
    if (is_answered) {
      OnPosted(answer);
    } else {
      posted_ = 0;
    }
  } else if (call == get_.call) {
    if (TakeAnswer(get_, answer, now_ms)) OnGot(answer, now_ms);
  }
}

void PollSession::OnConnected(const HttpAnswer& answer, uint64_t now_ms) {
  const auto json = nlohmann::json::parse(answer.body, nullptr, false);
  if (!json.is_object() || !json.contains("connection") || !json["connection"].is_string() ||
      !IsSecret(json["connection"].get<std::string>())) {
    return End(ErrorCode::kBadMessage, "what answers there is no cotext server");
  }
  secret_ = json["connection"].get<std::string>();
  const auto held = json.find("held_ms");
  held_ms_ = held != json.end() && held->is_number_unsigned()
                 ? std::min(held->get<uint64_t>(), kHeldMsMax)
                 : kHeldMsMax;
  post_ = get_ = {.call = 0, .at_ms = now_ms, .wait_ms = options_.retry_ms_min};
}

void PollSession::OnPosted(const HttpAnswer& answer) {
  // If the server says so, it has got what was meant: the number in a path has no checksum.
  const auto json = nlohmann::json::parse(answer.body, nullptr, false);
  const bool says_it = json.is_object() && json.contains("received");
  if (says_it && json["received"] != first_ + posted_ - 1) {
    return End(ErrorCode::kBadMessage, "the server did not get what was sent");
  }
  for (; posted_ > 0; --posted_, ++first_) {
    queued_bytes_ -= queue_.front().size();
    queue_.pop_front();
  }
}

void PollSession::OnGot(const HttpAnswer& answer, uint64_t now_ms) {
  const auto frames = ReadFrames(answer.body);
  if (!frames) return End(frames.error().code, frames.error().message);
  received_ += frames->size();
  // A server that holds nothing is not asked all the time.
  if (frames->empty()) get_.at_ms = now_ms + options_.retry_ms_min;
  for (const std::string_view frame : *frames) frames_.emplace_back(frame);
}

void PollSession::OnTick(uint64_t now_ms) {
  if (finish_by_ms_ && (queue_.empty() || now_ms >= *finish_by_ms_)) Abort();
}

PollCall PollSession::NewCall(Lane& lane, const char* method, std::string path) {
  lane.call = next_call_++;
  return {.number = lane.call,
          .method = method,
          .path = std::move(path),
          .body = {},
          .timeout_ms = options_.answer_ms_max};
}

void PollSession::SizePosts(bool is_answered, uint64_t now_ms) {
  const uint64_t took_ms = now_ms - posted_at_ms_;
  if (!is_answered || took_ms > options_.slow_ms) {
    post_bytes_ = std::max(options_.post_bytes_min, post_bytes_ / 2);
  } else if (took_ms <= options_.quick_ms && posted_bytes_ >= post_bytes_ / 2) {
    post_bytes_ = std::min(options_.post_bytes_max, post_bytes_ * 2);
  }
}

PollCall PollSession::NewPost(uint64_t now_ms) {
  posted_at_ms_ = now_ms;
  PollCall call = NewCall(
      post_, "POST",
      std::string(kConnections) + "/" + secret_ + "/frames?first=" + std::to_string(first_));
  for (const std::string& frame : queue_) {
    const bool is_full =
        posted_ == kPollFramesMax || call.body.size() + FrameBytes(frame) > post_bytes_;
    if (posted_ > 0 && is_full) break;
    AppendFrame(call.body, frame);
    ++posted_;
  }
  posted_bytes_ = call.body.size();
  return call;
}

std::vector<PollCall> PollSession::TakeCalls(uint64_t now_ms) {
  std::vector<PollCall> calls;
  const auto is_free = [&](const Lane& lane) { return lane.call == 0 && now_ms >= lane.at_ms; };
  if (std::exchange(is_delete_due_, false)) {
    calls.push_back({.number = next_call_++,
                     .method = "DELETE",
                     .path = std::string(kConnections) + "/" + secret_,
                     .body = {},
                     .timeout_ms = options_.answer_ms_max});
  }
  if (end_) return calls;
  if (!is_open()) {
    if (is_free(connect_)) calls.push_back(NewCall(connect_, "POST", kConnections));
    return calls;
  }
  if (is_free(post_) && !queue_.empty()) calls.push_back(NewPost(now_ms));
  if (is_free(get_)) {
    calls.push_back(NewCall(
        get_, "GET",
        std::string(kConnections) + "/" + secret_ + "/frames?after=" + std::to_string(received_)));
    calls.back().timeout_ms = held_ms_ + options_.late_ms_max;
  }
  return calls;
}

std::optional<uint64_t> PollSession::NextTimeMs() const {
  if (is_delete_due_) return 0;
  if (end_) return std::nullopt;
  if (finish_by_ms_ && queue_.empty()) return 0;
  std::optional<uint64_t> next = finish_by_ms_;
  const auto consider = [&](const Lane& lane) {
    if (lane.call == 0) next = std::min(next.value_or(UINT64_MAX), lane.at_ms);
  };
  if (!is_open()) {
    consider(connect_);
    return next;
  }
  if (!queue_.empty()) consider(post_);
  consider(get_);
  return next;
}

}  // namespace cotext::net
