// A client of OT with a whole document, for worlds of ot_world.h: what it says and hears are bytes
// at the edges, and it knows of each character who typed it.
#ifndef COTEXT_TESTS_SUPPORT_OT_REPLICA_CLIENT_H_
#define COTEXT_TESTS_SUPPORT_OT_REPLICA_CLIENT_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "document/anchor.h"
#include "document/delta.h"
#include "document/document.h"
#include "document/error.h"
#include "document/random.h"
#include "ot/ot_replica.h"
#include "ot/submission.h"
#include "tests/support/ot_hosts.h"

namespace cotext {

class OtReplicaClient {
 public:
  OtReplicaClient(OtClientId id, const std::string& text, const OtClientOptions& options);

  // As OtTestClient has them.
  std::vector<ToServer> Edit(const Delta& edit);
  std::vector<ToServer> Receive(const ToClient& frame);
  std::vector<ToServer> Hello();
  void Save();
  void Reload();
  void CheckInvariant(const NaiveOtServer& naive) const;
  std::string text() const { return replica_->document().Text(); }
  const std::string& unsaved() const { return unsaved_; }

  // It may type at any time.
  bool MayType() const { return true; }
  bool IsSynchronized() const {
    return !replica_->needs_snapshot() && replica_->edits_unacknowledged() == 0 &&
           replica_->edits_unsent() == 0;
  }
  uint64_t revision() const { return replica_->revision(); }

  // Takes back what was done last, or undoes that.
  std::vector<ToServer> TakeBack(UndoStack stack);
  // Makes an anchor behind some character, which must stay behind it as long as that is there.
  void PlaceAnchor(Random& random);

  OtCounts* counts = nullptr;

 private:
  struct PlacedAnchor {
    Anchor anchor;
    std::string behind;  // The character.
  };

  void Follow(std::unique_ptr<OtReplica> replica);
  void Hear(const DeltaEvent& event);
  // Returns what is to be sent now, and saves before that.
  std::vector<ToServer> Drain();
  Expected<void> Dispatch(const ToClient& frame);
  std::vector<ToServer> OnText(const TextAtRevision& snapshot);
  void CheckAnchors() const;

  OtClientId id_;
  OtReplicaOptions options_;
  std::unique_ptr<OtReplica> replica_;
  std::string heard_;                // The text as the events of the document have it.
  std::vector<OtClientId> owners_;   // Who inserted each character of it.
  std::set<std::string> taken_out_;  // Characters that this client has deleted.
  std::vector<PlacedAnchor> anchors_;
  OtClientId hearing_from_;  // Whose commit it is that comes in.
  std::string unsaved_;
  std::string saved_;
  std::vector<OtClientId> saved_owners_;
};

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_OT_REPLICA_CLIENT_H_
