#include "sync/bridge.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/document_id.h"
#include "document/error.h"
#include "document/offset.h"
#include "document/random.h"
#include "sync/client.h"
#include "sync/client_event.h"
#include "sync/grants.h"
#include "sync/hub_output.h"
#include "sync/messages.h"
#include "sync/packet.h"
#include "sync/server.h"
#include "sync/server_output.h"
#include "sync/store.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/random_text.h"
#include "tests/support/trimmed_records.h"

namespace cotext::sync {
namespace {

DocumentId TheId() {
  DocumentId id;
  id.bytes[0] = 1;
  return id;
}

// Servers whose stores are records in memory, and clients of theirs on wires that deliver at once.
class Cluster {
 public:
  Cluster(Random& random, size_t servers) : logs_(servers) {
    for (size_t i = 0; i < servers; ++i) {
      servers_.push_back(std::make_unique<Server>([&random] { return random.Next(); }));
    }
  }

  // A client's end of a wire to a server.
  struct Wire {
    Client* client = nullptr;
    Identity identity;
    size_t server = 0;
    bool is_cut = false;
    std::optional<ConnectionId> connection = {};
  };

  size_t Add(Client& client, std::string user, Rights rights, size_t server) {
    wires_.push_back({.client = &client,
                      .identity = {.user = std::move(user), .grants = {{"*", rights}}},
                      .server = server});
    client.Start(now_ms_);
    return wires_.size() - 1;
  }
  void Cut(size_t wire) {
    Wire& cut = wires_[wire];
    cut.is_cut = true;
    if (!cut.connection) return;
    servers_[cut.server]->OnDisconnect(*cut.connection, now_ms_);
    cut.connection.reset();
    cut.client->OnDisconnected({ErrorCode::kIo, "cut"}, false, now_ms_);
  }
  void Mend(size_t wire, size_t server) {
    wires_[wire].is_cut = false;
    wires_[wire].server = server;
  }
  void AddBridge(Bridge& bridge, std::string user = "bridge") {
    bridges_.push_back(&bridge);
    for (size_t i = 0; i < bridge.server_count(); ++i) {
      Add(bridge.client(i), user, kMayRead | kMayWrite | kMayRelay, i);
    }
  }

  // They are gone, and their clients with them.
  void RemoveBridges() {
    for (const Bridge* const bridge : std::exchange(bridges_, {})) {
      for (size_t i = 0; i < bridge->server_count(); ++i) {
        std::erase_if(wires_, [&](const Wire& wire) {
          if (wire.client != &bridge->client(i)) return false;
          if (wire.connection) servers_[wire.server]->OnDisconnect(*wire.connection, now_ms_);
          return true;
        });
      }
    }
  }

  void Run(uint64_t ms) {
    for (const uint64_t end_ms = now_ms_ + ms; now_ms_ < end_ms; now_ms_ += 50) {
      for (int round = 0; round < 6; ++round) Settle();
      for (const Wire& wire : wires_) wire.client->OnTick(now_ms_);
      for (const auto& server : servers_) server->OnTick(now_ms_);
    }
  }

  std::string StoredText(size_t server) const {
    RgaDocument document(ReplicaId{.value = 1});
    for (const Record& record : logs_[server]) {
      if (record.kind == RecordKind::kBase) EXPECT_TRUE(document.MergeBase(record.bytes));
      if (record.kind == RecordKind::kUpdate) EXPECT_TRUE(document.Merge(record.bytes));
    }
    return document.Text();
  }

  // Trims all that a server has, which is then started anew.
  void Trim(size_t server) {
    logs_[server] = AllTrimmed(logs_[server]);
    servers_[server] = std::make_unique<Server>([this] { return random_.Next(); });
    for (Wire& wire : wires_) {
      if (wire.server != server || !wire.connection) continue;
      wire.connection.reset();
      wire.client->OnDisconnected({ErrorCode::kIo, "gone"}, false, now_ms_);
    }
  }

  uint64_t now_ms() const { return now_ms_; }
  const std::vector<Bridge::Event>& bridge_events() const { return bridge_events_; }

 private:
  void Settle() {
    for (Bridge* const bridge : bridges_) {
      for (Bridge::Event& event : bridge->Share()) bridge_events_.push_back(std::move(event));
    }
    for (Wire& wire : wires_) DoForClient(wire);
    for (size_t i = 0; i < servers_.size(); ++i) DoForServer(i);
  }

  void DoForClient(Wire& wire) {
    for (const ClientAction& action : wire.client->TakeActions(now_ms_)) {
      if (std::holds_alternative<Connect>(action)) {
        if (wire.is_cut) {
          wire.client->OnDisconnected({ErrorCode::kIo, "refused"}, false, now_ms_);
          continue;
        }
        wire.connection = ++connections_;
        servers_[wire.server]->OnConnect(*wire.connection, wire.identity, now_ms_);
        wire.client->OnConnected(now_ms_);
      } else if (const auto* const packet = std::get_if<Packet>(&action)) {
        if (wire.connection) {
          servers_[wire.server]->OnPacket(*wire.connection, *packet, 100, now_ms_);
        }
      } else if (wire.connection) {
        servers_[wire.server]->OnDisconnect(*wire.connection, now_ms_);
        wire.connection.reset();
      }
    }
  }

  void DoForServer(size_t i) {
    std::vector<StoreAnswer> answers;
    for (const ServerAction& action : servers_[i]->TakeActions(now_ms_)) {
      if (const auto* const call = std::get_if<CallStore>(&action)) {
        answers.push_back(Answer(i, *call));
        continue;
      }
      const auto* const send = std::get_if<SendPacket>(&action);
      const ConnectionId connection =
          send != nullptr ? send->connection : std::get<CloseConnection>(action).connection;
      for (Wire& wire : wires_) {
        if (wire.connection != connection) continue;
        if (send == nullptr) {
          wire.connection.reset();
          wire.client->OnDisconnected({ErrorCode::kIo, "closed"}, false, now_ms_);
          continue;
        }
        Packet packet{.head = send->head, .messages = {}};
        for (const MessageRef ref : send->messages) {
          packet.messages.push_back(servers_[i]->message(ref));
        }
        wire.client->OnPacket(packet, 100, now_ms_);
      }
    }
    for (StoreAnswer& answer : answers) servers_[i]->OnStoreAnswer(std::move(answer), now_ms_);
  }

  StoreAnswer Answer(size_t i, const CallStore& call) {
    std::vector<Record>& log = logs_[i];
    StoreAnswer answer{.ticket = call.ticket, .position = log.size(), .log = {}};
    if (const auto* const append = std::get_if<HubAppend>(&call.call)) {
      log.insert(log.end(), append->records.begin(), append->records.end());
      answer.position = log.size();
    } else if (std::holds_alternative<HubLoad>(call.call)) {
      answer.log.tail = log;
    }
    return answer;
  }

  uint64_t now_ms_ = 1000;
  Random random_{2};
  std::vector<std::unique_ptr<Server>> servers_;
  std::vector<std::vector<Record>> logs_;
  std::deque<Wire> wires_;
  std::vector<Bridge*> bridges_;
  std::vector<Bridge::Event> bridge_events_;
  ConnectionId connections_ = 0;
};

// A user's program.
struct User {
  User(Random& random, uint64_t replica)
      : document(ReplicaId{.value = replica}), client([&random] { return random.Next(); }) {
    document.SetId(TheId());
    key = client.Open("doc", document);
  }
  void Type(std::string_view text) {
    ASSERT_TRUE(document.Insert(CodePointOffset(0), text).has_value());
  }
  bool HasFailed() {
    for (const ClientEvent& event : client.TakeEvents()) {
      if (std::holds_alternative<DocumentFailed>(event)) return true;
    }
    return false;
  }

  RgaDocument document;
  Client client;
  DocumentKey key = 0;
};

BridgeOptions OptionsOf(uint64_t replica, size_t servers = 2) {
  return {
      .document = "doc", .id = TheId(), .replica = ReplicaId{.value = replica}, .servers = servers};
}

constexpr Rights kWriterRights = kMayRead | kMayWrite | kMayShow;

TEST(BridgeTest, ServersThatKnowNothingOfEachOtherHaveTheSame) {
  Random random(1);
  Cluster cluster(random, 3);
  User ada(random, 7);
  User bob(random, 8);
  Bridge bridge([&random] { return random.Next(); }, OptionsOf(1000, 3));
  cluster.Add(ada.client, "ada", kWriterRights, 0);
  cluster.Add(bob.client, "bob", kWriterRights, 2);
  cluster.AddBridge(bridge);
  ada.Type("a");
  cluster.Run(3000);
  bob.Type("b");
  cluster.Run(3000);
  EXPECT_EQ(ada.document.Text(), "ba");
  EXPECT_EQ(bob.document.Text(), "ba");
  for (size_t server = 0; server < 3; ++server) EXPECT_EQ(cluster.StoredText(server), "ba");
  EXPECT_TRUE(ada.client.Count(ada.key).all_durable());
  EXPECT_TRUE(bob.client.Count(bob.key).all_durable());
}

TEST(BridgeTest, AUserGoesOnAtAnotherServerAsTheSameReplica) {
  Random random(1);
  Cluster cluster(random, 2);
  User ada(random, 7);
  Bridge bridge([&random] { return random.Next(); }, OptionsOf(1000));
  const size_t wire = cluster.Add(ada.client, "ada", kWriterRights, 0);
  cluster.AddBridge(bridge);
  ada.Type("a");
  cluster.Run(3000);
  cluster.Cut(wire);
  ada.Type("b");
  cluster.Run(1000);
  cluster.Mend(wire, 1);
  cluster.Run(35'000);
  ada.Type("c");
  cluster.Run(3000);
  EXPECT_FALSE(ada.HasFailed());
  EXPECT_TRUE(ada.client.Count(ada.key).all_durable());
  EXPECT_EQ(cluster.StoredText(0), "cba");
  EXPECT_EQ(cluster.StoredText(1), "cba");
}

// Two bridges in a row, and one that starts anew in between, with nothing.
TEST(BridgeTest, WhoseAnIdIsGoesFromServerToServer) {
  Random random(1);
  Cluster cluster(random, 2);
  User ada(random, 7);
  const size_t wire = cluster.Add(ada.client, "ada", kWriterRights, 0);
  ada.Type("a");
  cluster.Run(3000);
  cluster.Cut(wire);
  Bridge bridge([&random] { return random.Next(); }, OptionsOf(1000));
  Bridge second([&random] { return random.Next(); }, OptionsOf(1001));
  cluster.AddBridge(bridge, "first");
  cluster.AddBridge(second, "second");
  cluster.Run(3000);
  cluster.Mend(wire, 1);
  cluster.Run(35'000);
  ada.Type("b");
  cluster.Run(3000);
  EXPECT_FALSE(ada.HasFailed());
  EXPECT_EQ(cluster.StoredText(0), "ba");
}

// What somebody builds on, and what has not come by a bridge yet, is waited for.
TEST(BridgeTest, EditsThatFollowWhatIsNotThereYetWaitForTheBridge) {
  Random random(1);
  Cluster cluster(random, 2);
  User ada(random, 7);
  User bob(random, 8);
  const size_t wire = cluster.Add(ada.client, "ada", kWriterRights, 0);
  cluster.Add(bob.client, "bob", kWriterRights, 0);
  bob.Type("b");
  cluster.Run(3000);
  ada.Type("a");
  cluster.Cut(wire);
  cluster.Mend(wire, 1);
  cluster.Run(35'000);
  EXPECT_EQ(ada.client.Count(ada.key).not_durable, 0U);
  EXPECT_FALSE(ada.client.Count(ada.key).all_durable());
  EXPECT_EQ(cluster.StoredText(1), "");
  Bridge bridge([&random] { return random.Next(); }, OptionsOf(1000));
  cluster.AddBridge(bridge);
  cluster.Run(5000);
  EXPECT_TRUE(ada.client.Count(ada.key).all_durable());
  EXPECT_EQ(cluster.StoredText(1), "ab");
  EXPECT_EQ(bob.document.Text(), "ab");
}

TEST(BridgeTest, AServerWithAnotherDocumentOfThatNameIsLeftAlone) {
  Random random(1);
  Cluster cluster(random, 2);
  User stranger(random, 7);
  RgaDocument other(ReplicaId{.value = 9});
  Client client([&random] { return random.Next(); });
  client.Open("doc", other);
  cluster.Add(client, "stranger", kWriterRights, 1);
  cluster.Run(3000);
  Bridge bridge([&random] { return random.Next(); }, OptionsOf(1000));
  cluster.AddBridge(bridge);
  cluster.Run(3000);
  bool is_told = false;
  for (const Bridge::Event& event : cluster.bridge_events()) {
    const auto* const failed = std::get_if<DocumentFailed>(&event.event);
    if (failed == nullptr) continue;
    is_told = true;
    EXPECT_EQ(event.server, 1U);
    EXPECT_EQ(failed->error.code, ErrorCode::kDocumentReplaced);
  }
  EXPECT_TRUE(is_told);
}

// One server begins with what has to come from the other one first, which takes long.
TEST(BridgeTest, ANewBridgeBetweenServersThatWereTrimmedApartLosesNeither) {
  for (const size_t later : {0U, 1U}) {
    Random random(1);
    Cluster cluster(random, 2);
    User ada(random, 7);
    auto bridge = std::make_unique<Bridge>([&random] { return random.Next(); }, OptionsOf(1000));
    cluster.Add(ada.client, "ada", kWriterRights, 0);
    cluster.AddBridge(*bridge);
    ada.Type("a");
    cluster.Run(5000);
    cluster.Trim(1 - later);
    cluster.Run(35'000);
    std::string much;
    for (int i = 0; much.size() < 400'000; ++i) much += std::to_string(i) + " ";
    ada.Type(much);
    ASSERT_TRUE(ada.document.Erase(CodePointOffset(0), CodePointOffset(much.size())));
    ada.Type("b");
    cluster.Run(5000);
    ASSERT_EQ(cluster.StoredText(0), "ba");
    ASSERT_EQ(cluster.StoredText(1), "ba");
    cluster.Trim(later);
    cluster.RemoveBridges();
    Bridge fresh([&random] { return random.Next(); }, OptionsOf(1001));
    cluster.AddBridge(fresh);
    cluster.Run(35'000);
    ada.Type("c");
    cluster.Run(5000);
    EXPECT_FALSE(ada.HasFailed());
    for (const Bridge::Event& event : cluster.bridge_events()) {
      const auto* const failed = std::get_if<DocumentFailed>(&event.event);
      EXPECT_EQ(failed, nullptr) << event.server << ": " << failed->error.message;
    }
    EXPECT_EQ(fresh.document().Text(), "cba");
    EXPECT_EQ(cluster.StoredText(0), "cba");
    EXPECT_EQ(cluster.StoredText(1), "cba");
  }
}

TEST(BridgeTest, UsersWhoMoveAboutLoseNothing) {
  ForEachSeed(100, [](Random& random) {
    Cluster cluster(random, 3);
    std::deque<User> users;
    std::vector<size_t> wires;
    for (uint64_t i = 0; i < 3; ++i) {
      users.emplace_back(random, 7 + i);
      wires.push_back(cluster.Add(users.back().client, "user " + std::to_string(i), kWriterRights,
                                  random.Below(3)));
    }
    Bridge bridge([&random] { return random.Next(); }, OptionsOf(1000, 3));
    cluster.AddBridge(bridge);
    for (uint64_t steps = random.Between(10, 60); steps > 0; --steps) {
      const size_t who = random.Below(3);
      switch (random.Below(4)) {
        case 0:
          cluster.Cut(wires[who]);
          cluster.Mend(wires[who], random.Below(3));
          break;
        case 1: cluster.Run(random.Below(2000)); break;
        default: users[who].Type(RandomText(random, 4)); break;
      }
    }
    cluster.Run(40'000);
    for (User& user : users) {
      EXPECT_FALSE(user.HasFailed());
      EXPECT_TRUE(user.client.Count(user.key).all_durable());
      EXPECT_EQ(user.document.Text(), users[0].document.Text());
    }
    for (size_t server = 0; server < 3; ++server) {
      EXPECT_EQ(cluster.StoredText(server), users[0].document.Text());
    }
  });
}

}  // namespace
}  // namespace cotext::sync
