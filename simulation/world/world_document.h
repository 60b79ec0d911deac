// A user's document in a simulated world, whichever engine keeps it: RgaCopy or OtCopy, called
// alike.
#ifndef COTEXT_SIMULATION_WORLD_WORLD_DOCUMENT_H_
#define COTEXT_SIMULATION_WORLD_WORLD_DOCUMENT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "document/document.h"
#include "document/document_id.h"
#include "document/random.h"
#include "ot/ot_replica.h"
#include "simulation/check/check_convergence.h"
#include "simulation/world/intent_recorder.h"
#include "simulation/world/ot_copy.h"
#include "simulation/world/rga_copy.h"
#include "simulation/world/virtual_network.h"
#include "simulation/world/world_record.h"
#include "sync/client.h"
#include "sync/packet.h"

namespace cotext {

class WorldDocument {
 public:
  WorldDocument(WorldContext& context, NodeNumber node, bool saves)
      : copy_(context.engine == Engine::kOt ? Copy(OtCopy(context, node, saves))
                                            : Copy(RgaCopy(context, node, saves))) {}

  void Start(Random& random) {
    std::visit([&](auto& copy) { copy.Start(random); }, copy_);
  }
  void Crash() {
    std::visit([](auto& copy) { copy.Crash(); }, copy_);
  }
  void Save() {
    std::visit([](auto& copy) { copy.Save(); }, copy_);
  }
  Document& document() {
    return std::visit([](auto& copy) -> Document& { return copy.document(); }, copy_);
  }
  sync::DocumentKey Open(sync::Client& client, std::string_view name) {
    return std::visit([&](auto& copy) { return copy.Open(client, std::string(name)); }, copy_);
  }
  void OnOpened(const DocumentId& id) {
    std::visit([&](auto& copy) { copy.OnOpened(id); }, copy_);
  }
  void BeginEdit() {
    std::visit([](auto& copy) { copy.BeginEdit(); }, copy_);
  }
  bool EndEdit(IntentRecorder& recorder) {
    return std::visit([&](auto& copy) { return copy.EndEdit(recorder); }, copy_);
  }
  void OnSend(const sync::Packet& packet) {
    std::visit([&](auto& copy) { copy.OnSend(packet); }, copy_);
  }
  void OnPacket(const sync::Packet& packet) {
    std::visit([&](auto& copy) { copy.OnPacket(packet); }, copy_);
  }
  void OnProgress() {
    std::visit([](auto& copy) { copy.OnProgress(); }, copy_);
  }
  void OnHandedBack(const OtHandedBack& edits) {
    std::visit([&](auto& copy) { copy.OnHandedBack(edits); }, copy_);
  }
  std::string version() const {
    return std::visit([](const auto& copy) { return copy.version(); }, copy_);
  }
  FinalCopy Final() const {
    return std::visit([](const auto& copy) { return copy.Final(); }, copy_);
  }
  std::optional<size_t> HistoryBytes() const {
    return std::visit([](const auto& copy) { return copy.HistoryBytes(); }, copy_);
  }

 private:
  using Copy = std::variant<RgaCopy, OtCopy>;

  Copy copy_;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_WORLD_DOCUMENT_H_
