// Networked clients by the C interface, against a real server.
#include <gtest/gtest.h>
#include <poll.h>

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "bindings/c/cotext.h"
#include "bindings/c/cotext_client.h"
#include "net/server/server_options.h"
#include "tests/bindings/c/document_handles.h"
#include "tests/bindings/c/header_text.h"
#include "tests/net/served_folder.h"
#include "tests/support/temporary_folder.h"

namespace cotext::c {
namespace {

// Long enough for a machine that does much else.
constexpr uint64_t kPatienceMs = 60'000;

struct FreeClient {
  void operator()(cotext_client* client) const {
    EXPECT_EQ(cotext_client_free(client), COTEXT_OK) << cotext_last_error();
  }
};
using ClientHandle = std::unique_ptr<cotext_client, FreeClient>;

cotext_client_options OptionsFor(const std::string& url) {
  cotext_client_options options{};
  options.struct_size = sizeof options;
  options.url = url.data();
  options.url_size = url.size();
  return options;
}

class CClientTest : public TemporaryFolderTest {
 protected:
  CClientTest()
      : server_({.listen = {}, .data_folder = Path("store")}),
        url_("ws://127.0.0.1:" + std::to_string(server_.port())) {}

  ClientHandle NewClient(cotext_transport transport = COTEXT_TRANSPORT_AUTO) const {
    cotext_client_options options = OptionsFor(url_);
    options.transport = transport;
    return Make(options);
  }
  static ClientHandle Make(const cotext_client_options& options) {
    cotext_client* client = nullptr;
    EXPECT_EQ(cotext_client_new(&options, &client), COTEXT_OK) << cotext_last_error();
    return ClientHandle(client);
  }
  static uint64_t Open(const ClientHandle& client, const DocumentHandle& document,
                       std::string_view name = "notes/a") {
    uint64_t key = 0;
    EXPECT_EQ(cotext_client_open(client.get(), name.data(), name.size(), document.get(), nullptr, 0,
                                 &key),
              COTEXT_OK)
        << cotext_last_error();
    return key;
  }
  // Waits for an event of that kind; others are passed over.
  static bool WaitFor(const ClientHandle& client, cotext_event_kind kind) {
    cotext_event event{};
    while (cotext_client_wait(client.get(), kPatienceMs, &event) == COTEXT_OK) {
      if (event.kind == kind) return true;
    }
    return false;
  }
  // Sleeps until the descriptor is readable, as a program's loop does.
  static bool Sleep(const ClientHandle& client) {
    pollfd wake{.fd = -1, .events = POLLIN, .revents = 0};
    EXPECT_EQ(cotext_client_wake_fd(client.get(), &wake.fd), COTEXT_OK);
    return poll(&wake, 1, static_cast<int>(kPatienceMs)) == 1;
  }
  // Sleeps and takes all events until the document has that text.
  static bool PollUntil(const ClientHandle& client, const DocumentHandle& document,
                        std::string_view text) {
    while (TextOf(document) != text) {
      if (!Sleep(client)) return false;
      cotext_event event{};
      do {
        EXPECT_EQ(cotext_client_poll(client.get(), &event), COTEXT_OK);
      } while (event.kind != COTEXT_EVENT_NONE);
    }
    return true;
  }

  net::ServedFolder server_;
  std::string url_;
};

TEST_F(CClientTest, TwoClientsWriteOneDocument) {
  for (const cotext_transport transport : {COTEXT_TRANSPORT_WEBSOCKET, COTEXT_TRANSPORT_POLL}) {
    for (const cotext_engine engine : {COTEXT_RGA, COTEXT_OT}) {
      const std::string name = "doc" + std::to_string(transport) + std::to_string(engine);
      const DocumentHandle mine = NewDocument(cotext_random_writer(), engine);
      const DocumentHandle yours = NewDocument(cotext_random_writer(), engine);
      const ClientHandle ada = NewClient(transport);
      const ClientHandle bob = NewClient();
      const uint64_t my_key = Open(ada, mine, name);
      Open(bob, yours, name);
      ASSERT_EQ(cotext_client_start(ada.get()), COTEXT_OK);
      ASSERT_EQ(cotext_client_start(bob.get()), COTEXT_OK);
      ASSERT_TRUE(WaitFor(ada, COTEXT_EVENT_CAUGHT_UP));
      ASSERT_TRUE(WaitFor(bob, COTEXT_EVENT_CAUGHT_UP));
      Replace(mine, 0, 0, "Hello");
      ASSERT_EQ(cotext_client_wait_durable(ada.get(), my_key, kPatienceMs), COTEXT_OK)
          << cotext_last_error();
      ASSERT_TRUE(PollUntil(bob, yours, "Hello"));
      Replace(yours, 5, 5, ", world");
      cotext_event event{};
      ASSERT_EQ(cotext_client_poll(bob.get(), &event), COTEXT_OK);
      ASSERT_TRUE(PollUntil(ada, mine, "Hello, world"));
      cotext_document_state state{};
      ASSERT_EQ(cotext_client_document(ada.get(), my_key, &state), COTEXT_OK);
      EXPECT_EQ(state.is_caught_up, 1);
      cotext_connection_status status = COTEXT_DISCONNECTED;
      ASSERT_EQ(cotext_client_status(ada.get(), &status), COTEXT_OK);
      EXPECT_EQ(status, COTEXT_CONNECTED);
    }
  }
}

TEST_F(CClientTest, PresenceIsSeenAndGoesWithStop) {
  const DocumentHandle mine = NewDocument(1);
  const DocumentHandle yours = NewDocument(2);
  const ClientHandle ada = NewClient();
  const ClientHandle bob = NewClient();
  const uint64_t my_key = Open(ada, mine);
  const uint64_t your_key = Open(bob, yours);
  ASSERT_EQ(cotext_client_show(ada.get(), my_key, "caret", 5), COTEXT_OK);
  ASSERT_EQ(cotext_client_start(ada.get()), COTEXT_OK);
  ASSERT_EQ(cotext_client_start(bob.get()), COTEXT_OK);
  ASSERT_TRUE(WaitFor(ada, COTEXT_EVENT_CAUGHT_UP));
  const auto states = [&bob, your_key] {
    std::set<std::string> seen;
    EXPECT_EQ(cotext_client_present(
                  bob.get(), your_key,
                  [](void* context, const cotext_present* present) {
                    static_cast<std::set<std::string>*>(context)->emplace(
                        static_cast<const char*>(present->state.data), present->state.size);
                  },
                  &seen),
              COTEXT_OK);
    return seen;
  };
  // What ada shows may need her to go on working.
  const auto until = [&](bool is_there) {
    for (uint64_t waited_ms = 0; waited_ms < kPatienceMs; waited_ms += 10) {
      cotext_event event{};
      EXPECT_EQ(cotext_client_poll(ada.get(), &event), COTEXT_OK);
      cotext_client_wait(bob.get(), 10, &event);
      if (states().contains("caret") == is_there) return true;
    }
    return false;
  };
  ASSERT_TRUE(until(true));
  ASSERT_EQ(cotext_client_set_typing(ada.get(), my_key, 1), COTEXT_OK);
  ASSERT_EQ(cotext_client_stop(ada.get()), COTEXT_OK);
  EXPECT_TRUE(until(false));
}

TEST_F(CClientTest, BeforeSendComesBeforeEditsGoOut) {
  struct Saved {
    cotext_document* document;
    cotext_client* client = nullptr;
    std::string latest = {};
    cotext_status inside = COTEXT_OK;
  };
  const DocumentHandle mine = NewDocument(1);
  Saved saved{.document = mine.get()};
  cotext_client_options options = OptionsFor(url_);
  options.context = &saved;
  options.before_send = [](void* context) {
    auto* const it = static_cast<Saved*>(context);
    it->latest = BytesFrom(&cotext_document_text, it->document);
    cotext_event event{};
    it->inside = cotext_client_poll(it->client, &event);
    return cotext_status{COTEXT_OK};
  };
  const ClientHandle ada = Make(options);
  saved.client = ada.get();
  const uint64_t key = Open(ada, mine);
  ASSERT_EQ(cotext_client_start(ada.get()), COTEXT_OK);
  Replace(mine, 0, 0, "kept");
  ASSERT_EQ(cotext_client_wait_durable(ada.get(), key, kPatienceMs), COTEXT_OK);
  EXPECT_EQ(saved.latest, "kept");
  EXPECT_EQ(saved.inside, COTEXT_BUSY);
}

TEST_F(CClientTest, WhatCannotBeSavedIsNotSentUntilItCan) {
  const DocumentHandle mine = NewDocument(1);
  cotext_status saved = COTEXT_DISK_FULL;
  cotext_client_options options = OptionsFor(url_);
  options.context = &saved;
  options.before_send = [](void* context) { return *static_cast<cotext_status*>(context); };
  const ClientHandle ada = Make(options);
  const uint64_t key = Open(ada, mine);
  ASSERT_EQ(cotext_client_start(ada.get()), COTEXT_OK);
  Replace(mine, 0, 0, "kept");
  cotext_event event{};
  while (event.kind != COTEXT_EVENT_HELD) {
    ASSERT_EQ(cotext_client_wait(ada.get(), kPatienceMs, &event), COTEXT_OK);
  }
  EXPECT_EQ(event.error, COTEXT_DISK_FULL);
  EXPECT_NE(cotext_client_wait_durable(ada.get(), key, 100), COTEXT_OK);
  saved = COTEXT_OK;
  EXPECT_EQ(cotext_client_wait_durable(ada.get(), key, kPatienceMs), COTEXT_OK);
}

TEST_F(CClientTest, TheDescriptorIsReadableAsLongAsThereAreEvents) {
  const DocumentHandle mine = NewDocument(1);
  const ClientHandle ada = NewClient();
  Open(ada, mine);
  ASSERT_EQ(cotext_client_start(ada.get()), COTEXT_OK);
  // Connecting is one event already; those that come meanwhile do no harm.
  pollfd wake{.fd = -1, .events = POLLIN, .revents = 0};
  ASSERT_EQ(cotext_client_wake_fd(ada.get(), &wake.fd), COTEXT_OK);
  EXPECT_EQ(poll(&wake, 1, 0), 1);
  ASSERT_TRUE(WaitFor(ada, COTEXT_EVENT_CAUGHT_UP));
  ASSERT_EQ(cotext_client_stop(ada.get()), COTEXT_OK);
  EXPECT_EQ(poll(&wake, 1, 0), 1);
  ASSERT_TRUE(WaitFor(ada, COTEXT_EVENT_STATUS));
  cotext_event event{};
  EXPECT_EQ(cotext_client_wait(ada.get(), kPatienceMs, &event), COTEXT_NO_SUCH);
  do {
    ASSERT_EQ(cotext_client_poll(ada.get(), &event), COTEXT_OK);
  } while (event.kind != COTEXT_EVENT_NONE);
  // It is stopped: nothing wakes it any more, once what was on its way is told.
  while (poll(&wake, 1, 200) == 1) ASSERT_EQ(cotext_client_poll(ada.get(), &event), COTEXT_OK);
}

TEST_F(CClientTest, WhatIsClosedIsNotKnown) {
  const DocumentHandle mine = NewDocument(1);
  const ClientHandle ada = NewClient();
  const uint64_t key = Open(ada, mine);
  ASSERT_EQ(cotext_client_close(ada.get(), key), COTEXT_OK);
  cotext_document_state state{};
  EXPECT_EQ(cotext_client_close(ada.get(), key), COTEXT_NO_SUCH);
  EXPECT_EQ(cotext_client_document(ada.get(), key, &state), COTEXT_NO_SUCH);
  EXPECT_EQ(cotext_client_show(ada.get(), key, "", 0), COTEXT_NO_SUCH);
  EXPECT_EQ(cotext_client_set_typing(ada.get(), key, 1), COTEXT_NO_SUCH);
  EXPECT_EQ(cotext_client_present(
                ada.get(), key, [](void*, const cotext_present*) {}, nullptr),
            COTEXT_NO_SUCH);
  EXPECT_EQ(cotext_client_wait_durable(ada.get(), key, 0), COTEXT_NO_SUCH);
  EXPECT_EQ(cotext_document_set_writer(mine.get(), 2), COTEXT_OK);
}

TEST_F(CClientTest, TwoThreadsWithAClientEach) {
  const auto work = [this](std::string_view name) {
    const DocumentHandle document = NewDocument(cotext_random_writer());
    const ClientHandle client = NewClient();
    const uint64_t key = Open(client, document, name);
    EXPECT_EQ(cotext_client_start(client.get()), COTEXT_OK);
    for (int i = 0; i < 20; ++i) Replace(document, 0, 0, "x");
    EXPECT_EQ(cotext_client_wait_durable(client.get(), key, kPatienceMs), COTEXT_OK);
  };
  std::thread other([&work] { work("first"); });
  work("second");
  other.join();
}

// Wrong arguments. No server is asked.

TEST(CClientArgumentsTest, OptionsAreChecked) {
  const std::string url = "ws://127.0.0.1:1";
  cotext_client* client = nullptr;
  const auto refuses = [&client](const cotext_client_options& options, cotext_status status) {
    EXPECT_EQ(cotext_client_new(&options, &client), status) << cotext_last_error();
    EXPECT_EQ(client, nullptr);
  };
  EXPECT_EQ(cotext_client_new(nullptr, &client), COTEXT_INVALID_ARGUMENT);
  const cotext_client_options good = OptionsFor(url);
  EXPECT_EQ(cotext_client_new(&good, nullptr), COTEXT_INVALID_ARGUMENT);
  cotext_client_options options = good;
  options.struct_size = sizeof options - 1;
  refuses(options, COTEXT_INVALID_ARGUMENT);
  options = good;
  options.transport = 3;
  refuses(options, COTEXT_INVALID_ARGUMENT);
  options = good;
  options.url = nullptr;
  refuses(options, COTEXT_INVALID_ARGUMENT);
  options = good;
  options.url_size = COTEXT_URL_BYTES_MAX + 1;
  refuses(options, COTEXT_TOO_LARGE);
  options = good;
  options.url_size = 4;
  refuses(options, COTEXT_BAD_REQUEST);
  options = good;
  options.token = "t";
  options.token_size = SIZE_MAX;
  refuses(options, COTEXT_TOO_LARGE);
  options = good;
  options.agent_size = 1;
  refuses(options, COTEXT_INVALID_ARGUMENT);
  options = good;
  options.ca_file = "/dev/null/none";
  options.ca_file_size = 14;
  options.url = "wss://127.0.0.1:1";
  options.url_size = 17;
  refuses(options, COTEXT_IO);
}

// Every function of the header, each with nothing, and each with a client and nothing else.
TEST(CClientArgumentsTest, NullIsRefusedEverywhere) {
  const std::string url = "ws://127.0.0.1:1";
  const cotext_client_options options = OptionsFor(url);
  cotext_client* raw = nullptr;
  ASSERT_EQ(cotext_client_new(&options, &raw), COTEXT_OK);
  const ClientHandle made(raw);
  const DocumentHandle document = NewDocument(1);
  uint64_t key = 0;
  std::set<std::string> called = {"cotext_random_writer", "cotext_client_new"};
  const auto refused = [&called](const char* name, cotext_status status) {
    called.emplace(name);
    EXPECT_EQ(status, COTEXT_INVALID_ARGUMENT) << name;
  };
  EXPECT_EQ(cotext_client_free(nullptr), COTEXT_OK);
  called.emplace("cotext_client_free");
  for (cotext_client* const client : {static_cast<cotext_client*>(nullptr), made.get()}) {
    refused("cotext_client_wake_fd", cotext_client_wake_fd(client, nullptr));
    refused("cotext_client_poll", cotext_client_poll(client, nullptr));
    refused("cotext_client_wait", cotext_client_wait(client, UINT64_MAX, nullptr));
    refused("cotext_client_status", cotext_client_status(client, nullptr));
    refused("cotext_client_number", cotext_client_number(client, nullptr));
    refused("cotext_client_document", cotext_client_document(client, 1, nullptr));
    refused("cotext_client_show", cotext_client_show(client, 1, nullptr, 1));
    refused("cotext_client_present", cotext_client_present(client, 1, nullptr, nullptr));
    refused("cotext_client_set_token", cotext_client_set_token(client, nullptr, 1));
    refused("cotext_client_open", cotext_client_open(client, "a", 1, nullptr, nullptr, 0, nullptr));
    refused("cotext_client_open",
            cotext_client_open(client, "", 0, document.get(), nullptr, 0, &key));
    refused("cotext_client_open",
            cotext_client_open(client, "a", 1, document.get(), nullptr, 1, &key));
  }
  refused("cotext_client_close", cotext_client_close(nullptr, 1));
  refused("cotext_client_start", cotext_client_start(nullptr));
  refused("cotext_client_stop", cotext_client_stop(nullptr));
  refused("cotext_client_set_typing", cotext_client_set_typing(nullptr, 1, 1));
  refused("cotext_client_wait_durable", cotext_client_wait_durable(nullptr, 1, 1));
  EXPECT_EQ(called, FunctionsOf("cotext_client.h"));
  const std::string name(COTEXT_NAME_BYTES_MAX + 1, 'a');
  EXPECT_EQ(
      cotext_client_open(made.get(), name.data(), name.size(), document.get(), nullptr, 0, &key),
      COTEXT_TOO_LARGE);
  EXPECT_EQ(cotext_client_set_token(made.get(), "t", COTEXT_TOKEN_BYTES_MAX + 1), COTEXT_TOO_LARGE);
  EXPECT_EQ(cotext_client_open(made.get(), "\xff", 1, document.get(), nullptr, 0, &key),
            COTEXT_INVALID_ARGUMENT);
}

TEST(CClientArgumentsTest, WaitingEnds) {
  const std::string url = "ws://127.0.0.1:1";
  const cotext_client_options options = OptionsFor(url);
  cotext_client* raw = nullptr;
  ASSERT_EQ(cotext_client_new(&options, &raw), COTEXT_OK);
  const ClientHandle client(raw);
  const DocumentHandle document = NewDocument(1);
  uint64_t key = 0;
  ASSERT_EQ(cotext_client_open(client.get(), "a", 1, document.get(), nullptr, 0, &key), COTEXT_OK);
  Replace(document, 0, 0, "x");
  // It was never started.
  EXPECT_EQ(cotext_client_wait_durable(client.get(), key, UINT64_MAX), COTEXT_NO_SUCH);
  ASSERT_EQ(cotext_client_start(client.get()), COTEXT_OK);
  EXPECT_EQ(cotext_client_wait_durable(client.get(), key, 50), COTEXT_TIMED_OUT);
  ASSERT_EQ(cotext_document_begin(document.get(), 0), COTEXT_OK);
  cotext_event event{};
  EXPECT_EQ(cotext_client_poll(client.get(), &event), COTEXT_TRANSACTION_OPEN);
  ASSERT_EQ(cotext_document_commit(document.get()), COTEXT_OK);
}

TEST(CClientArgumentsTest, RandomWritersDiffer) {
  std::set<uint64_t> writers;
  for (int i = 0; i < 100; ++i) writers.insert(cotext_random_writer());
  EXPECT_EQ(writers.size(), 100U);
  EXPECT_GT(*writers.begin(), 0U);
  EXPECT_LE(*writers.rbegin(), COTEXT_WRITER_MAX);
}

}  // namespace
}  // namespace cotext::c
