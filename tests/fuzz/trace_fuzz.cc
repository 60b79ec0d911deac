// Text as an editing trace, unpacked: read, written, read.
#include <string>
#include <string_view>

#include "document/check.h"
#include "document/error.h"
#include "simulation/trace/trace.h"
#include "simulation/trace/trace_reader.h"
#include "simulation/trace/trace_writer.h"
#include "tests/fuzz/fuzz_target.h"

namespace cotext {

bool TryInput(std::string_view input) noexcept {
  const Expected<Trace> trace = ParseTrace(std::string(input), "input");
  if (!trace) return false;
  const std::string written = SerializeTrace(*trace);
  const Expected<Trace> again = ParseTrace(written, "input");
  COTEXT_CHECK(again.has_value());
  COTEXT_CHECK(again->kind() == trace->kind());
  COTEXT_CHECK(again->transaction_count() == trace->transaction_count());
  COTEXT_CHECK(again->end_content() == trace->end_content());
  COTEXT_CHECK(SerializeTrace(*again) == written);
  return true;
}

}  // namespace cotext
