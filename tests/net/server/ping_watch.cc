#include "tests/net/server/ping_watch.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "proto/wire.h"
#include "sync/messages.h"
#include "sync/packet.h"

namespace cotext::net {
namespace {

std::string ControlPacket(const sync::Message& message) {
  return proto::EncodePacket({.head = {}, .messages = {message}});
}

bool IsPong(const RawFrame& frame, uint64_t value) {
  const auto packet = proto::DecodePacket(frame.payload);
  return packet && packet->messages.size() == 1 &&
         packet->messages[0].kind == sync::MessageKind::kPong &&
         packet->messages[0].numbers[0] == value;
}

}  // namespace

PingWatch::PingWatch(uint16_t port) : socket_(port) {
  is_lost_ = socket_.Shake() != 101 || !socket_.Send(ControlPacket(ToMessage(sync::Hello{})));
  thread_ = std::thread([this] { Run(); });
}

PingWatch::~PingWatch() {
  is_stopping_ = true;
  thread_.join();
}

bool PingWatch::Ask(uint64_t value) {
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  if (!socket_.Send(ControlPacket(ToMessage(sync::Ping{.value = value})))) return false;
  for (auto frame = socket_.Receive(); frame; frame = socket_.Receive()) {
    if (!IsPong(*frame, value)) continue;
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
    longest_ms_ = std::max(longest_ms_.load(), static_cast<int64_t>(took.count()));
    return true;
  }
  return false;
}

void PingWatch::Run() {
  constexpr auto kPause = std::chrono::milliseconds(5);
  for (uint64_t value = 1; !is_stopping_ && !is_lost_; ++value) {
    if (Ask(value)) {
      ++answers_;
    } else {
      is_lost_ = true;
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace cotext::net
