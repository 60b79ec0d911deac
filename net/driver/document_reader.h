// A document of the server as text, for all who read it over HTTP: an ordinary client in the
// server's process (in_process_connection.h), which may read and no more. Others do not see it.
//
//     Hub -> updates -> client -> document -> one delta a turn, with its version -> listeners
//
// The server itself keeps no text of a document, so one that is read is loaded, once for all, and
// followed. Which engine it has is found out by asking.
//
// It loads, and then is ready or has failed. Listeners hear of that, and then of every change: a
// delta leads from the version before to its own, without gaps. They may come and go inside a call.
//
// Deltas count code points; if anybody wants UTF-16 units, the text is kept a second time, in a
// TextBuffer, as what was deleted is known there only. So is that of an OT document, of which what
// was deleted lately is all that earlier texts can be made of.
//
// Memory: that of the document; kRecentBytesMax for what was said last. O(listeners) a change.
// For the driver's thread.
#ifndef COTEXT_NET_DRIVER_DOCUMENT_READER_H_
#define COTEXT_NET_DRIVER_DOCUMENT_READER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/delta.h"
#include "document/document.h"
#include "document/document_id.h"
#include "document/error.h"
#include "document/quill_delta.h"
#include "document/text_buffer.h"
#include "net/base/schedule.h"
#include "net/driver/in_process_connection.h"
#include "net/driver/server_driver.h"
#include "ot/ot_replica.h"
#include "sync/client_event.h"
#include "sync/presence_view.h"
#include "sync/server_session.h"

namespace cotext::net {

// The same for all listeners, who keep what they make of it for each other.
struct FeedItem {
  mutable std::array<std::shared_ptr<const std::string>, 2> encoded = {};  // By QuillUnit.
};

struct FeedDelta : FeedItem {
  Delta delta;
  std::optional<Delta> in_utf16;  // The same, but that numbers count UTF-16 units; if wanted.
  std::string version;            // The token of what comes of it.
  std::vector<uint64_t> writers;  // Whose the latest edits in it are: ids of RGA replicas.
};

struct FeedPresence : FeedItem {
  sync::SessionId session = 0;
  std::optional<sync::PresentUser> user;  // Nothing: is gone.
  bool is_typing_news = false;            // Nothing else has changed.
};

class ReaderListener {
 public:
  ReaderListener() = default;
  ReaderListener(const ReaderListener&) = delete;
  ReaderListener& operator=(const ReaderListener&) = delete;
  virtual ~ReaderListener() = default;

  virtual void OnReady() = 0;
  // Nothing comes after that. kNotFound: there is no such document.
  virtual void OnFailed(const Error& error) = 0;
  virtual void OnDelta(const FeedDelta& /*delta*/) {}
  virtual void OnPresence(const FeedPresence& /*presence*/) {}
};

class DocumentReader {
 public:
  // What it said last is kept, for who comes back soon: so many deltas, and bytes of them.
  static constexpr size_t kRecentMax = 1024;
  static constexpr size_t kRecentBytesMax = size_t{1} << 20U;

  enum class State : uint8_t { kLoading, kReady, kFailed };

  // `on_failed` is called once, at most.
  DocumentReader(ServerDriver& driver, Schedule& schedule, std::function<uint64_t()> random,
                 std::string name, std::function<void()> on_failed);
  DocumentReader(const DocumentReader&) = delete;
  DocumentReader& operator=(const DocumentReader&) = delete;
  ~DocumentReader();

  const std::string& name() const { return name_; }
  State state() const { return state_; }
  const Error& error() const { return error_; }  // Of one that has failed.

  void Add(ReaderListener& listener) { listeners_.insert_or_assign(&listener, next_listener_++); }
  void Remove(ReaderListener& listener) { listeners_.erase(&listener); }
  size_t listener_count() const { return listeners_.size(); }
  // From now on deltas have in_utf16.
  void WantUtf16();

  // The document could not be loaded: it fails, if it is still loading. Who reads it is told what
  // is wrong, as a code, but not why, which may name files; the server's log has that.
  void OnUnreadable(ErrorCode why);

  // About what it takes.
  size_t bytes() const;

  // REQUIRES, of all below: it is ready.
  Engine engine() const { return engine_; }
  const Document& document() const;
  const RgaDocument* rga() const { return rga_.get(); }  // Null if it is OT.
  const OtReplica* ot() const { return ot_.get(); }      // Null if it is RGA.
  std::string Version() const;
  const DocumentId& id() const { return id_; }
  const std::map<sync::SessionId, sync::PresentUser>& present() const { return present_; }

  // Errors: kInvalidVersion, a token of no version; kDocumentReplaced, of another document;
  // kUnknownVersion and kUnknownRevision, of one that is not here; kHistoryTrimmed and, of OT,
  // kTooOld, of one that is not kept any more: here it is what was said last.
  Expected<std::string> TextAt(std::string_view version) const;
  // Returns what has happened since a version.
  Expected<Delta> DeltaSince(std::string_view version) const;
  // Returns a version in a copy of the document. REQUIRES: it is RGA.
  Expected<VersionVector> VersionOf(const RgaDocument& copy, std::string_view version) const;
  // Whether a token is one of this document, be it there or not: the first two of these errors.
  Expected<void> CheckToken(std::string_view version) const;

 private:
  struct Recent {
    std::string before;            // The version.
    std::vector<OpId> heads = {};  // Of it, if it is a digest, which does not say them.
    Delta delta = {};              // Of OT with the texts that it deletes.
    size_t bytes = 0;
  };

  void Connect();
  void OnTurn(std::vector<sync::ClientEvent> events);
  void OnEvent(const sync::ClientEvent& event);
  void OnDocumentFailed(const Error& error);
  void BecomeReady();
  void Fail(Error error);
  void KeepMirror();
  void TellDeltas();
  void TellPresence();
  std::vector<uint64_t> NewWriters();
  void Keep(Recent recent);
  const Recent* FindRecent(std::string_view version) const;
  // Calls `tell` with each of those that were there when it began and still are.
  void ForEachListener(const std::function<void(ReaderListener&)>& tell);

  ServerDriver* driver_;
  Schedule* schedule_;
  std::function<uint64_t()> random_;
  std::string name_;
  std::function<void()> on_failed_;

  State state_ = State::kLoading;
  Error error_ = {};
  Engine engine_ = Engine::kRga;
  std::unique_ptr<RgaDocument> rga_;
  std::unique_ptr<OtReplica> ot_;
  // Goes before the documents.
  std::unique_ptr<InProcessConnection> connection_;
  sync::DocumentKey key_ = 0;
  DocumentId id_ = {};
  Schedule::TaskId reconnect_ = 0;

  std::map<ReaderListener*, uint64_t> listeners_;
  uint64_t next_listener_ = 1;

  std::vector<Delta> pending_;  // What has changed in this turn.
  std::string told_version_;    // What the listeners know.
  std::vector<OpId> told_heads_;
  std::map<sync::SessionId, sync::PresentUser> present_;
  bool wants_utf16_ = false;
  std::optional<TextBuffer> mirror_;
  std::deque<Recent> recent_;
  size_t recent_bytes_ = 0;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_DRIVER_DOCUMENT_READER_H_
