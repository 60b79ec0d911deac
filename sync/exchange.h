// A document at a client, whichever engine keeps it: RgaClient or OtClient, called alike.
#ifndef COTEXT_SYNC_EXCHANGE_H_
#define COTEXT_SYNC_EXCHANGE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "document/check.h"
#include "document/error.h"
#include "ot/ot_replica.h"
#include "sync/description.h"
#include "sync/edit_counts.h"
#include "sync/messages.h"
#include "sync/ot_client.h"
#include "sync/rga_client.h"

namespace cotext::sync {

class Exchange {
 public:
  explicit Exchange(RgaClient client) : client_(std::move(client)) {}
  explicit Exchange(OtClient client) : client_(std::move(client)) {}

  sync::Open OpenMessage(const std::string& name, uint64_t request) const {
    return std::visit([&](const auto& client) { return client.OpenMessage(name, request); },
                      client_);
  }
  Expected<void> OnOpened(const Opened& opened) {
    return std::visit([&](auto& client) { return client.OnOpened(opened); }, client_);
  }
  void OnClosed() {
    std::visit([](auto& client) { client.OnClosed(); }, client_);
  }
  void OnRights(Rights rights) {
    std::visit([&](auto& client) { client.OnRights(rights); }, client_);
  }
  void OnStorageFailed() {
    std::visit([](auto& client) { client.OnStorageFailed(); }, client_);
  }
  Expected<void> OnMessage(const Message& message) {
    return std::visit([&](auto& client) { return client.OnMessage(message); }, client_);
  }
  Expected<std::vector<Message>> TakeMessages(size_t bytes_max) {
    return std::visit([&](auto& client) { return client.TakeMessages(bytes_max); }, client_);
  }
  // Of RGA: whose writers' ids are.
  bool NameWriter(uint64_t writer, std::string_view user) {
    auto* const rga = std::get_if<RgaClient>(&client_);
    return rga != nullptr && rga->NameWriter(writer, user);
  }
  std::vector<WriterMessage> TakeNamed() {
    auto* const rga = std::get_if<RgaClient>(&client_);
    return rga == nullptr ? std::vector<WriterMessage>() : rga->TakeNamed();
  }
  // Of OT: edits that will not be committed.
  std::vector<OtHandedBack> TakeHandedBack() {
    auto* const ot = std::get_if<OtClient>(&client_);
    return ot == nullptr ? std::vector<OtHandedBack>() : ot->TakeHandedBack();
  }

  // Of RGA: whether own edits wait for what the server has lost.
  bool waits_for_others() const {
    const auto* const rga = std::get_if<RgaClient>(&client_);
    return rga != nullptr && rga->is_open() && rga->waits_for_others();
  }

  EditCounts Count() const {
    return std::visit([](const auto& client) { return client.Count(); }, client_);
  }
  bool is_open() const { return channel() != 0; }
  Channel channel() const {
    return std::visit([](const auto& client) { return client.channel(); }, client_);
  }
  Rights rights() const {
    return std::visit([](const auto& client) { return client.rights(); }, client_);
  }
  bool is_caught_up() const {
    return std::visit([](const auto& client) { return client.is_caught_up(); }, client_);
  }

  // REQUIRES: it is an RGA document.
  void Describe(Description& to) const {
    const auto* const rga = std::get_if<RgaClient>(&client_);
    COTEXT_CHECK(rga != nullptr);
    rga->Describe(to);
  }

 private:
  std::variant<RgaClient, OtClient> client_;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_EXCHANGE_H_
