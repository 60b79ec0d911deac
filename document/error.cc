#include "document/error.h"

namespace cotext {

std::string_view ErrorName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidUtf8: return "invalid_utf8";
    case ErrorCode::kOutOfRange: return "out_of_range";
    case ErrorCode::kInsideCharacter: return "inside_character";
    case ErrorCode::kTooLarge: return "too_large";
    case ErrorCode::kInvalidDelta: return "invalid_delta";
    case ErrorCode::kDeltaMismatch: return "delta_mismatch";
    case ErrorCode::kTransactionOpen: return "transaction_open";
    case ErrorCode::kReentrantEdit: return "reentrant_edit";
    case ErrorCode::kInvalidAnchor: return "invalid_anchor";
    case ErrorCode::kUnknownAnchor: return "unknown_anchor";
    case ErrorCode::kInvalidVersion: return "invalid_version";
    case ErrorCode::kUnsupported: return "unsupported";
    case ErrorCode::kWrongEngine: return "wrong_engine";
    case ErrorCode::kDocumentReplaced: return "document_replaced";
    case ErrorCode::kUnknownVersion: return "unknown_version";
    case ErrorCode::kHistoryTrimmed: return "history_trimmed";
    case ErrorCode::kNotCritical: return "not_critical";
    case ErrorCode::kInvalidId: return "invalid_id";
    case ErrorCode::kInvalidChange: return "invalid_change";
    case ErrorCode::kMissingDependency: return "missing_dependency";
    case ErrorCode::kIncompleteParents: return "incomplete_parents";
    case ErrorCode::kWrongCounter: return "wrong_counter";
    case ErrorCode::kUnknownOrigin: return "unknown_origin";
    case ErrorCode::kOriginNotSmaller: return "origin_not_smaller";
    case ErrorCode::kUnknownTarget: return "unknown_target";
    case ErrorCode::kReplicaConflict: return "replica_conflict";
    case ErrorCode::kMalformedUpdate: return "malformed_update";
    case ErrorCode::kMalformedFile: return "malformed_file";
    case ErrorCode::kInvalidUndo: return "invalid_undo";
    case ErrorCode::kInvalidTrace: return "invalid_trace";
    case ErrorCode::kIo: return "io";
    case ErrorCode::kFileInUse: return "file_in_use";
    case ErrorCode::kFileChanged: return "file_changed";
    case ErrorCode::kDiskFull: return "disk_full";
    case ErrorCode::kReadOnly: return "read_only";
    case ErrorCode::kCannotListen: return "cannot_listen";
    case ErrorCode::kTooOld: return "too_old";
    case ErrorCode::kUnknownRevision: return "unknown_revision";
    case ErrorCode::kSequenceGap: return "sequence_gap";
    case ErrorCode::kSuperseded: return "superseded";
    case ErrorCode::kTooManyClients: return "too_many_clients";
    case ErrorCode::kDiverged: return "diverged";
    case ErrorCode::kUnexpectedAnswer: return "unexpected_answer";
    case ErrorCode::kMalformedState: return "malformed_state";
    case ErrorCode::kClientStopped: return "client_stopped";
    case ErrorCode::kClientForgotten: return "client_forgotten";
    case ErrorCode::kBadMessage: return "bad_message";
    case ErrorCode::kUnsupportedProtocol: return "unsupported_protocol";
    case ErrorCode::kUnknownChannel: return "unknown_channel";
    case ErrorCode::kForbidden: return "forbidden";
    case ErrorCode::kForgedIdentity: return "forged_identity";
    case ErrorCode::kUnknownSession: return "unknown_session";
    case ErrorCode::kTooSlow: return "too_slow";
    case ErrorCode::kTooManyDocuments: return "too_many_documents";
    case ErrorCode::kTooManySessions: return "too_many_sessions";
    case ErrorCode::kStorageFailed: return "storage_failed";
    case ErrorCode::kTimedOut: return "timed_out";
    case ErrorCode::kShuttingDown: return "shutting_down";
    case ErrorCode::kUnauthenticated: return "unauthenticated";
    case ErrorCode::kRateLimited: return "rate_limited";
    case ErrorCode::kNotFound: return "not_found";
    case ErrorCode::kBadRequest: return "bad_request";
  }
  return "unknown";
}

}  // namespace cotext
