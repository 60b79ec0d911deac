// No argument ends the program: every function that cotext.h includes, called with all that should
// not be.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "bindings/c/cotext.h"
#include "document/random.h"
#include "tests/bindings/c/call_machine.h"
#include "tests/bindings/c/header_text.h"
#include "tests/support/for_each_seed.h"

namespace cotext::c {
namespace {

TEST(CArgumentsTest, TheTableHasEveryFunction) {
  std::set<std::string> in_table;
  for (const CallMachine::Function& function : CallMachine::Functions()) {
    in_table.emplace(function.name);
  }
  std::set<std::string> declared = FunctionsOf("cotext_document.h");
  declared.merge(FunctionsOf("cotext_session.h"));
  EXPECT_EQ(in_table, declared);
}

TEST(CArgumentsTest, NullIsRefusedEverywhere) {
  // They have nothing to refuse, or free what is not there.
  const std::set<std::string_view> cannot_fail = {"cotext_abi_version",   "cotext_buffer_free",
                                                  "cotext_document_free", "cotext_last_error",
                                                  "cotext_session_free",  "cotext_status_name"};
  CallMachine machine([](uint64_t) { return uint64_t{0}; });
  for (const CallMachine::Function& function : CallMachine::Functions()) {
    const cotext_status status = machine.CallWithNothing(function);
    EXPECT_EQ(status == COTEXT_OK, cannot_fail.contains(function.name)) << function.name;
    if (status != COTEXT_OK) EXPECT_EQ(status, COTEXT_INVALID_ARGUMENT) << function.name;
  }
}

TEST(CArgumentsTest, AnyArgumentsAreAnsweredByAStatus) {
  constexpr uint64_t kRuns = 200;
  constexpr int kSteps = 3'000;
  std::set<cotext_status> seen;
  ForEachSeed(kRuns, [&seen](Random& random) {
    CallMachine machine([&random](uint64_t bound) { return random.Below(bound); });
    for (int i = 0; i < kSteps; ++i) machine.Step();
    seen.insert(machine.seen().begin(), machine.seen().end());
    machine.CheckDocuments();
  });
  // The calls go deep enough to be refused for their content, and some succeed.
  for (const cotext_status status : {COTEXT_OK,
                                     COTEXT_INVALID_ARGUMENT,
                                     COTEXT_BUSY,
                                     COTEXT_NO_SUCH,
                                     COTEXT_INVALID_UTF8,
                                     COTEXT_OUT_OF_RANGE,
                                     COTEXT_INSIDE_CHARACTER,
                                     COTEXT_TOO_LARGE,
                                     COTEXT_INVALID_DELTA,
                                     COTEXT_DELTA_MISMATCH,
                                     COTEXT_TRANSACTION_OPEN,
                                     COTEXT_REENTRANT_EDIT,
                                     COTEXT_INVALID_ANCHOR,
                                     COTEXT_INVALID_VERSION,
                                     COTEXT_UNSUPPORTED,
                                     COTEXT_UNKNOWN_VERSION,
                                     COTEXT_MALFORMED_UPDATE,
                                     COTEXT_MALFORMED_FILE,
                                     COTEXT_INVALID_UNDO,
                                     COTEXT_INVALID_ID}) {
    EXPECT_TRUE(seen.contains(status)) << cotext_status_name(status);
  }
}

}  // namespace
}  // namespace cotext::c
