// Bytes as calls of the C interface: which functions, with which arguments.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "bindings/c/cotext.h"
#include "tests/bindings/c/call_machine.h"
#include "tests/fuzz/fuzz_target.h"

namespace cotext {

bool TryInput(std::string_view input) noexcept {
  size_t at = 0;
  // As many bytes as a bound needs; past the end, zeros.
  const auto choose = [&](uint64_t bound) {
    uint64_t number = 0;
    for (uint64_t range = 1; range < bound && at <= input.size(); range <<= 8U, ++at) {
      number = number << 8U | (at < input.size() ? static_cast<uint8_t>(input[at]) : 0U);
    }
    return number % bound;
  };
  c::CallMachine machine(choose);
  bool has_succeeded = false;
  while (at < input.size()) has_succeeded |= machine.Step() == COTEXT_OK;
  machine.CheckDocuments();
  return has_succeeded;
}

}  // namespace cotext
