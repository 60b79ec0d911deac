// Bytes as the frames of a long-polled connection.
#include <string>
#include <string_view>

#include "document/check.h"
#include "document/error.h"
#include "net/base/poll_frames.h"
#include "tests/fuzz/fuzz_target.h"

namespace cotext {

bool TryInput(std::string_view input) noexcept {
  const auto frames = net::ReadFrames(input);
  if (!frames) return false;
  std::string again;
  for (const std::string_view frame : *frames) net::AppendFrame(again, frame);
  COTEXT_CHECK(again == input);
  return true;
}

}  // namespace cotext
