// How HTTP tells what went wrong: a status, and a body with a stable code for programs and a line
// for people:
//
//     {"error":{"code":"rate_limited","message":"...","retry_after_ms":1500}}
//
// Codes are those of document/error.h, and some that only HTTP has, below.
#ifndef COTEXT_NET_HTTP_HTTP_ERROR_H_
#define COTEXT_NET_HTTP_HTTP_ERROR_H_

#include <cstdint>
#include <string>

#include "document/error.h"

namespace cotext::net {

struct HttpError {
  int status = 400;
  std::string code = {};
  std::string message = {};     // One line.
  uint64_t retry_after_ms = 0;  // 0: trying again does not help.
};

// Returns the status by which an error is answered.
int StatusOf(ErrorCode code);

HttpError ToHttpError(const Error& error, uint64_t retry_after_ms = 0);

// 405: what is there takes other methods.
HttpError MethodNotAllowed();
// 412: what is there is not what a condition of the request names.
HttpError PreconditionFailed();
// 409: frames came, and some before them did not. `received` is the last that did.
HttpError FrameGap(uint64_t received);
// 410: a long-polled connection that has ended, or never was.
HttpError ConnectionGone();

// Returns the body. Bytes that are not UTF-8 are replaced.
std::string ErrorBody(const HttpError& error);

// Returns the value of Retry-After: whole seconds, rounded up; empty if there is none.
std::string RetryAfterHeader(const HttpError& error);

}  // namespace cotext::net

#endif  // COTEXT_NET_HTTP_HTTP_ERROR_H_
