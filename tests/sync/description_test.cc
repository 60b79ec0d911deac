// What differs in what it will do is described differently, and what does not is not. That nothing
// is forgotten is seen where states are merged by their descriptions (small_scope_test.cc).
#include "sync/description.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/document.h"
#include "document/document_id.h"
#include "document/offset.h"
#include "sync/hub.h"
#include "sync/link.h"
#include "sync/message_pool.h"
#include "sync/messages.h"
#include "sync/packet.h"
#include "sync/rga_client.h"
#include "sync/rga_host.h"
#include "sync/store.h"
#include "sync/uploader.h"
#include "tests/sync/small_scope_node.h"

namespace cotext::sync {
namespace {

template <typename Add>
std::string DescribeAt(uint64_t now_ms, Add add) {
  Description description(now_ms);
  add(description);
  return description.bytes();
}

TEST(DescriptionTest, TimesAreToldFromNowOn) {
  const auto due = [](uint64_t now_ms, std::optional<uint64_t> at_ms) {
    return DescribeAt(now_ms, [&](Description& to) { to.Due(at_ms); });
  };
  EXPECT_EQ(due(100, 150), due(1100, 1150));
  EXPECT_NE(due(100, 150), due(100, 151));
  // Whatever is due already is alike, and so is what never is.
  EXPECT_EQ(due(100, 20), due(100, 100));
  EXPECT_NE(due(100, 100), due(100, 101));
  EXPECT_EQ(due(100, std::nullopt), due(200, 200 + Description::kNeverMs));
  EXPECT_NE(due(100, std::nullopt), due(101, 100 + Description::kNeverMs));
}

TEST(DescriptionTest, IdsAreToldInTheOrderOfTheirMention) {
  const auto names = [](const std::vector<uint64_t>& ids) {
    return DescribeAt(0, [&](Description& to) {
      for (const uint64_t id : ids) to.Name(id);
    });
  };
  EXPECT_EQ(names({7, 9, 7}), names({12, 3, 12}));
  EXPECT_NE(names({7, 9, 7}), names({7, 9, 9}));
}

TEST(DescriptionTest, MuchRoomIsRoomEnough) {
  const auto room = [](uint64_t left) {
    return DescribeAt(0, [&](Description& to) { to.Room(left); });
  };
  EXPECT_EQ(room(Description::kRoomMax), room(1000));
  EXPECT_NE(room(Description::kRoomMax), room(Description::kRoomMax - 1));
}

// Descriptions by what they are of, of which no two are the same.
class Different {
 public:
  void Add(const std::string& what, const std::string& description) {
    const auto [at, is_new] = seen_.emplace(description, what);
    EXPECT_TRUE(is_new) << what << " is described as " << at->second;
  }

 private:
  std::map<std::string, std::string> seen_;
};

// A link on connections that lose packets.
class LinkRig {
 public:
  explicit LinkRig(uint64_t now_ms) : now_ms_(now_ms) {}

  LinkRig& Push(uint64_t value) {
    link_.Push(ToMessage(Ack{.channel = 1, .writer = 2, .upto = value}));
    return *this;
  }
  LinkRig& Take() {
    static_cast<void>(link_.TakePacket(now_ms_));
    return *this;
  }
  LinkRig& Accept(const PacketHead& head, size_t messages) {
    EXPECT_TRUE(link_.Accept(head, messages, 10, now_ms_).has_value());
    return *this;
  }
  LinkRig& Resume(uint64_t received) {
    EXPECT_TRUE(link_.Resume(received));
    return *this;
  }
  LinkRig& Wait(uint64_t ms) {
    now_ms_ += ms;
    return *this;
  }
  std::string Describe() const {
    return DescribeAt(now_ms_, [&](Description& to) { link_.Describe(to); });
  }

 private:
  uint64_t now_ms_;
  MessagePool pool_;
  Link link_{pool_, {.resend_ms = 1000}};
};

TEST(DescriptionTest, LinksThatDifferAreDescribedDifferently) {
  Different links;
  links.Add("new", LinkRig(0).Describe());
  links.Add("one waits", LinkRig(0).Push(1).Describe());
  links.Add("another waits", LinkRig(0).Push(2).Describe());
  links.Add("two wait", LinkRig(0).Push(1).Push(2).Describe());
  links.Add("one is sent", LinkRig(0).Push(1).Take().Describe());
  links.Add("that was a while ago", LinkRig(0).Push(1).Take().Wait(10).Describe());
  links.Add("it is late", LinkRig(0).Push(1).Take().Wait(1000).Describe());
  links.Add("it was sent again", LinkRig(0).Push(1).Take().Wait(1000).Take().Describe());
  links.Add("one is acknowledged", LinkRig(0).Push(1).Take().Accept({.received = 1}, 0).Describe());
  links.Add("one of two is",
            LinkRig(0).Push(1).Push(2).Take().Accept({.received = 1}, 0).Describe());
  links.Add("one of two is to be sent again",
            LinkRig(0).Push(1).Take().Push(2).Resume(0).Describe());
  links.Add("two are", LinkRig(0).Push(1).Push(2).Take().Resume(0).Describe());
  links.Add("all was asked for again",
            LinkRig(0).Push(1).Take().Accept({.received = 0, .again = true}, 0).Describe());
  links.Add("one came", LinkRig(0).Accept({.first = 1}, 1).Describe());
  links.Add("two came", LinkRig(0).Accept({.first = 1}, 2).Describe());
  links.Add("one came twice",
            LinkRig(0).Accept({.first = 1}, 1).Accept({.first = 1}, 1).Describe());
  links.Add("one came, which was acknowledged",
            LinkRig(0).Accept({.first = 1}, 1).Wait(500).Take().Describe());
  links.Add("one is missing", LinkRig(0).Accept({.first = 2}, 1).Describe());
}

TEST(DescriptionTest, LinksThatDoTheSameAreDescribedAlike) {
  EXPECT_EQ(LinkRig(0).Push(1).Take().Wait(10).Describe(),
            LinkRig(5000).Push(1).Take().Wait(10).Describe());
  // Which messages were there before decides nothing.
  EXPECT_EQ(LinkRig(0).Push(1).Take().Accept({.received = 1}, 0).Push(3).Describe(),
            LinkRig(0).Push(2).Take().Accept({.received = 1}, 0).Push(3).Describe());
  // However late it is, it is late.
  EXPECT_EQ(LinkRig(0).Push(1).Take().Wait(1000).Describe(),
            LinkRig(0).Push(1).Take().Wait(5000).Describe());
}

// A client and a server, step by step.
class NodeRig {
 public:
  void ToClient(ScopeInputKind kind, uint32_t value = 0, const Packet& packet = {}) {
    Keep(client_.Take({.kind = kind, .value = value}, packet).packets[0], up_);
  }
  void ToServer(ScopeInputKind kind, uint32_t value = 0, const Packet& packet = {}) {
    Keep(server_.Take({.kind = kind, .value = value}, packet).packets[0], down_);
  }
  void Connect() {
    ToClient(ScopeInputKind::kConnect);
    ToServer(ScopeInputKind::kConnect);
  }
  void Disconnect() {
    ToClient(ScopeInputKind::kDisconnect);
    ToServer(ScopeInputKind::kDisconnect);
    up_.clear();
    down_.clear();
  }
  // Takes one step that can be taken now; returns which, or nothing if there is none.
  std::string Go() {
    if (!up_.empty()) {
      const Packet packet = up_.front();
      up_.erase(up_.begin());
      ToServer(ScopeInputKind::kPacket, 0, packet);
      return "a packet came to the server";
    }
    if (server_.Look().outstanding > 0) {
      ToServer(ScopeInputKind::kAnswer);
      return "the store answered";
    }
    if (down_.empty()) return {};
    const Packet packet = down_.front();
    down_.erase(down_.begin());
    ToClient(ScopeInputKind::kPacket, 0, packet);
    return "a packet came to the client";
  }
  void GoOn() {
    while (!Go().empty()) continue;
  }
  std::string client() const { return client_.Describe(); }
  std::string server() const { return server_.Describe(); }

 private:
  static void Keep(const std::vector<Packet>& packets, std::vector<Packet>& queue) {
    queue.insert(queue.end(), packets.begin(), packets.end());
  }

  ScopeClient client_{ScopeRoot{.number = 0}};
  ScopeServer server_{ScopeRoot{.number = 0}};
  std::vector<Packet> up_;
  std::vector<Packet> down_;
};

TEST(DescriptionTest, EachStepIsDescribedDifferently) {
  NodeRig rig;
  Different clients;
  Different servers;
  clients.Add("new", rig.client());
  servers.Add("new", rig.server());
  rig.ToClient(ScopeInputKind::kEdit, 0);
  clients.Add("edited", rig.client());
  rig.Connect();
  clients.Add("connected", rig.client());
  servers.Add("connected", rig.server());
  for (int i = 0;; ++i) {
    const std::string step = rig.Go();
    if (step.empty()) break;
    const std::string name = step + ", step " + std::to_string(i);
    step.ends_with("client") ? clients.Add(name, rig.client()) : servers.Add(name, rig.server());
  }
  rig.ToClient(ScopeInputKind::kPass, 500);
  rig.ToServer(ScopeInputKind::kPass, 500);
  rig.GoOn();
  clients.Add("acknowledged", rig.client());
  servers.Add("acknowledged", rig.server());
  rig.Disconnect();
  clients.Add("disconnected", rig.client());
  servers.Add("disconnected", rig.server());
  rig.ToServer(ScopeInputKind::kPass, 10);
  servers.Add("disconnected for a while", rig.server());
}

TEST(DescriptionTest, WhatConnectionsAreCalledIsNotDescribed) {
  NodeRig once;
  once.ToServer(ScopeInputKind::kConnect);
  NodeRig twice;
  twice.ToServer(ScopeInputKind::kConnect);
  twice.ToServer(ScopeInputKind::kPass, 20);
  twice.ToServer(ScopeInputKind::kDisconnect);
  EXPECT_NE(once.server(), twice.server());
  twice.ToServer(ScopeInputKind::kConnect);
  EXPECT_EQ(once.server(), twice.server());
}

TEST(DescriptionTest, DocumentsAreDescribedByWhatIsInThem) {
  NodeRig early;
  early.ToClient(ScopeInputKind::kEdit, 0);
  early.ToClient(ScopeInputKind::kPass, 100);
  NodeRig late;
  late.ToClient(ScopeInputKind::kPass, 100);
  EXPECT_NE(early.client(), late.client());
  late.ToClient(ScopeInputKind::kEdit, 0);
  EXPECT_EQ(early.client(), late.client());
  late.ToClient(ScopeInputKind::kEdit, 1);
  EXPECT_NE(early.client(), late.client());
}

// A document at a client, that may read and write, and whose server has nothing of it yet.
class RgaClientRig {
 public:
  explicit RgaClientRig(uint64_t now_ms = 0) : now_ms_(now_ms) {
    const Opened opened{
        .channel = 1, .rights = kMayRead | kMayWrite, .version = VersionVector().Encode()};
    EXPECT_TRUE(client_.OnOpened(opened).has_value());
    EXPECT_TRUE(document_.Insert(CodePointOffset(0), "ab").has_value());
  }

  RgaClientRig& Take() {
    EXPECT_TRUE(client_.TakeMessages(1000).has_value());
    return *this;
  }
  RgaClientRig& Get(const Message& message) {
    EXPECT_TRUE(client_.OnMessage(message).has_value());
    return *this;
  }
  RgaClientRig& Get(AckLevel level, uint64_t upto) {
    return Get(ToMessage(Ack{.channel = 1, .level = level, .writer = 7, .upto = upto}));
  }
  std::string Describe() const {
    return DescribeAt(now_ms_, [&](Description& to) { client_.Describe(to); });
  }

 private:
  uint64_t now_ms_;
  RgaDocument document_{ReplicaId{.value = 7}};
  RgaClient client_{document_};
};

// Another replica's insertions of one character each, as updates.
std::vector<std::string> SomeUpdates(uint64_t replica, size_t count) {
  RgaDocument document(ReplicaId{.value = replica});
  std::vector<std::string> updates;
  for (size_t i = 0; i < count; ++i) {
    const Version before = document.version();
    EXPECT_TRUE(document.Insert(CodePointOffset(0), "x").has_value());
    updates.push_back(document.EncodeSince(before).value());
  }
  return updates;
}

TEST(DescriptionTest, DocumentsOfClientsThatDifferAreDescribedDifferently) {
  const std::vector<std::string> others = SomeUpdates(8, 2);
  const Message early = ToMessage(UpdateMessage{.channel = 1, .update = others[1]});
  Different clients;
  clients.Add("nothing is sent", RgaClientRig().Describe());
  clients.Add("all is sent", RgaClientRig().Take().Describe());
  clients.Add("one was received", RgaClientRig().Take().Get(AckLevel::kReceived, 1).Describe());
  clients.Add("all was received", RgaClientRig().Take().Get(AckLevel::kReceived, 2).Describe());
  clients.Add("one is durable", RgaClientRig().Take().Get(AckLevel::kDurable, 1).Describe());
  clients.Add("one is durable and to be sent again",
              RgaClientRig()
                  .Take()
                  .Get(AckLevel::kDurable, 1)
                  .Get(ToMessage(Request{.channel = 1, .version = VersionVector().Encode()}))
                  .Describe());
  clients.Add("something is missing", RgaClientRig().Take().Get(early).Describe());
  clients.Add("it was asked for", RgaClientRig().Take().Get(early).Take().Describe());
  clients.Add("it came", RgaClientRig()
                             .Take()
                             .Get(ToMessage(UpdateMessage{.channel = 1, .update = others[0]}))
                             .Describe());
  clients.Add("the rights are gone", [] {
    RgaDocument document(ReplicaId{.value = 7});
    RgaClient client(document);
    client.OnRights(0);
    return DescribeAt(0, [&](Description& to) { client.Describe(to); });
  }());
}

// A document at a server, which is durable and open in session 1, of replica 7.
class HubRig {
 public:
  HubRig() {
    hub_.OnLoaded(StoredLog{}, 0);
    Open(1).Store();
  }

  HubRig& Open(SessionId session) {
    hub_.Open(session, "user", kMayRead | kMayWrite, sync::Open{.request = 1, .writer = 7});
    return Done();
  }
  HubRig& Close(SessionId session) {
    hub_.Close(session);
    return Done();
  }
  HubRig& Store() {
    hub_.OnAppended(++position_);
    hub_.TellFresh();
    return Done();
  }
  HubRig& Pull(SessionId session) {
    hub_.Pull(session);
    return Done();
  }
  HubRig& Get(SessionId session, const std::string& update, uint64_t now_ms = 0) {
    hub_.OnMessage(session, ToMessage(UpdateMessage{.channel = 1, .update = update}), now_ms);
    return Done();
  }
  std::string Describe() const {
    return DescribeAt(0, [&](Description& to) { hub_.Describe(to); });
  }

 private:
  HubRig& Done() {
    for (const HubSend& send : hub_.TakeOutput().sends) pool_.Release(send.message);
    return *this;
  }

  MessagePool pool_;
  uint64_t position_ = 0;
  Hub hub_{pool_, 1, "doc", DocumentId{}, {}};
};

TEST(DescriptionTest, DocumentsOfServersThatDifferAreDescribedDifferently) {
  const std::vector<std::string> updates = SomeUpdates(7, 3);
  Different hubs;
  hubs.Add("open", HubRig().Describe());
  hubs.Add("open and live", HubRig().Pull(1).Describe());
  hubs.Add("open twice", HubRig().Open(2).Describe());
  hubs.Add("closed", HubRig().Close(1).Describe());
  hubs.Add("one came", HubRig().Get(1, updates[0]).Describe());
  hubs.Add("later", HubRig().Get(1, updates[0], 5).Describe());
  hubs.Add("two came", HubRig().Get(1, updates[0]).Get(1, updates[1]).Describe());
  hubs.Add("one of two is stored",
           HubRig().Get(1, updates[0]).Get(1, updates[1]).Store().Describe());
  hubs.Add("two came, the first again in another session", HubRig()
                                                               .Get(1, updates[0])
                                                               .Get(1, updates[1])
                                                               .Close(1)
                                                               .Open(2)
                                                               .Get(2, updates[0])
                                                               .Describe());
  hubs.Add("two came, the second again in another session", HubRig()
                                                                .Get(1, updates[0])
                                                                .Get(1, updates[1])
                                                                .Close(1)
                                                                .Open(2)
                                                                .Get(2, updates[1])
                                                                .Describe());
  hubs.Add("something is missing", HubRig().Get(1, updates[0]).Get(1, updates[2]).Describe());
  hubs.Add("and was asked for in vain",
           HubRig().Get(1, updates[0]).Get(1, updates[2]).Get(1, updates[0]).Describe());
}

// Until the next upload it does not know what is on its way to the store.
TEST(DescriptionTest, ADocumentThatRestsIsDescribedDifferently) {
  RgaHost host;
  const Uploader uploader{.session = 1, .user = "user", .rights = kMayRead | kMayWrite};
  ASSERT_TRUE(host.Take(uploader, SomeUpdates(7, 1)[0]).has_value());
  Different hosts;
  const auto describe = [&] { return DescribeAt(0, [&](Description& to) { host.Describe(to); }); };
  hosts.Add("on its way", describe());
  host.Rest();
  hosts.Add("resting", describe());
}

}  // namespace
}  // namespace cotext::sync
