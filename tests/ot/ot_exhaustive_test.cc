// Every interleaving of two clients with two edits each, with one lost frame, one repeated frame
// and one new connection, on which a client comes with its state or with what it saved last; and
// the same with a server that remembers one client only.
//
// The walk is over states of the whole world, each visited once; frames of one direction keep their
// order, but a repeated one stays behind and may come late.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iostream>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "document/delta.h"
#include "document/error.h"
#include "document/utf8.h"
#include "ot/client_state.h"
#include "ot/server_state.h"
#include "ot/submission.h"
#include "tests/support/ot_hosts.h"

namespace cotext {
namespace {

constexpr size_t kClients = 2;
constexpr std::string_view kText = "xy";

// At `at`, or the end of the text, inserts and deletes as much as there is.
struct PlannedEdit {
  uint64_t at;
  std::string_view text;
  uint64_t deleted;
};
using Plan = std::array<std::vector<PlannedEdit>, kClients>;

Delta ToDelta(const PlannedEdit& planned, std::string_view text) {
  const uint64_t length = CountCodePoints(text);
  const uint64_t at = std::min(planned.at, length);
  Delta delta;
  delta.Retain(at).Insert(planned.text).Delete(std::min(planned.deleted, length - at));
  return delta;
}

struct Faults {
  size_t losses = 0;
  size_t repetitions = 0;
  size_t connections = 0;
  uint64_t max_clients = kClients;
};

struct World {
  explicit World(const Faults& faults)
      : server(std::string(kText),
               OtServerOptions{.max_clients = faults.max_clients, .hash_interval = 0}),
        left(faults) {
    server.set_clients(kClients);
    for (size_t i = 0; i < kClients; ++i)
      clients.emplace_back(OtClientId{i + 1}, std::string(kText));
  }

  void Say(size_t client, const std::vector<ToServer>& frames) {
    for (const ToServer& frame : frames) up[client].push_back(frame);
  }
  void Route(const OtTestServer::Outgoing& frames) {
    for (const auto& [client, frame] : frames) down[client].push_back(frame);
  }
  void DeliverUp(size_t client, const ToServer& frame) {
    Route(server.Receive(client, frame));
    Route(server.StoreAll());
  }
  void DeliverDown(size_t client, const ToClient& frame) {
    Say(client, clients[client].Receive(frame));
    clients[client].CheckInvariant(server.naive());
  }

  OtTestServer server;
  std::vector<OtTestClient> clients;
  std::array<std::deque<ToServer>, kClients> up;
  std::array<std::deque<ToClient>, kClients> down;
  std::array<std::vector<ToServer>, kClients> late_up;  // Repeated.
  std::array<std::vector<ToClient>, kClients> late_down;
  std::array<size_t, kClients> edits{};
  Faults left;
};

// Writes a world down, so that equal worlds are equal texts.
class Writer {
 public:
  std::string Write(const World& world) {
    for (const auto& entry : world.server.log()) Add(std::get<OtSubmission>(entry));
    for (size_t i = 0; i < kClients; ++i) {
      Add("/client", world.edits[i]);
      Add(world.clients[i].text(), 0);
      Add(world.clients[i].unsaved(), 0);
      const OtSavedClient now = world.clients[i].state().Save();
      Add(now.in_flight_now, now.revision);
      Add(now.buffer, now.next_seq);
      Add("/forgotten", world.clients[i].forgotten_at());
      if (now.in_flight) Add(*now.in_flight);
      Add("/up", 0);
      for (const ToServer& frame : world.up[i]) std::visit([this](auto& f) { Add(f); }, frame);
      Add("/down", 0);
      for (const ToClient& frame : world.down[i]) std::visit([this](auto& f) { Add(f); }, frame);
      Add("/late", 0);
      for (const ToServer& frame : world.late_up[i]) std::visit([this](auto& f) { Add(f); }, frame);
      for (const ToClient& frame : world.late_down[i]) {
        std::visit([this](auto& f) { Add(f); }, frame);
      }
    }
    Add("/left", world.left.losses * 100 + world.left.repetitions * 10 + world.left.connections);
    return std::move(out_);
  }

 private:
  void Add(std::string_view word, uint64_t number) {
    out_.append(word).append(" ").append(std::to_string(number)).append("\n");
  }
  void Add(const Delta& delta, uint64_t number) {
    for (const Delta::Component& component : delta) {
      out_.append(1, "=+-"[static_cast<size_t>(component.kind)]);
      Add(component.text, component.count);
    }
    Add(";", number);
  }
  void Add(const OtSubmission& frame) {
    Add(frame.operation, frame.client.value);
    Add("submission", frame.seq * 1000 + frame.base);
  }
  void Add(const OtCommit& frame) { Add("commit", frame.revision); }  // The log has the rest.
  void Add(const AskCommits& frame) { Add("ask", frame.after); }
  void Add(const AskSnapshot& /*frame*/) { Add("snapshot", 0); }
  void Add(const Acknowledgement& frame) { Add("ack", frame.seq * 1000 + frame.revision); }
  void Add(const Refusal& frame) {
    Add("refused", frame.seq * 1000 + frame.revision);
    Add(ErrorName(frame.code), 0);
  }
  void Add(const ServerRevision& frame) { Add("revision", frame.revision); }
  void Add(const ServerHorizon& frame) { Add("horizon", frame.horizon); }
  void Add(const TextAtRevision& frame) { Add("text", frame.revision); }
  void Add(const OtRevisionHash& frame) { Add("hash", frame.revision); }

  std::string out_;
};

class Walk {
 public:
  explicit Walk(const Plan& plan) : plan_(plan) {}

  void Run(const Faults& faults) { Visit(World(faults)); }

  size_t worlds() const { return seen_.size(); }
  uint64_t steps() const { return steps_; }
  uint64_t ends() const { return ends_; }

 private:
  void Visit(World world) {
    if (testing::Test::HasFailure()) return;
    if (!seen_.insert(Writer().Write(world)).second) return;
    const uint64_t before = steps_;
    for (size_t i = 0; i < kClients; ++i) {
      TryEdit(world, i);
      TryFrames(world, i);
      TryConnection(world, i);
    }
    if (steps_ == before || AllIsSaid(world)) {
      ++ends_;
      CheckEnd(std::move(world));
    }
  }

  template <typename Change>
  void Branch(const World& world, Change change) {
    ++steps_;
    World next = world;
    change(next);
    Visit(std::move(next));
  }

  void TryEdit(const World& world, size_t i) {
    if (world.edits[i] == plan_[i].size()) return;
    Branch(world, [this, i](World& next) {
      const PlannedEdit& planned = plan_[i][next.edits[i]++];
      next.Say(i, next.clients[i].Edit(ToDelta(planned, next.clients[i].text())));
      next.clients[i].CheckInvariant(next.server.naive());
    });
  }

  void TryFrames(const World& world, size_t i) {
    if (!world.up[i].empty()) {
      const ToServer frame = world.up[i].front();
      Branch(world, [&](World& next) {
        next.up[i].pop_front();
        next.DeliverUp(i, frame);
      });
      if (world.left.losses > 0) {
        Branch(world, [&](World& next) {
          next.up[i].pop_front();
          --next.left.losses;
        });
      }
      if (world.left.repetitions > 0) {
        Branch(world, [&](World& next) {
          next.late_up[i].push_back(frame);
          --next.left.repetitions;
        });
      }
    }
    if (!world.down[i].empty()) {
      const ToClient frame = world.down[i].front();
      Branch(world, [&](World& next) {
        next.down[i].pop_front();
        next.DeliverDown(i, frame);
      });
      if (world.left.losses > 0) {
        Branch(world, [&](World& next) {
          next.down[i].pop_front();
          --next.left.losses;
        });
      }
      if (world.left.repetitions > 0) {
        Branch(world, [&](World& next) {
          next.late_down[i].push_back(frame);
          --next.left.repetitions;
        });
      }
    }
    if (!world.late_up[i].empty()) {
      Branch(world, [&](World& next) {
        next.late_up[i].clear();
        next.DeliverUp(i, world.late_up[i].front());
      });
    }
    if (!world.late_down[i].empty()) {
      Branch(world, [&](World& next) {
        next.late_down[i].clear();
        next.DeliverDown(i, world.late_down[i].front());
      });
    }
  }

  void TryConnection(const World& world, size_t i) {
    if (world.left.connections == 0) return;
    for (const bool reload : {false, true}) {
      Branch(world, [i, reload](World& next) {
        --next.left.connections;
        next.up[i].clear();
        next.down[i].clear();
        if (reload) {
          // What a crash takes before it is saved is typed again.
          next.edits[i] -= CountCodePoints(next.clients[i].unsaved());
          next.clients[i].Reload();
        }
        next.Say(i, next.clients[i].Hello());
      });
    }
  }

  bool AllIsSaid(const World& world) const {
    for (size_t i = 0; i < kClients; ++i) {
      if (world.edits[i] < plan_[i].size() || !world.up[i].empty() || !world.down[i].empty())
        return false;
      if (!world.late_up[i].empty() || !world.late_down[i].empty()) return false;
    }
    return true;
  }

  // Once more hellos and no faults: then all must be there once.
  void CheckEnd(World world) {
    for (int round = 0; round < 6; ++round) {
      for (size_t i = 0; i < kClients; ++i) {
        world.Say(i, world.clients[i].Hello());
        while (!world.up[i].empty()) {
          world.DeliverUp(i, world.up[i].front());
          world.up[i].pop_front();
        }
      }
      for (size_t i = 0; i < kClients; ++i) {
        while (!world.down[i].empty()) {
          world.DeliverDown(i, world.down[i].front());
          world.down[i].pop_front();
        }
      }
    }
    const std::string text = world.server.state().text().Text();
    ASSERT_EQ(text, world.server.naive().text());
    for (const OtTestClient& client : world.clients) {
      ASSERT_EQ(client.state().state(), OtClientState::State::kSynchronized);
      ASSERT_EQ(client.state().revision(), world.server.state().revision());
      ASSERT_EQ(client.text(), text);
    }
    // Each once, in order; numbers are left out where the server has forgotten the client.
    const bool forgets = world.left.max_clients < kClients;
    std::array<uint64_t, kClients> committed{};
    for (const auto& [client, seq] : world.server.naive().authors()) {
      ASSERT_GT(seq, committed[client - 1]);
      if (!forgets) ASSERT_EQ(seq, committed[client - 1] + 1);
      committed[client - 1] = seq;
    }
    bool deletes = false;
    for (size_t i = 0; i < kClients; ++i) {
      if (!forgets) ASSERT_EQ(committed[i] + 1, world.clients[i].state().next_seq());
      for (const PlannedEdit& planned : plan_[i]) deletes = deletes || planned.deleted > 0;
    }
    for (const auto& edits : plan_) {
      for (const PlannedEdit& planned : edits) {
        const auto count = std::ranges::count(text, planned.text.front());
        ASSERT_TRUE(count == 1 || (count == 0 && deletes)) << planned.text << " in " << text;
      }
    }
  }

  Plan plan_;
  std::unordered_set<std::string> seen_;
  uint64_t steps_ = 0;
  uint64_t ends_ = 0;
};

const std::vector<Plan> kTwoEach = {
    Plan{{{{1, "a", 0}, {0, "b", 0}}, {{1, "c", 0}, {1, "d", 0}}}},
    Plan{{{{1, "a", 1}, {0, "b", 2}}, {{0, "c", 2}, {1, "d", 1}}}},
};
const std::vector<Plan> kTwoAndOne = {
    Plan{{{{1, "a", 1}, {0, "b", 1}}, {{0, "c", 2}}}},
};
const std::vector<Plan> kOneEach = {
    Plan{{{{0, "a", 2}}, {{1, "c", 1}}}},
};

void WalkAll(const std::vector<Plan>& plans, const Faults& faults) {
  for (const Plan& plan : plans) {
    Walk walk(plan);
    walk.Run(faults);
    std::cout << walk.worlds() << " worlds, " << walk.steps() << " steps between them, "
              << walk.ends() << " ends" << "\n";
    EXPECT_GT(walk.ends(), 100U);
  }
}

TEST(OtExhaustiveTest, TwoAndTwoEditsThroughALostFrame) { WalkAll(kTwoEach, {.losses = 1}); }

TEST(OtExhaustiveTest, TwoAndTwoEditsThroughARepeatedFrame) {
  WalkAll(kTwoEach, {.repetitions = 1});
}

TEST(OtExhaustiveTest, TwoAndTwoEditsThroughANewConnection) {
  WalkAll(kTwoEach, {.connections = 1});
}

TEST(OtExhaustiveTest, TwoAndTwoEditsWhereOneClientIsForgotten) {
  WalkAll(kTwoEach, {.losses = 1, .max_clients = 1});
  WalkAll(kTwoEach, {.repetitions = 1, .max_clients = 1});
  WalkAll(kTwoEach, {.connections = 1, .max_clients = 1});
}

TEST(OtExhaustiveTest, OneAndOneEditThroughAllThreeWhereOneClientIsForgotten) {
  WalkAll(kOneEach, {.losses = 1, .repetitions = 1, .connections = 1, .max_clients = 1});
}

TEST(OtExhaustiveTest, TwoAndOneEditThroughAnyTwo) {
  WalkAll(kTwoAndOne, {.losses = 1, .connections = 1});
  WalkAll(kTwoAndOne, {.losses = 1, .repetitions = 1});
  WalkAll(kTwoAndOne, {.repetitions = 1, .connections = 1});
}

TEST(OtExhaustiveTest, OneAndOneEditThroughAllThree) {
  WalkAll(kOneEach, {.losses = 1, .repetitions = 1, .connections = 1});
}

}  // namespace
}  // namespace cotext
