// One user's hand in one document, for edits that come over HTTP: an ordinary client in the
// server's process, under his name and with his rights, that makes one edit after the other.
//
//     Write -> waits for the text -> edit, past what has happened since its base -> durable -> done
//
// The document is a copy of what readers share (document_readers.h), so that nothing is loaded
// twice. One that is not there yet is made, if he may.
//
// Once it has failed every edit fails; make another. For the driver's thread.
#ifndef COTEXT_NET_ENDPOINTS_EDIT_WRITER_H_
#define COTEXT_NET_ENDPOINTS_EDIT_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "document/delta.h"
#include "document/document_id.h"
#include "document/error.h"
#include "net/base/schedule.h"
#include "net/driver/document_readers.h"
#include "net/driver/in_process_connection.h"
#include "net/driver/server_driver.h"
#include "net/endpoints/edit_request.h"
#include "ot/ot_replica.h"
#include "sync/client_event.h"
#include "sync/grants.h"

namespace cotext::net {

struct EditOutcome {
  std::string version;  // Has the edit.
  // It was not made: it was to be made of another version.
  bool is_mismatch = false;
  // What leads there from the edit's base, in Quill's form and the edit's unit; if it had a base.
  std::optional<std::string> ops = {};
};

// A replica that nobody writes under now, and how far it came.
struct FormerReplica {
  ReplicaId replica;
  uint64_t counter = 0;
};

class EditWriter final : public ReaderListener {
 public:
  static constexpr size_t kWaitingMax = 64;

  using Done = std::function<void(Expected<EditOutcome>)>;

  struct Options {
    sync::Identity identity;
    std::string document;
    std::function<uint64_t()> random;
    // Of this user and document: it is gone on with if all that it wrote is there.
    std::optional<FormerReplica> former;
  };

  EditWriter(ServerDriver& driver, Schedule& schedule, DocumentReaders& readers, Options options);
  ~EditWriter() override;

  // `done` is called once, maybe at once, unless it is withdrawn. `job`: the caller's name for it.
  // An edit with a condition is made if the version that is there meets it, as far as readers and
  // this know it: what others write in that moment is merged as ever.
  // Errors: kTooSlow, too many wait; those of EditOf and of DocumentReader's versions;
  // kDeltaMismatch; those that the server sends; kStorageFailed.
  void Write(uint64_t job, EditRequest edit, Done done);
  // Gives up an edit that was not begun; returns whether that was so.
  bool Withdraw(uint64_t job);

  bool has_failed() const { return error_.has_value(); }
  bool is_idle() const { return !making_ && waiting_.empty(); }
  // What others may go on with; nothing if something is on its way, or it is OT.
  std::optional<FormerReplica> Retire() const;

  void OnReady() override;
  void OnFailed(const Error& error) override;

 private:
  struct Job {
    uint64_t number = 0;
    EditRequest edit;
    Done done;
    Delta since;                      // From its base to the text that it was made of.
    std::string base_text;            // If it is needed.
    std::vector<Delta> changes = {};  // Its own, and others' until it is durable.
  };

  void Begin();
  void OpenRga(const RgaDocument* copied);
  void OpenOt(const OtReplica* copied);
  void OnTurn(const std::vector<sync::ClientEvent>& events);
  void Advance();
  bool IsInStep(const EditRequest& edit) const;
  bool IsWanted(const EditRequest& edit) const;
  Expected<void> Make(Job& job);
  Expected<void> FindBase(Job& job) const;
  Expected<void> FindRgaBase(Job& job, bool needs_text) const;
  Expected<void> FindOtBase(Job& job, bool needs_text) const;
  Expected<EditOutcome> Outcome(const Job& job) const;
  void Fail(const Error& error);
  Document& document() { return rga_ ? static_cast<Document&>(*rga_) : ot_->document(); }
  const Document& document() const {
    return rga_ ? static_cast<const Document&>(*rga_) : ot_->document();
  }
  std::string Version() const;

  ServerDriver* driver_;
  Schedule* schedule_;
  DocumentReaders* readers_;
  Options options_;
  ReaderLease lease_;
  std::optional<Error> error_;

  std::unique_ptr<RgaDocument> rga_;
  std::unique_ptr<OtReplica> ot_;
  std::unique_ptr<InProcessConnection> connection_;  // Goes before the documents.
  sync::DocumentKey key_ = 0;
  DocumentId id_ = {};  // Known once it is open.

  std::deque<Job> waiting_;
  std::optional<Job> making_;
  Schedule::TaskId again_ = 0;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_ENDPOINTS_EDIT_WRITER_H_
