#include "net/http/http_error.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace cotext::net {

int StatusOf(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUnauthenticated: return 401;
    case ErrorCode::kForbidden:
    case ErrorCode::kForgedIdentity: return 403;
    case ErrorCode::kNotFound: return 404;
    case ErrorCode::kTimedOut: return 408;
    // What the caller has is not what is here: he reads it again and decides.
    case ErrorCode::kWrongEngine:
    case ErrorCode::kDocumentReplaced:
    case ErrorCode::kUnknownVersion:
    case ErrorCode::kHistoryTrimmed:
    case ErrorCode::kDeltaMismatch:
    case ErrorCode::kReplicaConflict:
    case ErrorCode::kTooOld:
    case ErrorCode::kUnknownRevision:
    case ErrorCode::kSuperseded:
    case ErrorCode::kDiverged: return 409;
    case ErrorCode::kUnknownSession:
    case ErrorCode::kTooSlow: return 410;
    case ErrorCode::kTooLarge: return 413;
    case ErrorCode::kRateLimited: return 429;
    case ErrorCode::kIo:
    case ErrorCode::kMalformedFile:
    case ErrorCode::kMalformedState: return 500;
    case ErrorCode::kUnsupported: return 501;
    case ErrorCode::kTooManyDocuments:
    case ErrorCode::kTooManySessions:
    case ErrorCode::kStorageFailed:
    case ErrorCode::kShuttingDown: return 503;
    case ErrorCode::kDiskFull:
    case ErrorCode::kReadOnly: return 507;
    default: return 400;
  }
}

HttpError ToHttpError(const Error& error, uint64_t retry_after_ms) {
  return {.status = StatusOf(error.code),
          .code = std::string(ErrorName(error.code)),
          .message = error.message,
          .retry_after_ms = retry_after_ms};
}

HttpError MethodNotAllowed() {
  return {.status = 405,
          .code = "method_not_allowed",
          .message = "nothing can be done here with that method"};
}

HttpError PreconditionFailed() {
  return {.status = 412,
          .code = "precondition_failed",
          .message = "what is there is not what If-Match names"};
}

HttpError FrameGap(uint64_t received) {
  return {.status = 409,
          .code = "frame_gap",
          .message = "frames are missing behind number " + std::to_string(received)};
}

HttpError ConnectionGone() {
  return {.status = 410,
          .code = "connection_gone",
          .message = "there is no such connection, or no longer"};
}

std::string ErrorBody(const HttpError& error) {
  nlohmann::ordered_json fields = {{"code", error.code}, {"message", error.message}};
  if (error.retry_after_ms > 0) fields["retry_after_ms"] = error.retry_after_ms;
  const nlohmann::ordered_json body = {{"error", std::move(fields)}};
  return body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string RetryAfterHeader(const HttpError& error) {
  if (error.retry_after_ms == 0) return {};
  return std::to_string((error.retry_after_ms - 1) / 1000 + 1);
}

}  // namespace cotext::net
