#include "net/driver/in_process_connection.h"

#include <string>
#include <utility>
#include <variant>

#include "document/error.h"
#include "proto/wire.h"

namespace cotext::net {
namespace {

sync::ClientOptions ClientOptionsOf() {
  sync::ClientOptions options;
  options.agent = "cotext serve";
  return options;
}

}  // namespace

InProcessConnection::InProcessConnection(ServerDriver& driver, Schedule& schedule, Options options)
    : driver_(&driver),
      schedule_(&schedule),
      options_(std::move(options)),
      client_(options_.random, ClientOptionsOf()) {
  client_.Start(schedule_->NowMs());
  Touch();
}

InProcessConnection::~InProcessConnection() {
  schedule_->Cancel(turn_);
  schedule_->Cancel(timer_);
  client_.Stop(schedule_->NowMs());
  DoActions();
  if (connection_) driver_->OnGone(*connection_);
}

void InProcessConnection::Touch() {
  if (turn_ == 0) turn_ = schedule_->Soon([this] { Turn(); });
}

void InProcessConnection::Finish(const CloseReason& reason) {
  finish_ = reason;
  Touch();
}

void InProcessConnection::Kill() {
  if (!finish_) finish_ = CloseReason{.error = {ErrorCode::kTooSlow, "too much waited"}};
  Touch();
}

void InProcessConnection::Turn() {
  turn_ = 0;
  schedule_->Cancel(timer_);
  TakePackets();
  client_.OnTick(schedule_->NowMs());
  DoActions();
  if (const auto next = client_.NextTimeMs()) timer_ = schedule_->At(*next, [this] { Turn(); });
  options_.on_turn(client_.TakeEvents());
}

void InProcessConnection::TakePackets() {
  while (connection_) {
    const std::optional<std::string> bytes = driver_->TakePacket(*connection_);
    if (!bytes) break;
    received_bytes_ += bytes->size();
    const Expected<sync::Packet> packet = proto::DecodePacket(*bytes);
    if (packet) {
      client_.OnPacket(*packet, bytes->size(), schedule_->NowMs());
    } else {
      client_.OnGarbage(packet.error(), schedule_->NowMs());
    }
    DoActions();
  }
  if (connection_ && finish_) Lose(*std::exchange(finish_, std::nullopt));
}

void InProcessConnection::Lose(const CloseReason& reason) {
  driver_->OnGone(*std::exchange(connection_, std::nullopt));
  client_.OnDisconnected(reason.error, IsFinal(CloseCodeOf(reason)), schedule_->NowMs());
}

void InProcessConnection::DoActions() {
  while (true) {
    const std::vector<sync::ClientAction> actions = client_.TakeActions(schedule_->NowMs());
    if (actions.empty()) return;
    for (const sync::ClientAction& action : actions) {
      if (const auto* const packet = std::get_if<sync::Packet>(&action)) {
        Do(*packet);
      } else if (connection_) {
        finish_.reset();
        driver_->OnGone(*std::exchange(connection_, std::nullopt));
      }
      if (!std::holds_alternative<sync::Connect>(action)) continue;
      connection_ = driver_->OnConnect(*this, options_.identity);
      client_.OnConnected(schedule_->NowMs());
    }
  }
}

void InProcessConnection::Do(const sync::Packet& packet) {
  if (connection_) driver_->OnBytes(*connection_, proto::EncodePacket(packet));
}

}  // namespace cotext::net
