#include "simulation/trace/trace_error.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "document/error.h"
#include "simulation/trace/trace.h"

namespace cotext {
namespace {

Trace OnePatch(const TracePatch& patch) {
  Trace trace("t.json", Trace::Kind::kSequential, 1);
  trace.AddTransaction(0, {});
  trace.AddPatch({.inserted = "äb"});
  trace.AddPatch(patch);
  return trace;
}

TEST(TraceErrorTest, PatchesInRangeGiveTheLengthAfterThem) {
  EXPECT_EQ(CheckPatches(OnePatch({.position = 2, .inserted = "é"}), 0, 0).value(), 3U);
  EXPECT_EQ(CheckPatches(OnePatch({.position = 0, .deleted = 2}), 0, 0).value(), 0U);
  EXPECT_EQ(CheckPatches(OnePatch({.position = 1, .deleted = 6}), 0, 5).value(), 1U);
}

TEST(TraceErrorTest, PatchesOutOfRangeAreNamed) {
  const auto message = [](const TracePatch& patch) {
    const auto length = CheckPatches(OnePatch(patch), 0, 0);
    return length ? std::string("in range") : length.error().message;
  };
  const std::string place = "t.json: transaction 0: patch 1: ";
  const std::string range = " is out of range of a text of 2 code points";
  EXPECT_EQ(message({.position = 3}), place + "position 3" + range);
  EXPECT_EQ(message({.position = 2, .deleted = 1}), place + "position 2 plus 1 deleted" + range);
  EXPECT_EQ(message({.position = 0, .deleted = 3}), place + "position 0 plus 3 deleted" + range);
  EXPECT_EQ(message({.position = UINT32_MAX, .deleted = UINT32_MAX}),
            place + "position 4294967295 plus 4294967295 deleted" + range);
}

TEST(TraceErrorTest, AStartContentIsNotCounted) {
  Trace trace = OnePatch({});
  trace.AddTransaction(0, {});
  trace.set_has_start_content();
  EXPECT_EQ(TransactionError(trace, 0, "x").message, "t.json: startContent: x");
  EXPECT_EQ(TransactionError(trace, 1, "x").message, "t.json: transaction 0: x");
}

TEST(TraceErrorTest, AnEnginesErrorKeepsItsCode) {
  const Error error = EngineError(OnePatch({}), 0, Error{ErrorCode::kTooLarge, "no room"});
  EXPECT_EQ(ErrorName(error.code), "too_large");
  EXPECT_EQ(error.message, "t.json: transaction 0: no room");
}

}  // namespace
}  // namespace cotext
