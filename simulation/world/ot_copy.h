// A user's OT document in a simulated world: a replica in memory, and what it saves on a disk. What
// becomes of each edit is written down for the checkers.
//
// With a disk it is saved now and then, and before a submission is sent for the first time, as
// OtReplica asks for: whoever comes back goes on under the same id, and sends again what was in
// flight. Without one he is a new client, and has lost what was not committed.
//
// Edits are known by the submission that they go into. Those made while one is in flight go into
// the next; those of one that was refused as too old, and is submitted anew, into that, too; those
// that are handed back into none.
#ifndef COTEXT_SIMULATION_WORLD_OT_COPY_H_
#define COTEXT_SIMULATION_WORLD_OT_COPY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "document/document_id.h"
#include "document/random.h"
#include "ot/ot_replica.h"
#include "ot/submission.h"
#include "simulation/check/check_convergence.h"
#include "simulation/world/intent_recorder.h"
#include "simulation/world/virtual_network.h"
#include "simulation/world/world_record.h"
#include "sync/client.h"
#include "sync/packet.h"

namespace cotext {

class OtCopy {
 public:
  // See RgaCopy for what is called alike.
  OtCopy(WorldContext& context, NodeNumber node, bool saves)
      : context_(&context), node_(node), saves_(saves) {}

  void Start(Random& random);
  void Crash();
  void Save();

  Document& document() { return replica_->document(); }
  sync::DocumentKey Open(sync::Client& client, std::string name);
  void OnOpened(const DocumentId& id) { id_ = id; }

  void BeginEdit() {}
  bool EndEdit(IntentRecorder& recorder);

  void OnSend(const sync::Packet& packet);
  void OnPacket(const sync::Packet& packet);
  void OnProgress();
  void OnHandedBack(const OtHandedBack& edits);

  std::string version() const;
  // The history is left out: a copy has none.
  FinalCopy Final() const;
  // A copy does not know what the server sends.
  std::optional<size_t> HistoryBytes() const { return std::nullopt; }

 private:
  // An edit that is not known to be committed.
  struct Pending {
    size_t intent = 0;  // Its place in the record.
    uint64_t seq = 0;   // Of its submission; 0 as long as there is none.
  };
  struct Disk {
    std::string replica;
    DocumentId id;
    std::vector<Pending> pending;
  };

  void OnCommit(const sync::Message& message);
  void OnAck(const sync::Message& message);
  void OnRefusal(const sync::Message& message);
  void NoteDurable(uint64_t seq);
  // Says into which submission an edit went.
  void Assign(Pending& edit, uint64_t seq);
  void NoteSubmissions();
  void NoteStep();

  WorldContext* context_;
  NodeNumber node_;
  bool saves_;
  Disk disk_;
  DocumentId id_;
  std::unique_ptr<OtReplica> replica_;
  uint64_t copy_ = 0;
  uint64_t revision_ = 0;  // That was written down.
  uint64_t next_seq_ = 1;  // Likewise.
  std::vector<Pending> pending_;
  // Submissions under this id: as they were sent first, and what is known of them.
  std::map<uint64_t, std::string> sent_;
  std::set<uint64_t> committed_;
  std::set<uint64_t> refused_;
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_WORLD_OT_COPY_H_
