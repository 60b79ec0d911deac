// Applications with clients, for tests: each has a document, and all of them run in one thread.
#ifndef COTEXT_TESTS_NET_CLIENT_CLIENT_RIG_H_
#define COTEXT_TESTS_NET_CLIENT_CLIENT_RIG_H_

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "crdt/rga_document.h"
#include "document/document.h"
#include "document/offset.h"
#include "net/client/client.h"
#include "net/client/transport_choice.h"
#include "ot/ot_replica.h"
#include "sync/client_event.h"

namespace cotext::net {

// Long enough for a machine that does much else.
inline constexpr uint64_t kPatienceMs = 30'000;

// As the defaults, in a hurry.
inline ClientOptions HurriedOptions(uint16_t port, TransportMode mode = TransportMode::kWebSocket) {
  ClientOptions options{.url = "ws://127.0.0.1:" + std::to_string(port)};
  options.choice = {.mode = mode, .failures_max = 2, .retry_ms_min = 200, .retry_ms_max = 1'000};
  options.sync.agent = "test";
  options.sync.ping_ms = 500;
  options.sync.answer_ms = 2'000;
  options.sync.link.resend_ms = 1'000;
  options.sync.backoff = {.least_ms = 20, .most_ms = 300};
  return options;
}

// A program with one document, of either engine.
class Application {
 public:
  explicit Application(ClientOptions options, const std::string& document = "notes/a",
                       Engine engine = Engine::kRga) {
    options.on_event = [this](const sync::ClientEvent& event) { events_.push_back(event); };
    auto client = Client::Create(std::move(options));
    EXPECT_TRUE(client) << client.error().message;
    client_ = *std::move(client);
    if (engine == Engine::kRga) {
      rga_ = std::make_unique<RgaDocument>(RandomReplicaId());
      key_ = client_->Open(document, *rga_);
    } else {
      ot_ = OtReplica::FromText(RandomOtClientId(), 0, "").value();
      key_ = client_->Open(document, *ot_);
    }
  }

  Client& client() { return *client_; }
  Document& document() { return rga_ ? static_cast<Document&>(*rga_) : ot_->document(); }
  sync::DocumentKey key() const { return key_; }
  std::string Text() { return document().Text(); }

  void Insert(uint64_t at, const std::string& text) {
    ASSERT_TRUE(document().Insert(CodePointOffset{at}, text));
    client_->Pump();
  }
  void Append(const std::string& text) { Insert(document().metrics().code_points, text); }

  bool IsSettled() {
    return client_->status() == sync::ConnectionStatus::kConnected && client_->IsCaughtUp(key_) &&
           client_->Count(key_).all_durable();
  }
  template <typename Event>
  std::vector<Event> EventsOf() const {
    std::vector<Event> found;
    for (const sync::ClientEvent& event : events_) {
      if (const auto* const it = std::get_if<Event>(&event)) found.push_back(*it);
    }
    return found;
  }

 private:
  std::unique_ptr<RgaDocument> rga_;
  std::unique_ptr<OtReplica> ot_;
  std::vector<sync::ClientEvent> events_;
  std::unique_ptr<Client> client_;  // Is gone before the documents are.
  sync::DocumentKey key_ = 0;
};

// Pumps all until that is so; returns whether it was in time.
inline bool PumpUntil(const std::vector<Application*>& all, const std::function<bool()>& predicate,
                      uint64_t timeout_ms = kPatienceMs) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  while (true) {
    for (Application* const each : all) each->client().Pump();
    if (predicate()) return true;
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

inline void PumpFor(const std::vector<Application*>& all, uint64_t ms) {
  PumpUntil(all, [] { return false; }, ms);
}

// Whether all of them have the same text, and nothing is on its way.
inline bool HaveConverged(const std::vector<Application*>& all) {
  for (Application* const each : all) {
    if (!each->IsSettled() || each->Text() != all.front()->Text()) return false;
  }
  return true;
}

}  // namespace cotext::net

#endif  // COTEXT_TESTS_NET_CLIENT_CLIENT_RIG_H_
