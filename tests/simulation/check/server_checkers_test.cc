// The checkers of what only servers promise see their violations, made by hand.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "document/error.h"
#include "simulation/check/check_handed_back.h"
#include "simulation/check/check_hostile.h"
#include "simulation/check/violation.h"

namespace cotext {
namespace {

std::string Join(const std::vector<Violation>& violations) {
  std::string joined;
  for (const Violation& violation : violations) {
    joined += violation.promise + ": " + violation.what + "\n";
  }
  return joined;
}

TEST(CheckHandedBackTest, SeesWhatDoesNotComeBackAndWhatIsSomebodyElses) {
  HandedBackEdits edits{.at_us = 5, .node = 2, .edits = 1, .inserted = {7, 8}, .returned = {7, 8}};
  EXPECT_EQ(Join(CheckHandedBack({{edits}})), "");
  edits.returned = {7, 9};
  EXPECT_EQ(Join(CheckHandedBack({{edits}})),
            "handed back: at 5 us node 2 was not given back character 8\n"
            "handed back: at 5 us node 2 was given back character 9, which is not in its edits\n");
}

TEST(CheckHostileTest, SeesASessionThatGoesOnAndOneThatEndsForNoReason) {
  HostileAct act{.at_us = 5,
                 .node = 3,
                 .what = "a forged identity",
                 .codes = {ErrorCode::kForgedIdentity},
                 .has_come = true,
                 .ended = ErrorCode::kForgedIdentity};
  EXPECT_EQ(Join(CheckHostile({{act}})), "");
  act.ended = ErrorCode::kIo;
  EXPECT_EQ(Join(CheckHostile({{act}})),
            "hostile: at 5 us a forged identity by node 3 ended its session with io\n");
  act.ended.reset();
  EXPECT_EQ(Join(CheckHostile({{act}})),
            "hostile: at 5 us a forged identity by node 3 did not end its session\n");
  act.may_go_on = true;
  EXPECT_EQ(Join(CheckHostile({{act}})), "");
  act.may_go_on = false;
  act.has_come = false;
  EXPECT_EQ(Join(CheckHostile({{act}})), "");
  HostileAct harmless{.what = "a gap", .has_come = true, .ended = ErrorCode::kBadMessage};
  EXPECT_EQ(CheckHostile({{harmless}}).size(), 1U);
  harmless.ended.reset();
  EXPECT_EQ(Join(CheckHostile({{harmless}})), "");
}

}  // namespace
}  // namespace cotext
