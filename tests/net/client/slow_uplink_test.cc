// A client behind a line that takes seconds for what it uploads: all of it arrives, over one
// connection, though each of its patiences, and its server's, is shorter than that.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "document/random.h"
#include "net/client/client.h"
#include "net/client/transport_choice.h"
#include "net/server/server_options.h"
#include "sync/client_event.h"
#include "tests/net/client/client_rig.h"
#include "tests/net/client/fault_proxy.h"
#include "tests/net/served_folder.h"
#include "tests/support/temporary_folder.h"

namespace cotext::net {
namespace {

// A piece of 64 KiB takes 2 s.
constexpr uint64_t kUpBytesPerS = 32'768;

ServerOptions Hurried(const std::string& folder) {
  ServerOptions options{.listen = {}, .data_folder = folder};
  options.sync.ping_ms = 300;
  options.sync.silence_ms = 1'000;
  options.sync.stall_ms = 4'000;
  return options;
}

// What no codec makes shorter.
std::string LongText(size_t bytes) {
  Random random(7);
  std::string text;
  while (text.size() < bytes) text.push_back(static_cast<char>('!' + random.Below(90)));
  return text;
}

class SlowUplinkTest : public TemporaryFolderTest,
                       public testing::WithParamInterface<TransportMode> {};

TEST_P(SlowUplinkTest, WhatTakesLongerThanAnybodysPatienceArrives) {
  ServedFolder server(Hurried(Path("store")));
  FaultProxy proxy(server.port(), 1);
  ClientOptions options = HurriedOptions(proxy.port(), GetParam());
  options.sync.ping_ms = 500;
  options.sync.answer_ms = 1'000;
  options.sync.link.resend_ms = 1'000;
  options.poll = {.lost_ms = 1'500, .retry_ms_max = 300, .answer_ms_max = 1'000};
  Application ada(options);
  // Somebody else writes meanwhile, whose edits are to be acknowledged.
  Application bob(HurriedOptions(server.port()));
  ada.client().Start();
  bob.client().Start();
  ASSERT_TRUE(PumpUntil({&ada, &bob}, [&] { return HaveConverged({&ada, &bob}); }));

  proxy.SetFaults({.up_bytes_per_s = kUpBytesPerS});
  ada.Append(LongText(250'000));
  for (int i = 0; i < 20; ++i) {
    bob.Insert(0, "b");
    PumpFor({&ada, &bob}, 100);
  }
  ASSERT_TRUE(PumpUntil({&ada, &bob}, [&] { return HaveConverged({&ada, &bob}); }));
  EXPECT_EQ(bob.Text().size(), 250'020U);
  for (const auto& change : ada.EventsOf<sync::StatusChanged>()) {
    EXPECT_NE(change.status, sync::ConnectionStatus::kReconnecting) << change.reason.message;
  }
}

std::string NameOf(const testing::TestParamInfo<TransportMode>& info) {
  return info.param == TransportMode::kPoll ? "Poll" : "WebSocket";
}

INSTANTIATE_TEST_SUITE_P(Ways, SlowUplinkTest,
                         testing::Values(TransportMode::kWebSocket, TransportMode::kPoll), NameOf);

}  // namespace
}  // namespace cotext::net
