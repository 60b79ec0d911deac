#include "tests/net/socket_client.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <variant>

#include "crdt/ids.h"
#include "document/error.h"
#include "document/offset.h"
#include "net/base/close_code.h"
#include "proto/wire.h"
#include "sync/client_event.h"
#include "sync/edit_counts.h"

namespace cotext::net {
namespace {

uint64_t NowMs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

// Quick to come back, for tests are not to wait.
sync::ClientOptions Options() {
  sync::ClientOptions options;
  options.agent = "test";
  options.backoff = {.least_ms = 20, .most_ms = 200};
  return options;
}

}  // namespace

SocketClient::SocketClient(uint16_t port, uint64_t replica, const std::string& document)
    : port_(port),
      random_(replica),
      document_(ReplicaId{.value = replica}),
      client_([this] { return random_.Next(); }, Options()) {
  key_ = client_.Open(document, document_);
  client_.Start(NowMs());
}

void SocketClient::Insert(std::string_view text) {
  ASSERT_TRUE(document_.Insert(CodePointOffset(0), text));
}

bool SocketClient::IsDurable() const {
  if (!IsReady()) return false;
  return client_.Count(key_).all_durable();
}

void SocketClient::MoveTo(uint16_t port) {
  port_ = port;
  Cut();
}

void SocketClient::Cut() {
  if (socket_) Lose(false);
}

void SocketClient::Connect() {
  socket_.emplace(port_);
  if (socket_->is_connected() && socket_->Shake() == 101) {
    client_.OnConnected(NowMs());
  } else {
    Lose(false);
  }
}

void SocketClient::Lose(bool is_final) {
  if (socket_->is_connected()) socket_->Cut();
  socket_.reset();
  client_.OnDisconnected({ErrorCode::kTimedOut, "lost"}, is_final, NowMs());
}

void SocketClient::Read() {
  while (socket_) {
    const auto frame = socket_->Receive(0);
    if (!frame && !socket_->IsClosed(0)) return;
    if (!frame) return Lose(false);
    if (frame->opcode == kPingFrame) {
      socket_->SendFrame(kPongFrame, frame->payload);
    } else if (frame->opcode == kCloseFrame) {
      close_code_ = frame->close_code();
      socket_->SendFrame(kCloseFrame, frame->payload);
      return Lose(IsFinal(*close_code_));
    } else {
      const auto packet = proto::DecodePacket(frame->payload);
      ASSERT_TRUE(packet) << packet.error().message;
      client_.OnPacket(*packet, frame->payload.size(), NowMs());
    }
  }
}

void SocketClient::Step() {
  Read();
  client_.OnTick(NowMs());
  for (const sync::ClientAction& action : client_.TakeActions(NowMs())) {
    if (std::holds_alternative<sync::Connect>(action)) {
      Connect();
    } else if (std::holds_alternative<sync::Disconnect>(action)) {
      if (socket_) socket_->Cut();
      socket_.reset();
    } else if (socket_) {
      socket_->Send(proto::EncodePacket(std::get<sync::Packet>(action)));
    }
  }
  client_.TakeEvents();
}

bool RunUntil(const std::vector<SocketClient*>& clients, const std::function<bool()>& holds,
              int wait_ms) {
  const uint64_t until_ms = NowMs() + static_cast<uint64_t>(wait_ms);
  while (!holds()) {
    if (NowMs() > until_ms) return false;
    for (SocketClient* client : clients) client->Step();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace cotext::net
