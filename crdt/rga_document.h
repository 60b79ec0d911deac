// A Document kept by the RGA: merges with any peer, in any order that respects causality.
//
// Its Version is a version vector, its updates are changes (update_codec.h), and an anchor names an
// element. Undo: undo_history.h.
//
// A document that was opened from a file has only its text at first. The first edit, merge or
// question about anything but the text and its size unpacks the rest; if that is damaged, edits
// return the error and change nothing, and the version is that of an empty document. One that was
// packed can be saved, asked for its version and served as well, and stays packed. So until Unpack
// was called, not even two const calls may run at once. Thread-compatible otherwise.
//
// Its whole history can be asked: the text at any version, what changed between two, who wrote
// what. A version given from outside that is none of the document's is kUnknownVersion.
//
// Trim drops all history below a version (trim.h; docs/CRDT.md §7). What is asked about versions
// that lack something of that, or about characters deleted in it, is kHistoryTrimmed from then on,
// and so is merging with a peer from before it.
#ifndef COTEXT_CRDT_RGA_DOCUMENT_H_
#define COTEXT_CRDT_RGA_DOCUMENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "crdt/blame.h"
#include "crdt/change.h"
#include "crdt/codec/compression.h"
#include "crdt/codec/document_file.h"
#include "crdt/codec/named_versions.h"
#include "crdt/codec/packed_update.h"
#include "crdt/codec/small_update.h"
#include "crdt/codec/undo_codec.h"
#include "crdt/ids.h"
#include "crdt/local_index.h"
#include "crdt/rga.h"
#include "crdt/trim.h"
#include "crdt/undo_history.h"
#include "crdt/version_vector.h"
#include "document/delta.h"
#include "document/document.h"
#include "document/document_id.h"

namespace cotext {

class RgaDocument final : public Document {
 public:
  // REQUIRES: IsValid(replica), and nobody else writes under that id.
  explicit RgaDocument(ReplicaId replica, const SequenceOptions& options = {})
      : rga_(replica, options) {}

  // Returns the document in a file (document_file.h). Errors: those of DocumentFile.
  // REQUIRES: as for the constructor.
  static Expected<std::unique_ptr<RgaDocument>> Open(std::string file, ReplicaId replica,
                                                     Decompressor decompressor,
                                                     const FileLimits& limits = {},
                                                     const SequenceOptions& options = {});

  // Returns the document as a file; the errors are those of Unpack. One that is packed with the
  // same method, and neighbours, is not compressed again.
  Expected<std::string> Save(const FileEncoding& encoding) const;
  // Returns what EncodeAppendix does.
  Expected<std::string> SaveSince(const VersionVector& saved, const Compressor& compressor) const;

  // What files and peers know the document by; all zero until it is given, once.
  const DocumentId& id() const { return id_; }
  void SetId(const DocumentId& id) { id_ = id; }

  // Unpacks what is still packed.
  Expected<void> Unpack() const;
  bool is_unpacked() const { return stored_ == nullptr; }
  // Whether it is as it was in the file that it was opened from.
  bool is_as_opened() const { return stored_ != nullptr && stored_->is_opened; }

  // Packs a document that nobody works on: what it takes is one compressed file in memory, its
  // version, and its steps of undo; one that was opened and not unpacked yet stays the file that it
  // was. It goes on as one that was opened from that file, but stays packed when it is saved, asked
  // for its version or horizon, or by EncodeSince: what takes the history loads it for that, as
  // reading the whole text reads that, each time. Anything else unpacks it.
  // REQUIRES: the decompressor undoes what the compressor does.
  Expected<void> Pack(const Compressor& compressor, Decompressor decompressor);

  // Finds out what version(), frontier(), next_counter(), horizon() and opened_version() are to
  // return, which they do without errors: unpacks the document unless Pack was called.
  Expected<void> FindVersion() const;

  // What the file had that this document, or what it was forked from, was opened from; nothing as
  // long as nobody looked for the version, or if there was none. And the horizon that it had.
  const std::optional<VersionVector>& opened_version() const { return opened_version_; }
  const VersionVector& opened_horizon() const { return opened_horizon_; }

  // Returns a copy that goes on under another identity, without listeners and undo steps.
  // REQUIRES: IsValid(replica), and nobody else writes under that id.
  std::unique_ptr<RgaDocument> Fork(ReplicaId replica) const;

  // Goes on under another identity, as after kReplicaConflict; what could be undone no longer can.
  // REQUIRES: as for Fork; no transaction is open.
  void SetReplica(ReplicaId replica);

  ReplicaId replica() const { return rga_.replica(); }
  VersionVector version_vector() const;
  std::vector<OpId> frontier() const;
  uint64_t next_counter() const;
  const Rga& rga() const {
    static_cast<void>(Unpack());
    return rga_;
  }

  // Integrates one change, or a list of them: the forms that Merge decodes. The errors are those of
  // ResolveChange; a refused change changes nothing, and those before it in a list stay.
  Expected<void> Integrate(const ChangeView& change);
  Expected<void> MergeUpdate(const Update& update);
  // The second copies the update.
  Expected<void> MergePacked(PackedUpdate&& update);
  Expected<void> MergePacked(const PackedUpdate& update) {
    return MergePacked(PackedUpdate(update));
  }
  Update ChangesSince(const VersionVector& known) const { return rga().ChangesSince(known); }
  Update OwnChangesFrom(uint64_t counter) const { return rga().OwnChangesFrom(counter); }

  // Drops all history below a version that every peer has passed; costs and errors: trim.h. Steps
  // of undo with operations in it are forgotten with all that are older, and so are those of a file
  // that were not restored. Names of versions below stay, but lead nowhere.
  Expected<void> Trim(const VersionVector& version);
  // Returns what was trimmed: empty if nothing was.
  const VersionVector& horizon() const;
  // Returns what a trimmed document begins with, as a file for MergeBase.
  // REQUIRES: the horizon is not empty.
  Expected<std::string> EncodeBase() const;
  // Begins, without operations yet, where a trimmed document does: with such a file. Does nothing
  // if it has all of that. kHistoryTrimmed if it has anything else, as that cannot come after what
  // was trimmed; kDocumentReplaced, a file of another document; those of DocumentFile.
  Expected<void> MergeBase(std::string_view file);

  // History. Costs: known_version.h, checkout.h, blame.h.
  // Returns the version of some operations, such as a frontier, and all before them.
  Expected<VersionVector> VersionOf(std::span<const OpId> heads) const;
  Expected<std::string> TextAt(const VersionVector& version) const;
  // Returns the edit that turns the text at `from` into that at `to`; its deletes carry their text.
  Expected<Delta> DeltaBetween(const VersionVector& from, const VersionVector& to) const;
  // Returns who wrote the text in [begin, end), or the text at a version.
  Expected<std::vector<BlameRange>> Blame(const AnyOffset& begin, const AnyOffset& end) const;
  Expected<std::vector<BlameRange>> BlameAt(const VersionVector& version) const;

  // Names for versions, saved with the document, not sent to peers. Errors beside kUnknownVersion:
  // those of NamedVersions::Set.
  Expected<void> NameVersion(std::string_view name, const VersionVector& version);
  // Returns whether there was such a name.
  bool RemoveVersionName(std::string_view name) { return names_.Remove(name); }
  Expected<VersionVector> VersionNamed(std::string_view name) const;
  const NamedVersions& named_versions() const { return names_; }

  Engine engine() const override { return Engine::kRga; }
  TextMetrics metrics() const override {
    return stored_ == nullptr ? rga_.sequence().metrics() : stored_->metrics;
  }
  Expected<CodePointOffset> ToCodePoint(AnyOffset at) const override;
  Expected<ByteOffset> ToByte(CodePointOffset at) const override;
  Expected<Utf16Offset> ToUtf16(CodePointOffset at) const override;
  Expected<Point> ToPoint(CodePointOffset at) const override;
  Expected<void> ForEachChunk(CodePointOffset begin, CodePointOffset end,
                              const ChunkReader& reader) const override;
  Expected<Anchor> CreateAnchor(AnyOffset at, Bias bias) const override;
  Expected<CodePointOffset> ResolveAnchor(const Anchor& anchor) const override;
  Version version() const override { return Version{version_vector().Encode()}; }
  Expected<std::string> EncodeSince(const Version& version) const override;
  // Returns the first `operations_max` operations of that as an update: the next ones are those
  // since that version and what the update reaches. It takes memory for them only.
  Expected<std::string> EncodeSince(const VersionVector& known, uint64_t operations_max) const;
  Expected<void> Merge(std::string_view update) override;

  // Makes an edit that is as simple as typing (Rga::TryReplace) while nobody hears of it; returns
  // whether it did. If not, nothing has changed and Replace is to be asked.
  [[gnu::always_inline]] inline bool TryReplace(uint64_t position, uint64_t count,
                                                std::string_view text) {
    if (stored_ != nullptr || !is_quiet() || !rga_.TryReplace(position, count, text)) return false;
    FinishStep();
    return true;
  }

  // Returns all steps of undo and redo as bytes (undo_codec.h), for this document and its user.
  std::string EncodeUndo() const;
  // Goes on with such steps, in place of those there are. kInvalidUndo, also if this document came
  // without its deleted text, changes nothing.
  Expected<void> DecodeUndo(std::string_view bytes, FormerSelves former = FormerSelves::kRefuse);
  // Does that with what the file held that the document was opened from (FileEncoding::keeps_undo);
  // returns whether it held any.
  Expected<bool> RestoreUndo(FormerSelves former = FormerSelves::kRefuse);

  void CheckInvariants() const {
    rga().CheckInvariants();
    undo_.CheckInvariants();
    undo_manager().CheckInvariants();
  }

 protected:
  Expected<void> ReplaceCodePoints(CodePointOffset begin, uint64_t count,
                                   std::string_view text) override;
  void OnCommit() override;
  Expected<OperationRange> TakeBackOperations(std::span<const OperationRange> step) override;
  Anchor AnchorOnLiving(const Anchor& anchor) const override;

 private:
  // What is known of a document of which the history is not at hand.
  struct Summary {
    VersionVector version;
    VersionVector horizon;
    std::vector<OpId> frontier;
    uint64_t next_counter;
  };
  // A document that is still in its file.
  struct Stored {
    std::string bytes;
    std::unique_ptr<DocumentFile> file;  // Of those bytes.
    std::optional<std::string> text;     // If it is at hand.
    std::optional<Summary> summary;      // If somebody asked, or Pack knew.
    TextMetrics metrics;
    SequenceOptions options;
    bool is_opened = true;                         // The bytes are the file's, not Pack's.
    bool is_packed = false;                        // By Pack: not to be unpacked but for work.
    Compression compression = Compression::kNone;  // Pack's.
  };

  explicit RgaDocument(const Rga& rga) : rga_(rga) {}

  static Summary Summarize(const Rga& rga);
  // Returns what is known of a document that is packed, null of any other, which is unpacked then.
  const Summary* PackedSummary() const;
  // Returns the replica in the file.
  Expected<Rga> LoadStored() const;
  // Calls `read` with the replica: with one that is loaded for that only, if it is packed.
  template <typename Reader>
  std::invoke_result_t<Reader, const Rga&> Read(Reader read) const {
    if (stored_ == nullptr || !stored_->is_packed) {
      COTEXT_RETURN_IF_ERROR(Unpack());
      return read(rga_);
    }
    const Expected<Rga> loaded = LoadStored();
    if (!loaded) return std::unexpected(loaded.error());
    return read(*loaded);
  }
  // REQUIRES: there are operations that belong to no step.
  [[gnu::always_inline]] inline void FinishStep() {
    const OpIndex end = rga_.history().graph.end();
    RecordStep(OperationRange{.first = step_begin_.value, .length = end - step_begin_});
    step_begin_ = end;
  }
  bool IsPackedAs(const FileEncoding& encoding) const;
  std::string EncodeUndoOf(const Rga& rga) const;

  Expected<void> ReplaceUnpacked(CodePointOffset begin, uint64_t count, std::string_view text);
  bool TryMerge(const SmallUpdate& update);
  Expected<void> IntegrateQuietly(const ChangeView& change);
  void RecordEffects(const std::vector<Rga::Effect>& effects);
  void RecordReplacement(uint64_t position, uint64_t erased, std::string_view inserted);
  void MoveUndoAnchors(const std::vector<Lv>& elements, const Renumbering& numbers);

  DocumentId id_;
  NamedVersions names_;
  mutable std::unique_ptr<Stored> stored_;  // Null once it was unpacked.
  mutable Rga rga_;                         // Empty as long as it is not.
  mutable std::optional<VersionVector> opened_version_;
  mutable VersionVector opened_horizon_;
  UndoHistory undo_;
  std::string stored_undo_;                  // What the file had.
  mutable bool lacks_deleted_text_ = false;  // The file left it out.
  mutable OpIndex step_begin_;  // Operations from here on belong to the next step of undo.
};

}  // namespace cotext

#endif  // COTEXT_CRDT_RGA_DOCUMENT_H_
