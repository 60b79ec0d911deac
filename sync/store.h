// Where the logs of documents are kept, as the server sees it.
//
// A document is a log of records. Append adds some, all or none; the store gives them their
// positions, from 1 upwards, and with them the order that counts (OT: that of the submissions).
// Compact puts others in place of all up to a position: a snapshot, which says the same.
//
// Nothing waits: each call has a ticket, answered once, those of one document in the order in which
// they were asked. An answer without an error means that it survives a crash and loss of power.
//
// An error of Append or Compact leaves open whether it happened. What was asked of that document
// before the error was taken fails too, so that nothing is kept behind a gap; Load tells what there
// is, and is what comes next. Only where Compact finds no room (IsRoomMissing) it did not happen,
// and nothing else fails for it.
//
// Implementations: memory_store.h here, SQLite in storage/. They run in the thread of whoever calls
// them, or hand the work on; TakeAnswers is called by that thread.
#ifndef COTEXT_SYNC_STORE_H_
#define COTEXT_SYNC_STORE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"

namespace cotext::sync {

// Numbers are kept in stores: never renumbered or reused.
enum class RecordKind : uint8_t {
  kIdentity = 1,    // The engine, one byte, and the DocumentId, 16.
  kWriter = 2,      // Whose a writer's id is: LEB128, then the user's name.
  kUpdate = 3,      // RGA: an update.
  kSubmission = 4,  // OT: client, seq and base in LEB128, then the operation.
  kTruncation = 5,  // OT: no commit before this revision, LEB128, is kept.
  kOtState = 6,     // OT: a server snapshot.
  kBase = 7,        // RGA, before all updates: a document file of what was left by trimming.
};

struct Record {
  RecordKind kind = RecordKind::kUpdate;
  std::string bytes;

  friend bool operator==(const Record&, const Record&) = default;
};

struct StoredLog {
  std::vector<Record> snapshot;  // Stands for the records up to snapshot_position.
  uint64_t snapshot_position = 0;
  std::vector<Record> tail;  // Those behind it.

  uint64_t position() const { return snapshot_position + tail.size(); }
};

using Ticket = uint64_t;

struct StoreAnswer {
  Ticket ticket = 0;
  // Of Append: the position of the last record it added. Of Load: that of the last there is. Of
  // Compact: that up to which it did.
  Expected<uint64_t> position = 0;
  StoredLog log = {};  // Of Load.
};

// Whether an error of Compact says that there was no room for the snapshot.
inline bool IsRoomMissing(const Error& error) { return error.code == ErrorCode::kDiskFull; }

class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  // A document that was never written to has an empty log.
  virtual void Load(std::string_view document, Ticket ticket) = 0;
  virtual void Append(std::string_view document, Ticket ticket, std::vector<Record> records) = 0;
  // REQUIRES: up_to is a position that an answer gave.
  virtual void Compact(std::string_view document, Ticket ticket, uint64_t up_to,
                       std::vector<Record> snapshot) = 0;

  // Returns the answers that there are since it was asked last.
  virtual std::vector<StoreAnswer> TakeAnswers() = 0;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_STORE_H_
