// An RGA document at a server: takes updates, gives those that a client lacks.
//
//     Take -> records for the store -> OnAppended -> an update for all others
//
// What the store has not confirmed is given to nobody: an edit that anybody has seen is durable, so
// a server that crashes has lost nothing that others could have built on. Reading needs no
// document, only the updates (update_log.h); the first upload builds one, which checks everything
// that comes. That takes long if there is much; Prepare does it in parts beforehand.
//
// A trimmed document begins with a base, which is kept as the store has it and sent whole to
// whoever has nothing. What comes from before its horizon, or from who did not know all of that, is
// kHistoryTrimmed.
//
// Whose a replica is: whoever wrote under it first here, or had it according to a relay before
// that. Uploading under another's, or what others wrote without kMayRelay, is kForgedIdentity. What
// a relay brings without saying whose it is, is nobody's until one says so; but for what it writes
// itself, under the id that it opened the document with.
//
// Invariant: version() (durable) is covered by accepted(), which has what is on its way to the
// store too; the document has accepted(). Thread-compatible.
#ifndef COTEXT_SYNC_RGA_HOST_H_
#define COTEXT_SYNC_RGA_HOST_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crdt/codec/packed_update.h"
#include "crdt/codec/update_tools.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/error.h"
#include "sync/causal_buffer.h"
#include "sync/description.h"
#include "sync/message.h"
#include "sync/messages.h"
#include "sync/store.h"
#include "sync/update_log.h"
#include "sync/uploader.h"
#include "sync/writer_table.h"

namespace cotext::sync {

class RgaHost {
 public:
  static constexpr size_t kDocumentBytesMax = size_t{1} << 28U;  // Of all its updates.
  // Each is in every version that is sent, which is to fit a message.
  static constexpr size_t kWritersMax = size_t{1} << 16U;
  // Deletions that a document may have: so many of each character, and some more. Ten bytes delete
  // a whole text, again too, and each time cost what the text is in pieces; this bounds all of them
  // together. Of people, each deletes a character once, and few at the same time. All else that an
  // update can name costs bytes: a document takes at most some 35 times those of its updates.
  static constexpr uint64_t kDeletesOfEachMax = 64;
  static constexpr uint64_t kDeletesAlways = uint64_t{1} << 24U;

  // The length of pieces is for tests (UpdateLog).
  explicit RgaHost(size_t piece_bytes = kPieceBytesMax) : log_(piece_bytes) {}

  // Takes a record of the log in. Errors: kMalformedState; those of UpdateLog and DocumentFile.
  Expected<void> Restore(const Record& record);

  enum class Outcome : uint8_t {
    kKnown,    // Nothing new.
    kWaiting,  // Something before it is missing: to be asked for.
    kDropped,  // Likewise, and it found no room: to be asked for too, later.
    kAppend    // To be appended to the log.
  };
  struct Taken {
    Outcome outcome = Outcome::kKnown;
    VersionVector reaches = {};        // What it brings, known or not.
    std::vector<Record> records = {};  // To be appended at one stroke.
    // What came before a change that cannot be taken was; this is why that cannot, and what follows
    // it is not looked at.
    std::optional<Error> refused = {};
  };
  // Builds some more of the document, some `bytes` of updates, unless it is there; the base is
  // taken whole. Returns whether it is now. The errors are those of RgaDocument::Merge and
  // MergeBase.
  Expected<bool> Prepare(size_t bytes);
  // Takes an update. Errors, also in Taken::refused, of which each but kHistoryTrimmed ends the
  // session: kForbidden, kForgedIdentity, those of RangeOfUpdate and of RgaDocument::Merge;
  // kTooLarge also if the update's deletes fall apart into more parts than PartsMax allows for its
  // bytes, whether they are known or new: each time they cost what they are in parts.
  Expected<Taken> Take(const Uploader& uploader, std::string update);

  // Takes a relay's word for whose an id is, unless that is known. Returns records to be appended.
  // Errors, of which each ends the session: kForgedIdentity without kMayRelay, kForbidden,
  // kTooLarge.
  Expected<std::vector<Record>> Name(const Uploader& uploader, const WriterMessage& named);

  // Takes the next of those that waited and need not any longer.
  std::optional<CausalBuffer::Waiting> TakeReady() { return waiting_.TakeReady(accepted()); }
  // Returns whether there was anything.
  bool DropFrom(SessionId session) { return waiting_.DropFrom(session); }
  bool has_waiting() const { return !waiting_.empty(); }

  // The oldest of what was to be appended has been. Returns the update, if it was one, and who
  // uploaded it.
  struct Appended {
    std::string update;
    SessionId from = 0;
    std::vector<uint64_t> writers = {};  // Of whom it is known now whose they are.
  };
  Expected<Appended> OnAppended();

  // What a trimmed document begins with, as a document file, and what was trimmed; empty otherwise.
  const std::string& base() const { return base_; }
  const VersionVector& horizon() const { return log_.horizon(); }

  // Returns the next piece of what a version lacks (UpdateLog::NextPiece).
  Expected<UpdateLog::Piece> NextPiece(const VersionVector& known, size_t position) const {
    return log_.NextPiece(known, position);
  }
  size_t end_position() const { return log_.end_position(); }
  // The writers of whom it is durable whose they are, in order.
  std::vector<uint64_t> Writers() const;
  // REQUIRES: it is one of them.
  const std::string& UserOf(uint64_t writer) const { return *writers_.UserOf(writer); }

  // Records that stand for all that is durable are, one after the other: those of the writers and
  // the base, one for each piece [0, piece_count()), which stay as they are, and those of what
  // follows these.
  std::vector<Record> FirstRecords() const;
  size_t piece_count() const { return log_.piece_count(); }
  Record PieceRecord(size_t place) const {
    return {.kind = RecordKind::kUpdate, .bytes = log_.PieceAt(place)};
  }
  std::vector<Record> OpenRecords() const;
  // Returns all of them.
  std::vector<Record> Snapshot() const;

  // Drops the document, which the next upload builds again.
  void Rest() {
    document_.reset();
    building_ = {};
    document_bytes_ = 0;
  }
  // Whether there is one, or it is being built.
  bool has_document() const { return document_ != nullptr || building_.document != nullptr; }

  const VersionVector& version() const { return log_.version(); }
  const VersionVector& accepted() const { return document_ ? accepted_ : log_.version(); }
  bool is_idle() const { return pending_.empty(); }
  // What it takes, about.
  size_t bytes() const { return base_.size() + log_.bytes() + document_bytes_; }

  void Describe(Description& to) const;

 private:
  Expected<void> RestoreBase(const std::string& file);
  Expected<void> CheckForm(std::string_view update) const;
  // `bytes`: of the update as it came.
  Expected<void> CheckDeletes(const PackedUpdate& update, size_t bytes) const;
  // Makes records of an update that the document has now, all new.
  Taken Accept(const Uploader& uploader, std::string fresh, VersionVector reaches);
  // The same of those changes of an update that came before one that is wrong, if there are any.
  Expected<Taken> AcceptUpToError(const Uploader& uploader, std::string_view update, Error error);
  Expected<void> CheckWriters(const Uploader& uploader, const VersionVector& reaches) const;
  void MeasureDocument();
  Expected<void> MergeBaseIntoBuilding();
  Expected<void> MergeIntoBuilding(std::string_view update, size_t& merged_bytes);
  std::vector<uint64_t> NewWriters(const Uploader& uploader, const VersionVector& reaches) const;

  std::string base_;
  UpdateLog log_;
  WriterTable writers_;
  std::deque<Appended> pending_;  // On its way to the store.
  CausalBuffer waiting_;
  std::unique_ptr<RgaDocument> document_;
  VersionVector accepted_;  // That of the document.
  // What it took when the log had so much: to ask it each time would cost more than it tells.
  size_t document_bytes_ = 0;
  size_t measured_log_bytes_ = 0;
  // The document while it is built: it has the pieces before `next`.
  struct Building {
    std::unique_ptr<RgaDocument> document;
    size_t next = 0;
  };
  Building building_;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_RGA_HOST_H_
