#include "net/endpoints/poll_connection.h"

#include <algorithm>
#include <utility>

#include "document/check.h"

namespace cotext::net {

Expected<PollPost> PollConnection::OnPost(uint64_t first, std::string_view body) {
  COTEXT_CHECK(!is_over());
  if (first == 0) return MakeError(ErrorCode::kBadMessage, "frames are numbered from 1");
  Expected<std::vector<std::string_view>> frames = ReadFrames(body);
  if (!frames) return std::unexpected(std::move(frames).error());
  PollPost post{.received = received_, .frames = {}};
  if (is_closing_) return post;
  if (first > received_ + 1) {
    post.is_gap = true;
    return post;
  }
  const uint64_t repeated = std::min<uint64_t>(received_ + 1 - first, frames->size());
  frames->erase(frames->begin(), frames->begin() + static_cast<ptrdiff_t>(repeated));
  received_ += frames->size();
  post.received = received_;
  post.frames = *std::move(frames);
  return post;
}

Expected<void> PollConnection::OnGet(uint64_t request, uint64_t after, uint64_t now_ms) {
  if (is_over()) {
    answers_.push_back({.request = request, .kind = PollAnswer::Kind::kGone});
    return {};
  }
  if (after > acknowledged_ + queue_.size()) {
    return MakeError(ErrorCode::kBadMessage, "frames are acknowledged that were not sent");
  }
  if (after < acknowledged_) {
    answers_.push_back({.request = request});
    return {};
  }
  Acknowledge(after);
  if (held_) Answer(PollAnswer::Kind::kNone, {}, now_ms);
  held_ = Held{.request = request, .until_ms = now_ms + options_.held_ms};
  return {};
}

void PollConnection::OnRequestGone(uint64_t request, uint64_t now_ms) {
  std::erase_if(answers_, [&](const PollAnswer& answer) { return answer.request == request; });
  if (!held_ || held_->request != request) return;
  held_.reset();
  absent_since_ms_ = now_ms;
}

void PollConnection::Send(std::string frame) {
  COTEXT_CHECK(frame.size() <= kPollFrameBytesMax);
  if (is_over() || is_closing_) return;
  queued_bytes_ += frame.size();
  queue_.push_back(std::move(frame));
  if (queued_bytes_ <= options_.queue_bytes_max && queue_.size() <= options_.queue_frames_max) {
    return;
  }
  end_ = End::kOverflow;
  queue_.clear();
  queued_bytes_ = 0;
}

std::vector<PollAnswer> PollConnection::TakeAnswers(uint64_t now_ms) {
  if (!is_over() && is_closing_ && queue_.empty()) end_ = End::kClosed;
  if (held_ && is_over()) {
    Answer(PollAnswer::Kind::kGone, {}, now_ms);
  } else if (held_ && !queue_.empty()) {
    Answer(PollAnswer::Kind::kFrames, TakeBody(), now_ms);
  } else if (held_ && now_ms >= held_->until_ms) {
    Answer(PollAnswer::Kind::kNone, {}, now_ms);
  }
  if (!is_over() && !held_ && now_ms >= absent_since_ms_ + options_.absent_ms) {
    end_ = End::kLost;
    queue_.clear();
    queued_bytes_ = 0;
  }
  return std::exchange(answers_, {});
}

std::optional<uint64_t> PollConnection::NextTimeMs() const {
  if (!answers_.empty() || (held_ && (is_over() || is_closing_ || !queue_.empty()))) return 0;
  if (is_over()) return std::nullopt;
  if (is_closing_ && queue_.empty()) return 0;
  return held_ ? held_->until_ms : absent_since_ms_ + options_.absent_ms;
}

void PollConnection::Acknowledge(uint64_t up_to) {
  for (; acknowledged_ < up_to; ++acknowledged_) {
    queued_bytes_ -= queue_.front().size();
    queue_.pop_front();
  }
}

void PollConnection::Answer(PollAnswer::Kind kind, std::string body, uint64_t now_ms) {
  answers_.push_back({.request = held_->request, .kind = kind, .body = std::move(body)});
  held_.reset();
  absent_since_ms_ = now_ms;
}

std::string PollConnection::TakeBody() const {
  std::string body;
  size_t count = 0;
  for (const std::string& frame : queue_) {
    const bool is_full = body.size() + FrameBytes(frame) > options_.answer_bytes_max;
    if (count == kPollFramesMax || (count > 0 && is_full)) break;
    AppendFrame(body, frame);
    ++count;
  }
  return body;
}

}  // namespace cotext::net
