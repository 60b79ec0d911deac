// A Document kept by the RGA: merges with any peer, in any order that respects causality.
//
// Its Version is a version vector, its updates are changes (update_codec.h), and an anchor names an
// element. Each outermost transaction is one step of undo. Thread-compatible.
#ifndef COTEXT_CRDT_RGA_DOCUMENT_H_
#define COTEXT_CRDT_RGA_DOCUMENT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/change.h"
#include "crdt/ids.h"
#include "crdt/packed_update.h"
#include "crdt/rga.h"
#include "crdt/undo_history.h"
#include "crdt/version_vector.h"
#include "document/document.h"

namespace cotext {

class RgaDocument final : public Document {
 public:
  // REQUIRES: IsValid(replica), and nobody else writes under that id.
  explicit RgaDocument(ReplicaId replica, const SequenceOptions& options = {})
      : rga_(replica, options) {}

  // Returns a copy that goes on under another identity, without listeners and undo steps.
  // REQUIRES: IsValid(replica), and nobody else writes under that id.
  std::unique_ptr<RgaDocument> Fork(ReplicaId replica) const;

  // Goes on under another identity, as after kReplicaConflict; what could be undone no longer can.
  // REQUIRES: as for Fork; no transaction is open.
  void SetReplica(ReplicaId replica);

  ReplicaId replica() const { return rga_.replica(); }
  VersionVector version_vector() const { return rga_.version_vector(); }
  std::vector<OpId> frontier() const { return rga_.frontier(); }
  uint64_t next_counter() const { return rga_.next_counter(); }
  const Rga& rga() const { return rga_; }

  // Integrates one change, or a list of them: the forms that Merge decodes. The errors are those of
  // ResolveChange; a refused change changes nothing, and those before it in a list stay.
  Expected<void> Integrate(const ChangeView& change);
  Expected<void> MergeUpdate(const Update& update);
  Expected<void> MergePacked(const PackedUpdate& update);
  Update ChangesSince(const VersionVector& known) const { return rga_.ChangesSince(known); }
  Update OwnChangesFrom(uint64_t counter) const { return rga_.OwnChangesFrom(counter); }

  Engine engine() const override { return Engine::kRga; }
  TextMetrics metrics() const override { return rga_.sequence().metrics(); }
  Expected<CodePointOffset> ToCodePoint(AnyOffset at) const override;
  Expected<ByteOffset> ToByte(CodePointOffset at) const override;
  Expected<Utf16Offset> ToUtf16(CodePointOffset at) const override;
  Expected<Point> ToPoint(CodePointOffset at) const override;
  Expected<void> ForEachChunk(CodePointOffset begin, CodePointOffset end,
                              const ChunkReader& reader) const override;
  Expected<Anchor> CreateAnchor(AnyOffset at, Bias bias) const override;
  Expected<CodePointOffset> ResolveAnchor(const Anchor& anchor) const override;
  Version version() const override { return Version{rga_.version_vector().Encode()}; }
  Expected<std::string> EncodeSince(const Version& version) const override;
  Expected<void> Merge(std::string_view update) override;
  bool CanUndo() const override { return undo_.can_undo(); }
  bool CanRedo() const override { return undo_.can_redo(); }
  Expected<bool> Undo() override;
  Expected<bool> Redo() override;

  void CheckInvariants() const {
    rga_.CheckInvariants();
    undo_.CheckInvariants();
  }

 protected:
  Expected<void> ReplaceCodePoints(CodePointOffset begin, uint64_t count,
                                   std::string_view text) override;
  void OnCommit() override;

 private:
  explicit RgaDocument(const Rga& rga) : rga_(rga) {}

  Expected<void> IntegrateQuietly(const ChangeView& change);
  void RecordEffects(const std::vector<Rga::Effect>& effects);
  void RecordReplacement(uint64_t position, uint64_t erased, std::string_view inserted);
  Expected<bool> EndTakeBack(const Expected<std::vector<UndoHistory::Replacement>>& replacements);

  Rga rga_;
  UndoHistory undo_;
  OpIndex step_begin_;  // Operations from here on belong to the next step of undo.
};

}  // namespace cotext

#endif  // COTEXT_CRDT_RGA_DOCUMENT_H_
