// The one error type: a stable code for programs and one clear line for people.
//
// Every function that takes data from outside returns Expected<T>; a call that returns an error has
// changed nothing, unless it says otherwise (a merge of several changes keeps those before the one
// refused). Codes are never renumbered or reused, and their names go over the wire.
#ifndef COTEXT_DOCUMENT_ERROR_H_
#define COTEXT_DOCUMENT_ERROR_H_

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace cotext {

enum class ErrorCode : uint8_t {
  // Text and offsets.
  kInvalidUtf8 = 1,  // Bytes that are not strict UTF-8.
  kOutOfRange = 2,   // An offset or length past the end of the document.
  kInsideCharacter =
      3,          // A byte offset inside a character, or a UTF-16 one inside a surrogate pair.
  kTooLarge = 4,  // A limit on size was reached.
  // Deltas.
  kInvalidDelta = 5,   // Not in normal form, or not JSON of the expected shape.
  kDeltaMismatch = 6,  // Longer than the document, or its deleted text differs from the document's.
  // Documents.
  kTransactionOpen = 7,    // The call cannot be made inside a transaction.
  kReentrantEdit = 8,      // A listener tried to change the document that is notifying it.
  kInvalidAnchor = 9,      // Bytes that are not an anchor.
  kUnknownAnchor = 10,     // An anchor on an element that this replica has not seen.
  kInvalidVersion = 11,    // Bytes that are not a version.
  kUnsupported = 12,       // The engine of this document cannot do that.
  kWrongEngine = 13,       // The peer's document uses the other engine.
  kDocumentReplaced = 14,  // The peer's document of that name is another document.
  kUnknownVersion = 15,    // Operations this replica has not seen, or some without their past.
  kHistoryTrimmed = 16,    // What is asked for, or came, is from before what was trimmed.
  kNotCritical = 17,       // A version that some operation is neither in nor after all of.
  // Operations from other replicas.
  kInvalidId = 20,          // A replica or counter out of its range.
  kInvalidChange = 21,      // A change of impossible shape: no operations, an empty run, ...
  kMissingDependency = 22,  // A parent is not here yet; the change may be retried once it is.
  kIncompleteParents = 23,  // Parents that are no frontier, or miss the replica's previous change.
  kWrongCounter = 24,       // The first counter is not 1 + the greatest among the parents.
  kUnknownOrigin = 25,      // An insert's origin is not an element of the document.
  kOriginNotSmaller = 26,   // An insert's origin has no smaller id than the insert.
  kUnknownTarget = 27,      // A delete's target is not an element of the document.
  kReplicaConflict = 28,    // A known id with other content: two writers share a replica.
  kMalformedUpdate = 29,    // Bytes that are not an update.
  kMalformedFile = 30,      // Bytes that are not a stored document, or damaged ones.
  kInvalidUndo = 32,        // Bytes that are not steps of undo of this document and user.
  // Tools.
  kInvalidTrace = 40,  // An editing trace that breaks the format or its own rules.
  kIo = 41,            // A file that cannot be read or written.
  kFileInUse = 42,     // A file that another program, or another part of this one, is writing to.
  kFileChanged = 43,   // A file that is not as this program left it: changed, replaced or removed.
  kDiskFull = 44,      // There is no room for what is to be written.
  kReadOnly = 45,      // What is to be written to can only be read.
  kCannotListen = 46,  // A port that is taken, or an address that this machine does not have.
  // Submissions of OT clients, and what servers answer.
  kTooOld = 50,            // A revision before the horizon: its history is dropped.
  kUnknownRevision = 51,   // A revision that is not there yet.
  kSequenceGap = 52,       // A submission came, and one before it did not.
  kSuperseded = 53,        // A submission that was decided, and a later one after it.
  kTooManyClients = 54,    // A snapshot remembers more clients than the document may.
  kDiverged = 55,          // Client and server do not have the same text, or the same history.
  kUnexpectedAnswer = 56,  // An answer to what was never sent.
  kMalformedState = 57,    // The saved state of a client or server contradicts itself.
  kClientStopped = 58,     // The client has given up and takes no more input.
  kClientForgotten = 59,   // It cannot be told any more what became of a submission.
  // Sessions. What each ends is said by the message that brings it: the session, a document, the
  // opening of one, or nothing, and then it is tried again (docs/PROTOCOL.md §8).
  kBadMessage = 60,           // Bytes that are no message, or one out of range or out of turn.
  kUnsupportedProtocol = 61,  // No version of the protocol that both ends speak.
  kUnknownChannel = 62,       // A document that this session has not opened.
  kForbidden = 63,            // The session lacks the right.
  kForgedIdentity = 64,       // Edits under an id that is somebody else's.
  kUnknownSession = 65,       // A session that has ended, or never was.
  kTooSlow = 66,              // More waits for a client than a session may hold.
  kTooManyDocuments = 67,     // A session has as many documents open as it may, or a server.
  kTooManySessions = 68,      // A server or document has as many sessions as it may.
  kStorageFailed = 69,        // What was to be kept could not be; it may be sent again.
  kTimedOut = 70,             // Nothing was heard of the other end for too long.
  kShuttingDown = 71,         // The server ends; another one, or the same, will take over.
  kUnauthenticated = 72,      // Nobody says who it is, or what says so does not hold.
  kRateLimited = 73,          // Asked for too much in too little time; it may be tried again.
  kNotFound = 74,             // There is nothing by that name.
  kBadRequest = 75,           // A request over HTTP that means nothing.
};

// Returns the code's stable name in snake_case, such as "invalid_utf8".
std::string_view ErrorName(ErrorCode code);

struct Error {
  ErrorCode code;
  std::string message;  // One line, without the code's name and without a full stop.
};

template <typename T>
using Expected = std::expected<T, Error>;

inline std::unexpected<Error> MakeError(ErrorCode code, std::string message) {
  return std::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace cotext

// Returns the error of `expression` (an Expected) from the current function, if it holds one.
#define COTEXT_RETURN_IF_ERROR(expression)                                                  \
  do {                                                                                      \
    if (auto&& cotext_result = (expression); !cotext_result) {                              \
      return std::unexpected(std::forward<decltype(cotext_result)>(cotext_result).error()); \
    }                                                                                       \
  } while (false)

#endif  // COTEXT_DOCUMENT_ERROR_H_
