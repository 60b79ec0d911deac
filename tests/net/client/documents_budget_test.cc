// A server whose documents may take little memory: who asks for more than there is room for gets
// the rest when there is.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "crdt/rga_document.h"
#include "document/random.h"
#include "net/client/client.h"
#include "net/server/server_options.h"
#include "sync/client_event.h"
#include "tests/net/client/client_rig.h"
#include "tests/net/served_folder.h"
#include "tests/support/temporary_folder.h"

namespace cotext::net {
namespace {

constexpr size_t kDocuments = 5;
constexpr size_t kDocumentBytes = 100'000;

class ServedDocumentsBudgetTest : public TemporaryFolderTest {};

TEST_F(ServedDocumentsBudgetTest, WhatFindsNoRoomIsOpenedOnceThereIsSome) {
  ServerOptions options{.listen = {}, .data_folder = Path("store")};
  options.sync.documents_bytes_max = 2 * kDocumentBytes + kDocumentBytes / 2;
  options.sync.loads_max = 1;
  ServedFolder server(options);
  Random random(1);
  for (size_t i = 0; i < kDocuments; ++i) {
    Application writer(HurriedOptions(server.port()), std::to_string(i));
    std::string text;
    while (text.size() < kDocumentBytes) text.push_back(static_cast<char>('!' + random.Below(90)));
    writer.Append(text);
    writer.client().Start();
    ASSERT_TRUE(PumpUntil({&writer}, [&] { return writer.IsSettled(); }));
  }

  bool has_failed = false;
  ClientOptions reading = HurriedOptions(server.port());
  reading.on_event = [&](const sync::ClientEvent& event) {
    has_failed |= std::holds_alternative<sync::DocumentFailed>(event);
  };
  std::vector<std::unique_ptr<RgaDocument>> documents;
  std::vector<sync::DocumentKey> keys;
  auto client = Client::Create(std::move(reading));
  ASSERT_TRUE(client);
  for (size_t i = 0; i < kDocuments; ++i) {
    documents.push_back(std::make_unique<RgaDocument>(RandomReplicaId()));
    keys.push_back((*client)->Open(std::to_string(i), *documents.back()));
  }
  const auto count = [&] {
    size_t there = 0;
    for (const sync::DocumentKey key : keys) {
      there += (*client)->IsOpen(key) && (*client)->IsCaughtUp(key) ? 1 : 0;
    }
    return there;
  };
  (*client)->Start();
  EXPECT_FALSE((*client)->WaitUntil([&] { return count() == kDocuments; }, 3'000));
  EXPECT_GE(count(), 2U);
  // They are closed one by one, and the others come.
  size_t seen = 0;
  for (size_t i = 0; i < kDocuments; ++i) {
    const sync::DocumentKey key = keys[i];
    ASSERT_TRUE((*client)->WaitUntil([&] { return (*client)->IsCaughtUp(key); }, kPatienceMs));
    EXPECT_EQ(documents[i]->Text().size(), kDocumentBytes);
    (*client)->Close(key);
    ++seen;
  }
  EXPECT_EQ(seen, kDocuments);
  EXPECT_FALSE(has_failed);
}

}  // namespace
}  // namespace cotext::net
