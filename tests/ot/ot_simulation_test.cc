// Clients and a server over a network that loses, repeats, delays and reorders, with crashes of
// all of them: in the end all texts are equal, nothing is lost, nothing is there twice.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/delta.h"
#include "document/random.h"
#include "document/text_buffer.h"
#include "document/utf8.h"
#include "ot/client_state.h"
#include "ot/server_state.h"
#include "ot/submission.h"
#include "ot/text_hash.h"
#include "tests/support/for_each_seed.h"
#include "tests/support/ot_hosts.h"

namespace cotext {
namespace {

using State = OtClientState::State;

// Returns the characters of a text.
std::vector<std::string> CharactersOf(std::string_view text) {
  std::vector<std::string> characters;
  while (!text.empty()) {
    const size_t bytes = ByteOfCodePoint(text, 1);
    characters.emplace_back(text.substr(0, bytes));
    text.remove_prefix(bytes);
  }
  return characters;
}

// How bad a run is, in percent of the chances.
struct Faults {
  explicit Faults(Random& random)
      : loss(random.Below(30)),
        duplication(random.Below(30)),
        order(random.Chance(50) ? 0 : random.Below(100)),
        crash(random.Below(8)),
        truncation(random.Chance(50) ? 0 : random.Below(10)),
        activity(random.Between(5, 60)) {}

  uint64_t loss;
  uint64_t duplication;
  uint64_t order;
  uint64_t crash;
  uint64_t truncation;
  uint64_t activity;  // How often somebody types.
};

class World {
 public:
  World(Random& random, OtCounts& counts)
      : random_(random),
        faults_(random),
        server_("", OtServerOptions{.hash_interval = random.Below(4)}) {
    const size_t count = random.Between(2, 5);
    for (size_t i = 0; i < count; ++i) {
      clients_.emplace_back(OtClientId{1000 * i + random.Between(1, 1000)}, "");
      clients_.back().counts = &counts;
    }
    server_.counts = &counts;
    server_.set_clients(count);
  }

  void Run(size_t steps) {
    for (size_t i = 0; i < steps && !testing::Test::HasFailure(); ++i) Step();
    Settle();
    Check();
  }

 private:
  void Step() {
    const size_t client = random_.Below(clients_.size());
    if (random_.Chance(faults_.activity)) Type(client);
    if (random_.Chance(60)) Deliver();
    if (random_.Chance(40)) Route(server_.StoreAll());
    if (random_.Chance(5)) clients_[client].Save();
    if (random_.Chance(5)) Route({{client, server_.Revision()}});
    if (random_.Chance(5)) Say(client, clients_[client].Hello());
    if (random_.Chance(5)) server_.TakeSnapshot();
    if (random_.Chance(faults_.truncation)) {
      const OtServerState& state = server_.state();
      server_.Truncate(random_.Between(state.horizon(), state.revision() + 1));
    }
    if (random_.Chance(faults_.crash)) Crash(client);
    clients_[client].CheckInvariant(server_.naive());
  }

  void Crash(size_t client) {
    if (random_.Chance(30)) {
      server_.Restart(random_.Below(server_.snapshot_count()));
      return;
    }
    // The connection goes with what was on it, or that comes later still.
    if (random_.Chance(70)) {
      std::erase_if(up_, [client](const auto& frame) { return frame.first == client; });
      std::erase_if(down_, [client](const auto& frame) { return frame.first == client; });
    }
    if (random_.Chance(50)) {
      for (const std::string& tag : CharactersOf(clients_[client].unsaved())) typed_.erase(tag);
      clients_[client].Reload();
    }
    Say(client, clients_[client].Hello());
  }

  // Characters that were never typed before, so that it is seen where each of them went.
  std::string NewTags(size_t count) {
    std::string tags;
    for (size_t i = 0; i < count; ++i) {
      const auto number = static_cast<uint32_t>(next_tag_++);
      const uint32_t point = number % 2 == 0 ? 0x4e00 + number / 2 : 0x20000 + number / 2;
      std::string tag;
      if (point >= 0x10000) {
        tag += static_cast<char>(0xf0U | point >> 18U);
        tag += static_cast<char>(0x80U | (point >> 12U & 0x3fU));
      } else {
        tag += static_cast<char>(0xe0U | point >> 12U);
      }
      tag += static_cast<char>(0x80U | (point >> 6U & 0x3fU));
      tag += static_cast<char>(0x80U | (point & 0x3fU));
      typed_.insert(tag);
      tags += tag;
    }
    return tags;
  }

  void Type(size_t client) {
    if (clients_[client].state().state() == State::kNeedsSnapshot) return;
    std::string_view rest = clients_[client].text();
    Delta edit;
    for (size_t part = random_.Between(1, 2); part > 0; --part) {
      uint64_t left = CountCodePoints(rest);
      const uint64_t skipped = random_.Below(left + 1);
      rest.remove_prefix(ByteOfCodePoint(rest, skipped));
      left -= skipped;
      edit.Retain(skipped);
      const bool insert_first = random_.Chance(70);
      if (insert_first) edit.Insert(NewTags(random_.Below(3)));
      if (const uint64_t count = random_.Below(std::min<uint64_t>(left, 3) + 1); count > 0) {
        const std::string_view deleted = rest.substr(0, ByteOfCodePoint(rest, count));
        rest.remove_prefix(deleted.size());
        for (const std::string& tag : CharactersOf(deleted)) deleted_.insert(tag);
        random_.Chance(30) ? edit.DeleteText(deleted) : edit.Delete(count);
      }
      if (!insert_first) edit.Insert(NewTags(random_.Below(3)));
    }
    Say(client, clients_[client].Edit(edit));
  }

  void Say(size_t client, std::vector<ToServer> frames) {
    for (ToServer& frame : frames) up_.emplace_back(client, std::move(frame));
  }
  void Route(OtTestServer::Outgoing frames) {
    for (auto& frame : frames) down_.push_back(std::move(frame));
  }

  // Takes a frame out of the queue, or leaves a copy.
  template <typename Frame>
  std::pair<size_t, Frame> Take(std::vector<std::pair<size_t, Frame>>& queue) {
    const size_t index = random_.Chance(faults_.order) ? random_.Below(queue.size()) : 0;
    std::pair<size_t, Frame> frame = queue[index];
    if (!random_.Chance(faults_.duplication)) {
      queue.erase(queue.begin() + static_cast<ptrdiff_t>(index));
    }
    return frame;
  }

  void Deliver() {
    if (!up_.empty() && random_.Chance(60)) {
      const auto [client, frame] = Take(up_);
      if (!random_.Chance(faults_.loss)) Route(server_.Receive(client, frame));
    }
    if (down_.empty() || random_.Chance(20)) return;
    const auto [client, frame] = Take(down_);
    if (!random_.Chance(faults_.loss)) Say(client, clients_[client].Receive(frame));
  }

  // Without faults, until everybody has everything.
  void Settle() {
    constexpr size_t kRoundsMax = 300;
    for (size_t round = 0; !IsSettled(); ++round) {
      ASSERT_LT(round, kRoundsMax) << "the clients do not come to rest";
      if (testing::Test::HasFailure()) return;
      for (size_t i = 0; i < clients_.size(); ++i) {
        Say(i, clients_[i].Hello());
        Route({{i, server_.Revision()}});
      }
      for (const auto& [client, frame] : std::exchange(up_, {})) {
        Route(server_.Receive(client, frame));
      }
      Route(server_.StoreAll());
      for (const auto& [client, frame] : std::exchange(down_, {})) {
        Say(client, clients_[client].Receive(frame));
        clients_[client].CheckInvariant(server_.naive());
      }
    }
  }

  bool IsSettled() const {
    for (const OtTestClient& client : clients_) {
      if (client.state().state() != State::kSynchronized) return false;
      if (client.state().revision() != server_.state().revision()) return false;
    }
    return true;
  }

  void Check() {
    const std::string text = server_.state().text().Text();
    ASSERT_EQ(text, server_.naive().text());
    for (const OtTestClient& client : clients_) {
      EXPECT_EQ(client.text(), text);
      EXPECT_EQ(HashText(*TextBuffer::FromText(client.text())), HashText(server_.state().text()));
    }
    const auto& authors = server_.naive().authors();
    const std::set<std::pair<uint64_t, uint64_t>> once(authors.begin(), authors.end());
    EXPECT_EQ(once.size(), authors.size());
    std::set<std::string> found;
    for (const std::string& tag : CharactersOf(text)) {
      EXPECT_TRUE(found.insert(tag).second) << tag << " is there twice";
    }
    for (const std::string& tag : typed_) {
      if (!deleted_.contains(tag)) EXPECT_TRUE(found.contains(tag)) << tag << " is lost";
    }
    server_.state().CheckInvariants();
    const OtSnapshot before = server_.state().Snapshot();
    for (size_t i = 0; i < server_.snapshot_count(); ++i) {
      server_.Restart(i);
      EXPECT_EQ(server_.state().Snapshot(), before) << "from snapshot " << i;
    }
  }

  Random& random_;
  Faults faults_;
  OtTestServer server_;
  std::vector<OtTestClient> clients_;
  std::vector<std::pair<size_t, ToServer>> up_;
  std::vector<std::pair<size_t, ToClient>> down_;
  uint64_t next_tag_ = 0;
  std::set<std::string> typed_;    // But for what a crash lost before it was saved.
  std::set<std::string> deleted_;  // By anybody, or by an edit that was lost.
};

TEST(OtSimulationTest, WhateverTheNetworkDoesAllEndEqualAndNothingIsLostOrThereTwice) {
  OtCounts counts;
  ForEachSeed(4000, [&counts](Random& random) {
    World world(random, counts);
    world.Run(random.Between(20, 200));
  });
  std::cout << "commits " << counts.commits << ", duplicates " << counts.duplicates << ", refusals "
            << counts.refusals << ", gaps " << counts.gaps << ", resubmitted " << counts.resubmitted
            << ", returned " << counts.returned << " (" << counts.returned_without_in_flight
            << " without what was in flight), own commits " << counts.own_commits
            << ", hashes compared " << counts.hashes_compared << '\n';
  EXPECT_GT(counts.duplicates, 0U);
  EXPECT_GT(counts.refusals, 0U);
  EXPECT_GT(counts.gaps, 0U);
  EXPECT_GT(counts.resubmitted, 0U);
  EXPECT_GT(counts.returned, 0U);
  EXPECT_GT(counts.returned_without_in_flight, 0U);
  EXPECT_GT(counts.own_commits, 0U);
  EXPECT_GT(counts.hashes_compared, 0U);
}

}  // namespace
}  // namespace cotext
