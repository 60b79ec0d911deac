// Sessions by the C interface, against a server in the same process: packets go there and back as
// the structs that C sees.
#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "bindings/c/cotext.h"
#include "bindings/c/message_view.h"
#include "document/random.h"
#include "sync/messages.h"
#include "sync/packet.h"
#include "sync/server.h"
#include "sync/server_output.h"
#include "tests/bindings/c/document_handles.h"

namespace cotext::c {
namespace {

struct Told {
  cotext_event event{};  // Its pointers are gone.
  std::string text = {};
  std::string bytes = {};
  std::string delta = {};
};

class CSessionTest : public testing::Test {
 protected:
  // A session with what a program has around it.
  struct Program {
    cotext_session* session = nullptr;
    sync::ConnectionId connection = 0;  // 0: none.
    std::vector<Told> events;
  };

  ~CSessionTest() override {
    for (const auto& program : programs_)
      EXPECT_EQ(cotext_session_free(program->session), COTEXT_OK);
  }

  Program& NewProgram() {
    const cotext_session_options options{.struct_size = sizeof options,
                                         .seed = programs_.size(),
                                         .agent = "test",
                                         .agent_size = 4,
                                         .ping_ms = 0,
                                         .answer_ms = 0,
                                         .resend_ms = 0};
    programs_.push_back(std::make_unique<Program>());
    EXPECT_EQ(cotext_session_new(&options, &programs_.back()->session), COTEXT_OK);
    return *programs_.back();
  }

  static uint64_t Open(Program& program, const DocumentHandle& document,
                       std::string_view name = "doc", std::vector<uint64_t> former = {}) {
    uint64_t key = 0;
    EXPECT_EQ(cotext_session_open(program.session, name.data(), name.size(), document.get(),
                                  former.data(), former.size(), &key),
              COTEXT_OK)
        << cotext_last_error();
    return key;
  }
  void Start(Program& program) {
    ASSERT_EQ(cotext_session_start(program.session, now_ms_), COTEXT_OK);
    Settle();
  }

  // Does what all want done, until nobody wants anything.
  void Settle() {
    for (bool has_more = true; has_more;) {
      has_more = false;
      for (const auto& program : programs_) has_more |= ServeProgram(*program);
      for (sync::ServerAction& action : server_.TakeActions(now_ms_)) {
        has_more = true;
        ServeServer(std::move(action));
      }
    }
    for (const auto& program : programs_) TakeEvents(*program);
  }

  void Wait(uint64_t ms) {
    for (uint64_t end = now_ms_ + ms; now_ms_ < end;) {
      now_ms_ += 50;
      server_.OnTick(now_ms_);
      for (const auto& program : programs_) {
        ASSERT_EQ(cotext_session_tick(program->session, now_ms_), COTEXT_OK);
      }
      Settle();
    }
  }

  static std::vector<Told> Of(const Program& program, cotext_event_kind kind) {
    std::vector<Told> found;
    for (const Told& told : program.events) {
      if (told.event.kind == kind) found.push_back(told);
    }
    return found;
  }

  static cotext_document_state StateOf(const Program& program, uint64_t key) {
    cotext_document_state state{};
    EXPECT_EQ(cotext_session_document(program.session, key, &state), COTEXT_OK);
    return state;
  }

  uint64_t now_ms_ = 1'000;
  sync::Server server_{[this] { return random_.Next(); }};

 private:
  bool ServeProgram(Program& program) {
    bool has_done = false;
    for (;;) {
      cotext_action action{};
      EXPECT_EQ(cotext_session_take_action(program.session, now_ms_, &action), COTEXT_OK)
          << cotext_last_error();
      if (action.kind == COTEXT_NOTHING) return has_done;
      has_done = true;
      if (action.kind == COTEXT_CONNECT) {
        program.connection = ++connections_;
        server_.OnConnect(program.connection,
                          {.user = "user" + std::to_string(connections_),
                           .grants = {{"*", sync::kMayRead | sync::kMayWrite | sync::kMayShow}}},
                          now_ms_);
        EXPECT_EQ(cotext_session_connected(program.session, now_ms_), COTEXT_OK);
      } else if (action.kind == COTEXT_SEND) {
        server_.OnPacket(program.connection, FromC(action.packet), 100, now_ms_);
      } else {
        server_.OnDisconnect(std::exchange(program.connection, 0), now_ms_);
      }
    }
  }

  void ServeServer(sync::ServerAction action) {
    if (auto* const call = std::get_if<sync::CallStore>(&action)) {
      AnswerStore(*call);
    } else if (auto* const close = std::get_if<sync::CloseConnection>(&action)) {
      for (const auto& program : programs_) {
        if (program->connection != close->connection) continue;
        program->connection = 0;
        cotext_session_disconnected(program->session, COTEXT_SHUTTING_DOWN, 0, now_ms_);
      }
    } else {
      Deliver(std::get<sync::SendPacket>(action));
    }
  }

  void AnswerStore(const sync::CallStore& call) {
    sync::StoreAnswer answer{.ticket = call.ticket, .position = position_};
    if (const auto* const append = std::get_if<sync::HubAppend>(&call.call)) {
      position_ += append->records.size();
      answer.position = position_;
    }
    server_.OnStoreAnswer(std::move(answer), now_ms_);
  }

  void Deliver(const sync::SendPacket& sent) {
    sync::Packet packet;
    packet.head = sent.head;
    for (const sync::MessageRef ref : sent.messages) {
      packet.messages.push_back(server_.message(ref));
    }
    PacketView view;
    const cotext_packet shown = view.Show(std::move(packet));
    for (const auto& program : programs_) {
      if (program->connection != sent.connection) continue;
      EXPECT_EQ(cotext_session_receive(program->session, &shown, 100, now_ms_), COTEXT_OK)
          << cotext_last_error();
    }
  }

  static void TakeEvents(Program& program) {
    for (;;) {
      Told told;
      ASSERT_EQ(cotext_session_take_event(program.session, &told.event), COTEXT_OK);
      const cotext_event& event = told.event;
      if (event.kind == COTEXT_EVENT_NONE) return;
      told.text.assign(static_cast<const char*>(event.text.data), event.text.size);
      told.bytes.assign(static_cast<const char*>(event.bytes.data), event.bytes.size);
      told.delta = Written(event.delta);
      program.events.push_back(std::move(told));
    }
  }

  Random random_{1};
  std::vector<std::unique_ptr<Program>> programs_;
  sync::ConnectionId connections_ = 0;
  uint64_t position_ = 0;
};

TEST_F(CSessionTest, TwoSessionsKeepDocumentsInStep) {
  for (const cotext_engine engine : {COTEXT_RGA, COTEXT_OT}) {
    const std::string name = engine == COTEXT_RGA ? "rga" : "ot";
    const DocumentHandle mine = NewDocument(11 + static_cast<uint64_t>(engine), engine);
    const DocumentHandle yours = NewDocument(21 + static_cast<uint64_t>(engine), engine);
    Program& ada = NewProgram();
    Program& bob = NewProgram();
    const uint64_t my_key = Open(ada, mine, name);
    const uint64_t your_key = Open(bob, yours, name);
    Replace(mine, 0, 0, "before ");
    const cotext_edit_counts before = StateOf(ada, my_key).edits;
    EXPECT_GT(before.unsent + before.unacknowledged, 0U);
    Start(ada);
    Start(bob);
    Replace(mine, 7, 7, "one");
    Settle();
    Replace(yours, 0, 0, "two ");
    Settle();
    EXPECT_EQ(TextOf(mine), "two before one");
    EXPECT_EQ(TextOf(yours), "two before one");
    const cotext_document_state state = StateOf(bob, your_key);
    EXPECT_EQ(state.edits.unsent + state.edits.unacknowledged + state.edits.not_durable, 0U);
    EXPECT_EQ(state.rights, uint64_t{COTEXT_MAY_READ | COTEXT_MAY_WRITE | COTEXT_MAY_SHOW});
    EXPECT_EQ(state.is_caught_up, 1);
    const auto opened = Of(ada, COTEXT_EVENT_OPENED);
    ASSERT_EQ(opened.size(), 1U);
    EXPECT_EQ(opened[0].event.key, my_key);
    uint8_t id[COTEXT_DOCUMENT_ID_BYTES];
    ASSERT_EQ(cotext_document_id(mine.get(), id), COTEXT_OK);
    EXPECT_EQ(opened[0].bytes, std::string(reinterpret_cast<const char*>(id), sizeof id));
    EXPECT_EQ(Of(ada, COTEXT_EVENT_CAUGHT_UP).size(), 1U);
    EXPECT_EQ(Of(ada, COTEXT_EVENT_STATUS).back().event.connection, COTEXT_CONNECTED);
    cotext_connection_status status = COTEXT_DISCONNECTED;
    ASSERT_EQ(cotext_session_status(ada.session, &status), COTEXT_OK);
    EXPECT_EQ(status, COTEXT_CONNECTED);
  }
}

TEST_F(CSessionTest, WhatAFormerWriterDidArrives) {
  const DocumentHandle before = NewDocument(1);
  Replace(before, 0, 0, "offline");
  const std::string file = BytesFrom(&cotext_document_save, before.get(), 0U, nullptr);
  cotext_document* raw = nullptr;
  ASSERT_EQ(cotext_document_load(COTEXT_RGA, 2, file.data(), file.size(), nullptr, &raw),
            COTEXT_OK);
  const DocumentHandle after(raw);
  const DocumentHandle other = NewDocument(3);
  Program& ada = NewProgram();
  Program& bob = NewProgram();
  Open(ada, after, "doc", {1});
  Open(bob, other);
  Start(ada);
  Start(bob);
  EXPECT_EQ(TextOf(other), "offline");
}

TEST_F(CSessionTest, PresenceIsSeenByOthers) {
  const DocumentHandle mine = NewDocument(1);
  const DocumentHandle yours = NewDocument(2);
  Program& ada = NewProgram();
  Program& bob = NewProgram();
  const uint64_t my_key = Open(ada, mine);
  const uint64_t your_key = Open(bob, yours);
  Start(ada);
  Start(bob);
  ASSERT_EQ(cotext_session_show(ada.session, my_key, "caret", 5), COTEXT_OK);
  ASSERT_EQ(cotext_session_set_typing(ada.session, my_key, 1), COTEXT_OK);
  Wait(500);
  struct Seen {
    cotext_session* session;
    uint64_t number = 0;
    std::string user = {};
    std::string state = {};
    int32_t is_typing = 0;
    cotext_status inside = COTEXT_OK;
  } seen{.session = bob.session};
  ASSERT_EQ(cotext_session_present(
                bob.session, your_key,
                [](void* context, const cotext_present* present) {
                  auto* const it = static_cast<Seen*>(context);
                  it->number = present->session;
                  it->user.assign(static_cast<const char*>(present->user.data), present->user.size);
                  it->state.assign(static_cast<const char*>(present->state.data),
                                   present->state.size);
                  it->is_typing = present->is_typing;
                  it->inside = cotext_session_free(it->session);
                },
                &seen),
            COTEXT_OK);
  uint64_t number = 0;
  ASSERT_EQ(cotext_session_number(ada.session, &number), COTEXT_OK);
  EXPECT_EQ(seen.number, number);
  EXPECT_EQ(seen.user, "user1");
  EXPECT_EQ(seen.state, "caret");
  EXPECT_EQ(seen.is_typing, 1);
  EXPECT_EQ(seen.inside, COTEXT_BUSY);
  EXPECT_FALSE(Of(bob, COTEXT_EVENT_PRESENCE).empty());
  const std::string too_long(COTEXT_PRESENCE_BYTES_MAX + 1, 'x');
  EXPECT_EQ(cotext_session_show(ada.session, my_key, too_long.data(), too_long.size()),
            COTEXT_TOO_LARGE);
}

TEST_F(CSessionTest, GarbageAndSilenceMakeANewConnection) {
  const DocumentHandle mine = NewDocument(1);
  Program& ada = NewProgram();
  Open(ada, mine);
  Start(ada);
  const sync::ConnectionId first = ada.connection;
  ASSERT_EQ(cotext_session_receive_garbage(ada.session, now_ms_), COTEXT_OK);
  Settle();
  EXPECT_EQ(ada.connection, 0U);
  EXPECT_EQ(Of(ada, COTEXT_EVENT_STATUS).back().event.connection, COTEXT_RECONNECTING);
  EXPECT_EQ(Of(ada, COTEXT_EVENT_STATUS).back().event.error, COTEXT_BAD_MESSAGE);
  uint64_t next_ms = 0;
  ASSERT_EQ(cotext_session_next_time(ada.session, &next_ms), COTEXT_OK);
  EXPECT_LE(next_ms, now_ms_ + 30'000);
  Replace(mine, 0, 0, "meanwhile");
  Wait(60'000);
  EXPECT_GT(ada.connection, first);
  EXPECT_EQ(Of(ada, COTEXT_EVENT_STATUS).back().event.connection, COTEXT_CONNECTED);
  EXPECT_EQ(StateOf(ada, 1).edits.not_durable + StateOf(ada, 1).edits.unsent, 0U);
}

TEST_F(CSessionTest, AFinalLossIsTheEnd) {
  const DocumentHandle mine = NewDocument(1);
  Program& ada = NewProgram();
  Open(ada, mine);
  Start(ada);
  ASSERT_EQ(cotext_session_disconnected(ada.session, COTEXT_FORBIDDEN, 1, now_ms_), COTEXT_OK);
  Settle();
  EXPECT_EQ(Of(ada, COTEXT_EVENT_STATUS).back().event.connection, COTEXT_DISCONNECTED);
  EXPECT_EQ(Of(ada, COTEXT_EVENT_STATUS).back().event.error, COTEXT_FORBIDDEN);
  uint64_t next_ms = 0;
  ASSERT_EQ(cotext_session_next_time(ada.session, &next_ms), COTEXT_OK);
  EXPECT_EQ(next_ms, UINT64_MAX);
}

TEST_F(CSessionTest, FailuresAndHandedBackEditsAreTold) {
  const DocumentHandle mine = NewDocument(1);
  const DocumentHandle ot = NewDocument(2, COTEXT_OT);
  Program& ada = NewProgram();
  Open(ada, mine);
  Start(ada);
  Program& bob = NewProgram();
  const uint64_t key = Open(bob, ot);
  Start(bob);
  const auto failed = Of(bob, COTEXT_EVENT_FAILED);
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed[0].event.key, key);
  EXPECT_EQ(failed[0].event.error, COTEXT_WRONG_ENGINE);
  EXPECT_EQ(cotext_session_close(bob.session, key), COTEXT_OK);
  EXPECT_EQ(cotext_session_close(bob.session, key), COTEXT_NO_SUCH);
}

TEST_F(CSessionTest, OpenDocumentsOutliveTheirHandles) {
  Program& ada = NewProgram();
  DocumentHandle mine = NewDocument(1);
  const DocumentHandle yours = NewDocument(2);
  Program& bob = NewProgram();
  Open(ada, mine);
  Open(bob, yours);
  Replace(mine, 0, 0, "left behind");
  mine.reset();
  Start(ada);
  Start(bob);
  EXPECT_EQ(TextOf(yours), "left behind");
}

TEST_F(CSessionTest, OtDocumentsAreOpenOnce) {
  Program& ada = NewProgram();
  Program& bob = NewProgram();
  const DocumentHandle ot = NewDocument(1, COTEXT_OT);
  const uint64_t key = Open(ada, ot);
  uint64_t none = 0;
  EXPECT_EQ(cotext_session_open(bob.session, "doc", 3, ot.get(), nullptr, 0, &none), COTEXT_BUSY);
  constexpr uint64_t kFormer = 7;
  EXPECT_EQ(cotext_session_open(bob.session, "doc", 3, ot.get(), &kFormer, 1, &none),
            COTEXT_INVALID_ARGUMENT);
  ASSERT_EQ(cotext_session_close(ada.session, key), COTEXT_OK);
  EXPECT_EQ(cotext_session_open(bob.session, "doc", 3, ot.get(), nullptr, 0, &none), COTEXT_OK);
}

TEST_F(CSessionTest, ASessionWaitsForTransactionsAndCallbacks) {
  Program& ada = NewProgram();
  const DocumentHandle mine = NewDocument(1);
  Open(ada, mine);
  ASSERT_EQ(cotext_document_begin(mine.get(), 0), COTEXT_OK);
  cotext_action action{};
  EXPECT_EQ(cotext_session_take_action(ada.session, now_ms_, &action), COTEXT_TRANSACTION_OPEN);
  EXPECT_EQ(cotext_session_start(ada.session, now_ms_), COTEXT_TRANSACTION_OPEN);
  ASSERT_EQ(cotext_document_commit(mine.get()), COTEXT_OK);
  EXPECT_EQ(cotext_document_set_writer(mine.get(), 5), COTEXT_BUSY);
  struct Context {
    cotext_session* session;
    cotext_status status;
  } context{.session = ada.session, .status = COTEXT_OK};
  uint64_t subscription = 0;
  ASSERT_EQ(cotext_document_subscribe(
                mine.get(), COTEXT_CODE_POINTS, 0,
                [](void* given, const cotext_change*) {
                  auto* const it = static_cast<Context*>(given);
                  it->status = cotext_session_tick(it->session, 2'000);
                },
                &context, &subscription),
            COTEXT_OK);
  Replace(mine, 0, 0, "x");
  EXPECT_EQ(context.status, COTEXT_BUSY);
}

TEST_F(CSessionTest, LimitsOfPacketsAreKept) {
  Program& ada = NewProgram();
  std::vector<cotext_message> messages(COTEXT_PACKET_MESSAGES_MAX + 1);
  cotext_packet packet{
      .first = 1, .received = 0, .again = 0, .messages = messages.data(), .count = messages.size()};
  EXPECT_EQ(cotext_session_receive(ada.session, &packet, 0, now_ms_), COTEXT_TOO_LARGE);
  --packet.count;
  EXPECT_EQ(cotext_session_receive(ada.session, &packet, 0, now_ms_), COTEXT_OK);
  const std::string half(COTEXT_MESSAGE_BYTES_MAX / 2, 'x');
  packet.count = 1;
  messages[0].bytes[0] = {.data = half.data(), .size = half.size()};
  messages[0].bytes[1] = {.data = half.data(), .size = half.size()};
  EXPECT_EQ(cotext_session_receive(ada.session, &packet, 0, now_ms_), COTEXT_OK);
  const std::string more = half + "x";
  messages[0].bytes[1] = {.data = more.data(), .size = more.size()};
  EXPECT_EQ(cotext_session_receive(ada.session, &packet, 0, now_ms_), COTEXT_TOO_LARGE);
}

}  // namespace
}  // namespace cotext::c
