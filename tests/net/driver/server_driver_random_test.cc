// Clients with documents over transports that are slow, cut and killed at random: what they type
// reaches all of them and the store, once, and nothing stays behind.
#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/random.h"
#include "net/base/close_code.h"
#include "proto/wire.h"
#include "sync/client.h"
#include "sync/client_event.h"
#include "sync/edit_counts.h"
#include "sync/memory_store.h"
#include "sync/store.h"
#include "tests/net/driver/driver_rig.h"
#include "tests/support/for_each_seed.h"

namespace cotext::net {
namespace {

struct Node {
  std::unique_ptr<RgaDocument> document;
  std::unique_ptr<sync::Client> client;
  sync::DocumentKey key = 0;
  std::unique_ptr<FakeTransport> transport;  // While it is connected.
  std::deque<std::string> up;
  std::deque<std::string> down;
  uint64_t stuck_until_ms = 0;  // It takes nothing before.
};

// A window that fills quickly, and little patience.
constexpr size_t kWindowBytes = 2'000;
ServerDriverOptions Options() {
  ServerDriverOptions options = {.close_ms = 100};
  options.server.link.window_bytes = kWindowBytes;
  options.server.stall_ms = 1'500;
  return options;
}

class World {
 public:
  explicit World(Random& random) : random_(&random), rig_(random.Next(), Options()) {
    rig_.store().SetFaults({.delay_max_ms = 40, .write_failures_ppm = 20'000});
    for (uint64_t i = 0; i < 4; ++i) AddNode(i);
  }

  void Step() {
    Node& node = nodes_[random_->Below(nodes_.size())];
    switch (random_->Below(10)) {
      case 0: Type(node); break;
      case 1:
      case 2:
      case 3: Up(node); break;
      case 4:
      case 5: TakeSome(node); break;
      case 6:
      case 7: Down(node); break;
      case 8:
        if (random_->Below(30) == 0) Cut(node);
        if (random_->Below(20) == 0) node.stuck_until_ms = rig_.now_ms() + random_->Below(4'000);
        break;
      default: Advance(random_->Between(1, 40)); break;
    }
    Serve();
  }

  // Everything that waits comes, and no more goes wrong.
  void Quiesce() {
    rig_.store().SetFaults({});
    for (int i = 0; i < 4'000; ++i) {
      for (Node& node : nodes_) {
        Take(node, 100);
        while (!node.up.empty()) Up(node);
        while (!node.down.empty()) Down(node);
      }
      Advance(10);
      Serve();
    }
  }

  void Check() {
    const std::string text = nodes_[0].document->Text();
    for (const Node& node : nodes_) {
      EXPECT_TRUE(node.document->Text() == text) << node.document->Text().size() << " characters";
      EXPECT_TRUE(node.client->IsOpen(node.key));
      const sync::EditCounts counts = node.client->Count(node.key);
      EXPECT_TRUE(counts.all_durable())
          << counts.unsent << " " << counts.unacknowledged << " " << counts.not_durable
          << " status " << static_cast<int>(node.client->status());
      EXPECT_FALSE(node.transport->is_killed);
    }
    EXPECT_EQ(text.size(), typed_);
    EXPECT_TRUE(StoredText() == text);
    EXPECT_EQ(rig_.driver().connection_count(), nodes_.size());
    rig_.driver().ShutDown(1);
    for (Node& node : nodes_) rig_.driver().OnGone(node.transport->connection);
    EXPECT_TRUE(rig_.driver().is_drained());
    rig_.Advance(100);
    EXPECT_EQ(rig_.driver().server().message_bytes(), 0U) << "nobody holds a message any more";
  }

  uint64_t killed() const { return killed_; }

 private:
  void AddNode(uint64_t i) {
    Node& node = nodes_.emplace_back();
    node.document = std::make_unique<RgaDocument>(ReplicaId{.value = i + 1});
    sync::ClientOptions options;
    options.backoff = {.least_ms = 10, .most_ms = 50};
    options.link.window_bytes = kWindowBytes;
    node.client = std::make_unique<sync::Client>([this] { return random_->Next(); }, options);
    node.key = node.client->Open("doc", *node.document);
    node.client->Start(rig_.now_ms());
  }

  void Type(Node& node) {
    const std::string text(random_->Between(1, 300), static_cast<char>('a' + random_->Below(26)));
    const uint64_t at = random_->Below(node.document->Text().size() + 1);
    EXPECT_TRUE(node.document->Insert(CodePointOffset(at), text));
    typed_ += text.size();
  }

  // One packet on its way to the server, or from it.
  void Up(Node& node) {
    if (node.up.empty() || node.transport == nullptr) return;
    rig_.driver().OnBytes(node.transport->connection, node.up.front());
    node.up.pop_front();
  }
  void Down(Node& node) {
    if (node.down.empty()) return;
    const auto packet = proto::DecodePacket(node.down.front());
    ASSERT_TRUE(packet);
    node.client->OnPacket(*packet, node.down.front().size(), rig_.now_ms());
    node.down.pop_front();
  }
  void TakeSome(Node& node) {
    if (rig_.now_ms() >= node.stuck_until_ms) Take(node, random_->Between(1, 4));
  }
  void Take(Node& node, uint64_t packets) {
    for (; packets > 0 && node.transport != nullptr; --packets) {
      if (auto bytes = rig_.driver().TakePacket(node.transport->connection)) {
        node.down.push_back(*std::move(bytes));
      } else if (node.transport->finished) {
        return Lose(node, IsFinal(CloseCodeOf(*node.transport->finished)));
      } else {
        return;
      }
    }
  }

  void Cut(Node& node) {
    if (node.transport != nullptr) Lose(node, false);
  }
  void Lose(Node& node, bool is_final) {
    EXPECT_FALSE(is_final) << node.transport->finished->error.message;
    rig_.driver().OnGone(node.transport->connection);
    node.transport.reset();
    node.up.clear();
    node.down.clear();
    node.client->OnDisconnected({ErrorCode::kTimedOut, "lost"}, is_final, rig_.now_ms());
  }

  void Advance(uint64_t ms) {
    rig_.Advance(ms);
    for (Node& node : nodes_) node.client->OnTick(rig_.now_ms());
  }

  void Serve() {
    rig_.Turn();
    for (Node& node : nodes_) {
      if (node.transport != nullptr && node.transport->is_killed) {
        ++killed_;
        Lose(node, false);
      }
      for (const sync::ClientAction& action : node.client->TakeActions(rig_.now_ms())) {
        Do(node, action);
      }
      node.client->TakeEvents();
    }
  }

  void Do(Node& node, const sync::ClientAction& action) {
    if (std::holds_alternative<sync::Connect>(action)) {
      node.transport = rig_.Connect("everybody");
      node.client->OnConnected(rig_.now_ms());
    } else if (std::holds_alternative<sync::Disconnect>(action)) {
      if (node.transport == nullptr) return;
      rig_.driver().OnGone(node.transport->connection);
      node.transport.reset();
      node.up.clear();
      node.down.clear();
    } else {
      node.up.push_back(proto::EncodePacket(std::get<sync::Packet>(action)));
    }
  }

  std::string StoredText() const {
    RgaDocument document(ReplicaId{.value = 99});
    const sync::StoredLog log = rig_.store().Synced("doc");
    for (const auto* records : {&log.snapshot, &log.tail}) {
      for (const sync::Record& record : *records) {
        if (record.kind != sync::RecordKind::kUpdate) continue;
        EXPECT_TRUE(document.Merge(record.bytes));
      }
    }
    return document.Text();
  }

  Random* random_;
  mutable DriverRig rig_;
  std::vector<Node> nodes_;
  uint64_t typed_ = 0;
  uint64_t killed_ = 0;
};

TEST(ServerDriverRandomTest, WhatIsTypedReachesAllOverTransportsThatFail) {
  uint64_t killed = 0;
  ForEachSeed(30, [&](Random& random) {
    World world(random);
    for (int i = 0; i < 5'000; ++i) world.Step();
    world.Quiesce();
    world.Check();
    killed += world.killed();
  });
  EXPECT_GT(killed, 0U) << "some were too slow";
}

}  // namespace
}  // namespace cotext::net
