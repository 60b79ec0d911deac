#include "bindings/c/status.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace cotext::c {
namespace {

constexpr size_t kMessageBytesMax = 256;

// A plain array: nothing is allocated for it, and nothing destroyed when a thread ends.
thread_local std::array<char, kMessageBytesMax> last_error{};

std::string_view NameOf(cotext_status status) {
  switch (status) {
    case COTEXT_OK: return "ok";
    case COTEXT_INVALID_ARGUMENT: return "invalid_argument";
    case COTEXT_OUT_OF_MEMORY: return "out_of_memory";
    case COTEXT_BUSY: return "busy";
    case COTEXT_NO_SUCH: return "no_such";
    default: break;
  }
  if (status < 0 || status > UINT8_MAX) return "unknown";
  return ErrorName(static_cast<ErrorCode>(status));
}

}  // namespace

cotext_status Fail(cotext_status status, std::string_view message) {
  size_t size = std::min(message.size(), kMessageBytesMax - 1);
  // Not inside a character.
  while (size < message.size() && size > 0 &&
         (static_cast<uint8_t>(message[size]) & 0xc0U) == 0x80U)
    --size;
  std::copy_n(message.data(), size, last_error.data());
  last_error[size] = '\0';
  return status;
}

cotext_status Fail(const Error& error) {
  return Fail(static_cast<cotext_status>(error.code), error.message);
}

ErrorCode CodeOf(cotext_status status) {
  return status > 0 && NameOf(status) != "unknown" ? static_cast<ErrorCode>(status)
                                                   : ErrorCode::kIo;
}

}  // namespace cotext::c

extern "C" {

uint32_t cotext_abi_version(void) { return COTEXT_ABI_VERSION; }

// Names are literals, which end with a zero byte.
const char* cotext_status_name(cotext_status status) { return cotext::c::NameOf(status).data(); }

const char* cotext_last_error(void) { return cotext::c::last_error.data(); }

}  // extern "C"
