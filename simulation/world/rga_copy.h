// A user's RGA document in a simulated world: in memory, and on a disk where it is saved now and
// then. What becomes of it is written down for the checkers.
//
// Whoever starts again does so under another replica, as the one before may have said more than the
// disk knows of.
#ifndef COTEXT_SIMULATION_WORLD_RGA_COPY_H_
#define COTEXT_SIMULATION_WORLD_RGA_COPY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/document_id.h"
#include "document/random.h"
#include "ot/ot_replica.h"
#include "simulation/check/check_convergence.h"
#include "simulation/world/intent_recorder.h"
#include "simulation/world/virtual_network.h"
#include "simulation/world/world_record.h"
#include "sync/client.h"
#include "sync/packet.h"

namespace cotext {

class RgaCopy {
 public:
  // `saves`: there is a disk. REQUIRES: the context outlives this.
  RgaCopy(WorldContext& context, NodeNumber node, bool saves)
      : context_(&context), node_(node), saves_(saves) {}

  // Begins with what is on the disk. REQUIRES: is not in memory.
  void Start(Random& random);
  // REQUIRES, of all below: is in memory, which ends with Crash.
  void Crash();
  void Save();

  Document& document() { return *document_; }
  RgaDocument& rga() { return *document_; }
  const RgaDocument& rga() const { return *document_; }
  sync::DocumentKey Open(sync::Client& client, std::string name);
  // The server has given it an id.
  void OnOpened(const DocumentId& /*id*/) {}

  // Around what the user does; EndEdit returns whether that was an edit.
  void BeginEdit() { first_counter_ = document_->next_counter(); }
  bool EndEdit(IntentRecorder& recorder);

  // Before a packet is sent, before one is taken in, and behind that.
  void OnSend(const sync::Packet& /*packet*/) {}
  void OnPacket(const sync::Packet& packet);
  void OnProgress();
  void OnHandedBack(const OtHandedBack& /*edits*/) {}

  std::string version() const { return document_->version().bytes; }
  FinalCopy Final() const;
  // Of all that there is to send of it, in one update; nothing if that says nothing of messages.
  std::optional<size_t> HistoryBytes() const;

 private:
  struct Disk {
    std::string update;
    VersionVector version;
    DocumentId id;
  };

  WorldContext* context_;
  NodeNumber node_;
  bool saves_;
  std::vector<ReplicaId> replicas_;  // That were this user's, the present one last.
  Disk disk_;
  std::unique_ptr<RgaDocument> document_;
  uint64_t copy_ = 0;
  uint64_t first_counter_ = 0;
  VersionVector delivered_;  // What was written down.
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_RGA_COPY_H_
