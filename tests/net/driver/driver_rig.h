// A server's driver over the memory store, in virtual time, with transports that a test plays: each
// takes its packets when the test says so, or never.
#ifndef COTEXT_TESTS_NET_DRIVER_DRIVER_RIG_H_
#define COTEXT_TESTS_NET_DRIVER_DRIVER_RIG_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "document/random.h"
#include "net/base/close_code.h"
#include "net/driver/server_driver.h"
#include "net/driver/transport.h"
#include "proto/wire.h"
#include "sync/grants.h"
#include "sync/memory_store.h"
#include "sync/messages.h"
#include "sync/packet.h"
#include "sync/server_session.h"

namespace cotext::net {

inline constexpr sync::Rights kAllButRelay = sync::kMayRead | sync::kMayWrite | sync::kMayShow;

class FakeTransport final : public Transport {
 public:
  void OnPacketsWait() override { ++told; }
  void Finish(const CloseReason& reason) override { finished = reason; }
  void Kill() override { is_killed = true; }

  sync::ConnectionId connection = 0;
  int told = 0;
  std::optional<CloseReason> finished = std::nullopt;
  bool is_killed = false;
};

class DriverRig {
 public:
  explicit DriverRig(uint64_t seed = 1, ServerDriverOptions options = {})
      : random_(seed), store_(seed) {
    options.now_ms = [this] { return now_ms_; };
    options.wake_at = [this](uint64_t at_ms) { wake_at_ms_ = at_ms; };
    options.random = [this] { return random_.Next(); };
    driver_ = std::make_unique<ServerDriver>(store_, std::move(options));
  }

  ServerDriver& driver() { return *driver_; }
  sync::MemoryStore& store() { return store_; }
  uint64_t now_ms() const { return now_ms_; }
  // When the driver wants to be called; nothing if that was done.
  std::optional<uint64_t> wake_at_ms() const { return wake_at_ms_; }

  std::unique_ptr<FakeTransport> Connect(const std::string& user = "ada") {
    auto transport = std::make_unique<FakeTransport>();
    transport->connection = driver_->OnConnect(
        *transport, {.user = user, .grants = {{.documents = "*", .rights = kAllButRelay}}});
    return transport;
  }

  void Send(const FakeTransport& transport, const sync::Packet& packet) {
    driver_->OnBytes(transport.connection, proto::EncodePacket(packet));
  }
  void SendControl(const FakeTransport& transport, const sync::Message& message) {
    Send(transport, {.head = {}, .messages = {message}});
  }

  std::optional<sync::Packet> Take(const FakeTransport& transport) {
    const auto bytes = driver_->TakePacket(transport.connection);
    if (!bytes) return std::nullopt;
    auto packet = proto::DecodePacket(*bytes);
    return packet ? std::optional(*std::move(packet)) : std::nullopt;
  }
  std::vector<sync::Packet> TakeAll(const FakeTransport& transport) {
    std::vector<sync::Packet> packets;
    while (auto packet = Take(transport)) packets.push_back(*std::move(packet));
    return packets;
  }

  // Does what is due now.
  void Turn() {
    store_.SetTime(now_ms_);
    if (store_.NextTimeMs().value_or(UINT64_MAX) <= now_ms_) driver_->OnStoreAnswers();
    while (wake_at_ms_.value_or(UINT64_MAX) <= now_ms_) {
      wake_at_ms_.reset();
      driver_->OnTime();
    }
  }
  void Advance(uint64_t ms) {
    for (uint64_t i = 0; i < ms; ++i) {
      ++now_ms_;
      Turn();
    }
  }

 private:
  Random random_;
  sync::MemoryStore store_;
  uint64_t now_ms_ = 1'000'000;
  std::optional<uint64_t> wake_at_ms_;
  std::unique_ptr<ServerDriver> driver_;
};

}  // namespace cotext::net

#endif  // COTEXT_TESTS_NET_DRIVER_DRIVER_RIG_H_
