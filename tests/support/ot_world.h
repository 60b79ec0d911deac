// Clients of OT and a server over a network that loses, repeats, delays and reorders, with crashes
// of all of them.
//
// A Client is an OtTestClient, or like one. Characters are never typed twice, so that it is seen
// where each of them went. In the end all texts must be equal, nothing lost, nothing there twice.
#ifndef COTEXT_TESTS_SUPPORT_OT_WORLD_H_
#define COTEXT_TESTS_SUPPORT_OT_WORLD_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/delta.h"
#include "document/random.h"
#include "document/text_buffer.h"
#include "document/undo_manager.h"
#include "document/utf8.h"
#include "ot/client_state.h"
#include "ot/server_snapshot.h"
#include "ot/server_state.h"
#include "ot/submission.h"
#include "ot/text_hash.h"
#include "tests/support/ot_hosts.h"

namespace cotext {

// How bad a run is, in percent of the chances.
struct OtFaults {
  explicit OtFaults(Random& random)
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

struct OtWorldOptions {
  uint64_t max_clients = OtServerOptions().max_clients;
  OtClientOptions client = {};
  // Undo brings back what several have deleted once for each: then nothing is counted at the end.
  bool has_undo = false;
};

template <typename Client>
class OtWorld {
 public:
  OtWorld(Random& random, OtCounts& counts, const OtWorldOptions& options)
      : random_(random),
        faults_(random),
        options_(options),
        server_("", OtServerOptions{.max_clients = options.max_clients,
                                    .hash_interval = random.Below(4)}) {
    const size_t count = random.Between(2, 5);
    for (size_t i = 0; i < count; ++i) {
      const OtClientId id{1000 * i + random.Between(1, 1000)};
      clients_.push_back(std::make_unique<Client>(id, "", options.client));
      clients_.back()->counts = &counts;
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
    if constexpr (requires { clients_[client]->TakeBack(UndoStack::kUndo); }) Play(client);
    if (random_.Chance(60)) Deliver();
    if (random_.Chance(40)) Route(server_.StoreAll());
    if (random_.Chance(5)) clients_[client]->Save();
    if (random_.Chance(5)) Route({{client, server_.Revision()}});
    if (random_.Chance(5)) Say(client, clients_[client]->Hello());
    if (random_.Chance(5)) server_.TakeSnapshot();
    if (random_.Chance(faults_.truncation)) {
      const OtServerState& state = server_.state();
      server_.Truncate(random_.Between(state.horizon(), state.revision() + 1));
    }
    if (random_.Chance(faults_.crash)) Crash(client);
    clients_[client]->CheckInvariant(server_.naive());
  }

  void Play(size_t client) {
    if (random_.Chance(10)) clients_[client]->PlaceAnchor(random_);
    if (!options_.has_undo || !random_.Chance(faults_.activity / 2)) return;
    Say(client,
        clients_[client]->TakeBack(random_.Chance(60) ? UndoStack::kUndo : UndoStack::kRedo));
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
      for (const std::string& tag : CharactersOf(clients_[client]->unsaved())) typed_.erase(tag);
      clients_[client]->Reload();
    }
    Say(client, clients_[client]->Hello());
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
    if (!clients_[client]->MayType()) return;
    const std::string text = clients_[client]->text();
    std::string_view rest = text;
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
    Say(client, clients_[client]->Edit(edit));
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
    if (!random_.Chance(faults_.loss)) Say(client, clients_[client]->Receive(frame));
  }

  // Without faults, until everybody has everything.
  void Settle() {
    constexpr size_t kRoundsMax = 300;
    for (size_t round = 0; !IsSettled(); ++round) {
      ASSERT_LT(round, kRoundsMax) << "the clients do not come to rest";
      if (testing::Test::HasFailure()) return;
      for (size_t i = 0; i < clients_.size(); ++i) {
        Say(i, clients_[i]->Hello());
        Route({{i, server_.Revision()}});
      }
      for (const auto& [client, frame] : std::exchange(up_, {})) {
        Route(server_.Receive(client, frame));
      }
      Route(server_.StoreAll());
      for (const auto& [client, frame] : std::exchange(down_, {})) {
        Say(client, clients_[client]->Receive(frame));
        clients_[client]->CheckInvariant(server_.naive());
      }
    }
  }

  bool IsSettled() const {
    for (const std::unique_ptr<Client>& client : clients_) {
      if (!client->IsSynchronized() || client->revision() != server_.state().revision())
        return false;
    }
    return true;
  }

  void Check() {
    const std::string text = server_.state().text().Text();
    ASSERT_EQ(text, server_.naive().text());
    for (const std::unique_ptr<Client>& client : clients_) {
      EXPECT_EQ(client->text(), text);
      EXPECT_EQ(HashText(*TextBuffer::FromText(client->text())), HashText(server_.state().text()));
    }
    const auto& authors = server_.naive().authors();
    const std::set<std::pair<uint64_t, uint64_t>> once(authors.begin(), authors.end());
    EXPECT_EQ(once.size(), authors.size());
    CheckLog();
    if (!options_.has_undo) CheckCharacters(text);
  }

  // Everything that was typed and not deleted is there once.
  void CheckCharacters(std::string_view text) {
    std::set<std::string> found;
    for (const std::string& tag : CharactersOf(text)) {
      EXPECT_TRUE(found.insert(tag).second) << tag << " is there twice";
    }
    for (const std::string& tag : typed_) {
      if (!deleted_.contains(tag)) EXPECT_TRUE(found.contains(tag)) << tag << " is lost";
    }
  }

  // The log leads to the same state from every snapshot on.
  void CheckLog() {
    server_.state().CheckInvariants();
    const OtSnapshot before = server_.state().Snapshot();
    for (size_t i = 0; i < server_.snapshot_count(); ++i) {
      server_.Restart(i);
      EXPECT_EQ(server_.state().Snapshot(), before) << "from snapshot " << i;
    }
  }

  Random& random_;
  OtFaults faults_;
  OtWorldOptions options_;
  OtTestServer server_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<std::pair<size_t, ToServer>> up_;
  std::vector<std::pair<size_t, ToClient>> down_;
  uint64_t next_tag_ = 0;
  std::set<std::string> typed_;    // But for what a crash lost before it was saved.
  std::set<std::string> deleted_;  // By anybody, or by an edit that was lost.
};

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_OT_WORLD_H_
