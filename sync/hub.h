// One document at a server, with all the sessions that have it open: who may do what, who has what,
// who is there. The engine is a host's affair (rga_host.h, ot_host.h).
//
//     Open -> Opened, then what the session lacks, piece by piece as it can take them (Pull)
//     edits -> the store -> all who are live, and an acknowledgement
//
// A session is live if it has all that is durable; what is new is sent to it at once, or what of it
// came together (TellFresh) as one update. One that
// cannot take more falls behind (Lag), and gets what it missed in one piece when it can: from the
// history for edits, the latest state for presence. So a slow session costs no memory but its mark:
// a version or a revision, and whose presence it missed, kNewsMax at most.
//
// If the store fails, nothing of what it did not confirm counts: all who uploaded are told to do so
// again, and the document is read anew from the store.
//
// What only uploads need, the document itself, is let go of when there was none for rest_ms, and
// built again in steps by the next one. The history stays, from which it is built.
//
// No input takes long, however much the document has: a long log is read, the document for uploads
// built, what came too early taken, and a snapshot copied, in steps (hub_steps.cc).
//
// Inputs return nothing; TakeOutput has what is to be done since it was taken last. Answers of the
// store come in the order of the calls. Times are in milliseconds. Thread-compatible.
#ifndef COTEXT_SYNC_HUB_H_
#define COTEXT_SYNC_HUB_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "document/document.h"
#include "document/document_id.h"
#include "document/error.h"
#include "sync/description.h"
#include "sync/due_times.h"
#include "sync/hub_member.h"
#include "sync/hub_output.h"
#include "sync/message.h"
#include "sync/message_pool.h"
#include "sync/messages.h"
#include "sync/ot_host.h"
#include "sync/presence_table.h"
#include "sync/rga_host.h"
#include "sync/shared_messages.h"
#include "sync/store.h"

namespace cotext::sync {

struct HubOptions {
  size_t members_max = 10'000;
  size_t pending_bytes_max = size_t{1} << 26U;  // On their way to the store.
  uint64_t received_ack_ms = 100;  // How slow a store may be before uploads are acknowledged.
  uint64_t store_retry_ms = 1000;  // How long after a failure it is tried again.
  uint64_t rest_ms = 60'000;       // How long the document for uploads is kept without any.
  size_t compact_bytes_min = size_t{1} << 16U;  // Appended before a snapshot is worth it.
  // In a step of some milliseconds: what is read or copied of a document's history and text; what
  // is merged into an RGA document, which takes some ten times as long, for history of small edits
  // fifty.
  size_t copy_bytes = size_t{1} << 20U;
  size_t merge_bytes = size_t{1} << 17U;
  size_t piece_bytes = kPieceBytesMax;  // See UpdateLog; less is for tests.
  // Of commits that an OT document keeps: beyond it the older half goes. Some 100 bytes each and
  // what they insert.
  uint64_t commits_max = uint64_t{1} << 16U;
  OtServerOptions ot;
};

class Hub {
 public:
  // Texts of an OT document that are on their way to sessions, each as it was at some revision.
  static constexpr size_t kTextsMax = 4;
  // Sessions whose presence another may have missed, or it is ended: twice as many as can be there.
  static constexpr size_t kNewsMax = 2 * PresenceTable::kSessionsMax;

  // Begins to load the document. `fresh_id` is its id if there is none yet. The pool, of which the
  // messages are, outlives the hub.
  Hub(MessagePool& pool, Channel channel, std::string name, const DocumentId& fresh_id,
      const HubOptions& options = {});
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;
  ~Hub();

  // A session that may read it opens the document.
  // REQUIRES: it has not done so, or closed it since.
  void Open(SessionId session, std::string_view user, Rights rights, const sync::Open& open);
  void Close(SessionId session);
  void SetRights(SessionId session, Rights rights);

  // A message about this document from a session; one that has not opened it is expelled.
  void OnMessage(SessionId session, const Message& message, uint64_t now_ms);

  // Sends a session the next piece of what it lacks; returns whether it lacked something.
  bool Pull(SessionId session);
  // A session can take no more for now: until it pulls again, nothing is sent to it but answers.
  void Lag(SessionId session);

  // Tells those who are live what has become durable since it was called last: whoever has given
  // all answers that came together calls it, if there is anything.
  void TellFresh();
  bool has_fresh() const { return !fresh_.empty(); }

  // Answers of the store.
  void OnLoaded(Expected<StoredLog> log, uint64_t now_ms);
  void OnAppended(const Expected<uint64_t>& position);
  void OnCompacted(const Expected<uint64_t>& position);

  // In place of OnLoaded, without asking the store: there is no room for the document now. Those
  // who wait for it are told so. REQUIRES: nobody has it open.
  void OnNoRoom(uint64_t retry_after_ms, uint64_t now_ms);

  // Does a step of what takes long. REQUIRES: has_steps().
  void Step(uint64_t now_ms);
  bool has_steps() const { return restoring_ || compacting_ || has_upload_steps(); }

  void OnTick(uint64_t now_ms);
  // When OnTick may have something to do; nothing if never.
  std::optional<uint64_t> NextTimeMs();

  // Lets go of the document for uploads, if none came for so long and nothing else needs it.
  void Rest(uint64_t idle_ms, uint64_t now_ms);

  // What it takes in memory, about.
  size_t bytes() const;
  bool has_members() const { return !members_.empty(); }

  HubOutput TakeOutput() { return std::exchange(output_, {}); }

  Channel channel() const { return channel_; }
  const std::string& name() const { return name_; }
  size_t member_count() const { return members_.size(); }
  std::vector<SessionId> Members() const;
  // Those who are not live.
  std::vector<SessionId> Behind() const;
  bool IsMember(SessionId session) const { return members_.contains(session); }
  bool IsBehind(SessionId session) const;
  // Whether nobody has the document open, and the store has answered all calls.
  bool is_idle() const {
    return members_.empty() && opening_.empty() && calls_ == 0 && early_.empty();
  }
  // Whether anybody has ever had the document open here.
  bool was_entered() const { return was_entered_; }
  size_t text_count() const { return texts_.size(); }
  bool is_ready() const { return state_ == State::kReady; }
  // Of the versions of those who wait for it to be.
  size_t opening_bytes() const { return opening_bytes_; }
  // What is durable, in the form of Opened::version; REQUIRES: is_ready().
  std::string VersionBytes() const;

  // Adds what it is. REQUIRES: output was taken; it is no OT document.
  void Describe(Description& to) const;

 private:
  enum class State : uint8_t { kLoading, kReady, kFailed };
  // Engine and id count once the log has them: nobody is told of any that a crash can take back.
  enum class IdentityState : uint8_t { kNone, kAppending, kDurable };

  struct Opening {
    SessionId session = 0;
    std::string user;
    Rights rights = 0;
    sync::Open open;
  };

  enum class AppendKind : uint8_t { kIdentity, kUpload, kTruncation };
  struct Appending {
    size_t bytes = 0;
    AppendKind kind{};
  };

  void Load();
  void OnLoadFailed(Error why, uint64_t now_ms);
  // Whether anybody waits for a document that could not be read.
  bool is_wanted() const { return !members_.empty() || !opening_.empty(); }
  void Restore(StoredLog log);
  void RestoreSome(uint64_t now_ms);
  Expected<void> RestoreRecord(const Record& record);
  Record IdentityRecord() const;
  void OnStoreFailed();
  void RefuseOpening(const ErrorMessage& error);
  void RefuseAsFailed();

  void Admit(Opening opening);
  Expected<void> CheckIdentity(const sync::Open& open) const;
  // Makes the document what its first opener wants.
  Expected<void> Found(const sync::Open& open, Rights rights);
  void AdmitAll();
  void SetEngine(Engine engine);
  Expected<HubMember> MakeMember(const Opening& opening) const;
  // Returns what of a version is of replicas that the document has, or of the writer.
  VersionVector Relevant(VersionVector known, uint64_t writer) const;
  void Await(Opening opening);

  // Returns an error if a version has something, but not all, of what was trimmed.
  Expected<void> CheckHorizon(const VersionVector& known) const;
  // Closes the document for a session that is from before what was trimmed.
  void TurnAway(SessionId session, Error error);

  void OnUpdate(SessionId session, HubMember& member, const Message& message, uint64_t now_ms);
  void TakeUpdate(SessionId session, HubMember& member, std::string update, uint64_t now_ms);
  // Ends what a session whose upload is refused has here: the document, or the session.
  void RefuseUpload(SessionId session, Error error);
  // Takes what waits and need not any longer, and asks again for what found no room.
  void TakeWaiting(uint64_t now_ms);
  void AskDropped();
  // Returns whether there is a document for uploads; if not, steps are to be done before that.
  bool IsPrepared();
  void TakeEarly(uint64_t now_ms);
  bool has_upload_steps() const { return is_preparing_ || !early_.empty() || may_have_ready_; }
  bool CanRest() const;
  // When it does by itself.
  std::optional<uint64_t> RestDue() const;
  void OnSubmit(SessionId session, HubMember& member, const Message& message, uint64_t now_ms);
  void OnWriter(SessionId session, HubMember& member, const Message& message);
  // Who relays has to be told of all writers whose they are.
  void TellAllWriters(HubMember& member) const;
  void TellWriters(const std::vector<uint64_t>& writers);
  void TellWriter(SessionId session, uint64_t writer);
  // Returns whether an upload can be taken now; says so to the session if not.
  bool CanTake(SessionId session, Engine engine, size_t bytes);
  void OnUpdateAppended();
  void OnSubmissionAppended();
  void OnRequest(SessionId session, HubMember& member, const Message& message);
  void OnPresence(SessionId session, HubMember& member, const Message& message, uint64_t now_ms);

  // What sessions lack: the next message of it, held once; nothing if that is all.
  std::optional<MessageRef> NextUpdate(HubMember& member);
  MessageRef NextOfBase(HubMember& member);
  std::optional<MessageRef> NextOfOt(HubMember& member);
  MessageRef NextOfText(HubMember& member);
  // Returns a text at a revision from `from` on.
  uint64_t FindText(uint64_t from);
  void NeedText(HubMember& member, uint64_t from);
  void StopReading(HubMember& member);
  void AcknowledgeDurable();
  // Who is told that an upload has come if it is not durable in time: a session, of a writer.
  using UploadKey = std::pair<SessionId, uint64_t>;
  // Something was uploaded that the mark has now.
  void NoteUpload(const UploadKey& key, Unacknowledged& mark, uint64_t now_ms);
  DueTimes<UploadKey>::Thing LookAtUpload(const UploadKey& key);
  void Broadcast(const Message& message, SessionId but);
  void Tell(const std::vector<PresenceTable::News>& news);
  // Both return whether there was something.
  bool TellWhoLeft(SessionId session, HubMember& member);
  bool TellWhatWasMissed(SessionId session, HubMember& member);
  void Append(std::vector<Record> records, AppendKind kind);
  void MaybeCompact();
  void CopySome();
  void Compact(uint64_t up_to, std::vector<Record> snapshot);

  void Send(SessionId session, Message message);
  void SendToAll(std::vector<SessionId> to, const Message& message);
  void SendError(SessionId session, ErrorMessage error);
  // Tells a session that it does not have the document open.
  void Refuse(SessionId session, ErrorMessage error);
  void Expel(SessionId session, Error error);

  void DescribeMember(const HubMember& member, Description& to) const;
  void DescribeCalls(Description& to) const;

  // A text that is sent piece by piece.
  struct OtText {
    uint64_t revision = 0;
    std::string text;
    size_t readers = 0;
  };

  // A log that is read: of its records, snapshot and tail, the first `next` have been.
  struct Restoring {
    StoredLog log;
    size_t next = 0;
    Engine engine_before{};
    size_t bytes_left = 0;
  };
  // A snapshot that is made: it gets the pieces before `pieces` one after the other, then what was
  // behind them when it was begun. That of an OT document its host makes.
  struct Compacting {
    uint64_t up_to = 0;
    std::vector<Record> records = {};
    size_t next = 0;
    size_t pieces = 0;
    std::vector<Record> open = {};
  };
  struct Upload {
    SessionId session = 0;
    std::string update;
  };
  // One that waits for the document to be built. Who has left meanwhile is remembered.
  struct Leaver {
    std::string user;
    Rights rights = 0;
    uint64_t writer = 0;
  };
  struct Early {
    SessionId session = 0;
    std::string update;
    std::optional<Leaver> left = {};
  };
  void TakeOfWhoLeft(Early early);

  MessagePool* pool_;
  Channel channel_;
  std::string name_;
  DocumentId id_;
  HubOptions options_;

  State state_ = State::kLoading;
  IdentityState identity_ = IdentityState::kNone;
  Engine engine_ = Engine::kRga;
  RgaHost rga_;
  std::optional<OtHost> ot_;  // Instead of that, if engine_ says so.

  std::map<SessionId, HubMember> members_;
  DueTimes<UploadKey> uploads_due_;
  bool was_entered_ = false;
  std::deque<Opening> opening_;  // Those who came before the document, or its identity, was there.
  size_t opening_bytes_ = 0;
  PresenceTable presence_;
  SharedMessages shared_;
  std::map<uint64_t, OtText> texts_;  // By number, and so by revision.
  uint64_t next_text_ = 1;

  size_t calls_ = 0;                 // Not answered.
  bool has_failed_ = false;          // Since then, only the answer to Load counts.
  uint64_t retry_at_ms_ = 0;         // When to load again.
  std::deque<Appending> appending_;  // On its way.
  size_t pending_bytes_ = 0;
  uint64_t position_ = 0;      // In the log.
  size_t appended_bytes_ = 0;  // Since the last snapshot.
  size_t snapshot_bytes_ = 0;
  bool is_compacting_ = false;
  size_t failed_snapshots_ = 0;  // Since one was made.

  std::optional<Restoring> restoring_;    // While state_ is kLoading.
  std::optional<Compacting> compacting_;  // While is_compacting_.
  bool is_preparing_ = false;             // A document for uploads is being built.
  std::deque<Early> early_;               // Those that wait for it, in order.
  uint64_t uploaded_at_ms_ = 0;           // The last time.
  size_t early_bytes_ = 0;
  bool may_have_ready_ = false;   // Of what came too early, some may be there to be taken.
  std::set<SessionId> dropped_;   // Who uploaded something too early that found no room.
  bool may_ask_dropped_ = false;  // There is room, or what it lacked, since they were asked last.

  std::vector<Upload> fresh_;  // Those that are durable, and nobody was told of; no long ones.
  size_t fresh_bytes_ = 0;

  HubOutput output_;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_HUB_H_
