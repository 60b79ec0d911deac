#include "simulation/trace/naive_rga.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"
#include "simulation/trace/trace.h"
#include "tests/simulation/parse_trace.h"

namespace cotext {
namespace {

using Order = NaiveRga::Order;

// Makes histories by hand, one transaction a line.
class History {
 public:
  explicit History(Order order = Order::kRga) : rga_(4, order) {}

  // Returns the index of the new transaction.
  uint32_t Insert(uint32_t agent, const std::vector<uint32_t>& parents, uint32_t position,
                  std::string_view text) {
    return Edit(agent, parents, {.position = position, .inserted = text});
  }
  uint32_t Edit(uint32_t agent, const std::vector<uint32_t>& parents, TracePatch patch) {
    rga_.Apply(agent, rga_.Checkout(parents), std::vector{patch});
    return static_cast<uint32_t>(rga_.transaction_count() - 1);
  }

  std::string TextAt(const std::vector<uint32_t>& transactions) const {
    return rga_.TextOf(rga_.Checkout(transactions));
  }
  std::string Text() const { return rga_.TextOf(rga_.CheckoutAll()); }
  NaiveRga& rga() { return rga_; }

 private:
  NaiveRga rga_;
};

TEST(NaiveRgaTest, EditsOfOneAgentAreThoseOfAString) {
  History history;
  history.Insert(0, {}, 0, "hällo");
  history.Edit(0, {0}, {.position = 1, .deleted = 1, .inserted = "e"});
  history.Insert(0, {1}, 5, "\U0001f600");
  EXPECT_EQ(history.Text(), "hello\U0001f600");
  EXPECT_EQ(history.TextAt({0}), "hällo");
  EXPECT_EQ(history.TextAt({1}), "hello");
  EXPECT_EQ(history.TextAt({}), "");
}

TEST(NaiveRgaTest, OfConcurrentInsertsAtOnePlaceTheGreaterIdComesFirst) {
  History history;
  history.Insert(0, {}, 0, "aaa");
  history.Insert(1, {}, 0, "b");
  history.Insert(2, {}, 0, "c");
  // Counters 1 each: replicas decide. "aa" and "aaa" stay behind their origin.
  EXPECT_EQ(history.Text(), "cbaaa");
  // Agent 0 has counter 3 behind it, agent 2 only 1, so agent 0's goes first here.
  history.Insert(0, {0}, 0, "x");
  history.Insert(2, {2}, 0, "y");
  EXPECT_EQ(history.Text(), "xycbaaa");
  EXPECT_EQ(history.TextAt({0, 2}), "caaa");
}

TEST(NaiveRgaTest, RunsInsertedConcurrentlyDoNotInterleave) {
  History history;
  history.Insert(0, {}, 0, "[]");
  history.Insert(1, {0}, 1, "abc");
  history.Insert(2, {0}, 1, "xyz");
  EXPECT_EQ(history.Text(), "[xyzabc]");
}

TEST(NaiveRgaTest, DeletesTakeCountersAndTakeThemFirst) {
  History history;
  history.Insert(0, {}, 0, "abc");                                         // Counters 1 to 3.
  history.Edit(1, {0}, {.position = 1, .deleted = 2, .inserted = "x"});    // x is 6.
  history.Edit(2, {0}, {.position = 1, .deleted = 0, .inserted = "yyz"});  // y is 4, z is 6.
  EXPECT_EQ(history.rga().Checkout(std::vector<uint32_t>{1}).version()[1], 6U);
  // The first y is 4 and goes behind x, though its agent is the greater one.
  EXPECT_EQ(history.Text(), "axyyz");
}

TEST(NaiveRgaTest, DeletingTwiceIsDeletingOnce) {
  History history;
  history.Insert(0, {}, 0, "abcd");
  history.Edit(1, {0}, {.position = 1, .deleted = 2});
  history.Edit(2, {0}, {.position = 2, .deleted = 2});
  EXPECT_EQ(history.TextAt({1}), "ad");
  EXPECT_EQ(history.TextAt({2}), "ab");
  EXPECT_EQ(history.Text(), "a");
}

TEST(NaiveRgaTest, TextGoesRightBehindItsLeftNeighbourBeforeTheTombstones) {
  History history;
  history.Insert(0, {}, 0, "abc");
  history.Edit(0, {0}, {.position = 1, .deleted = 1});
  history.Insert(1, {1}, 1, "x");  // Greater than b's tombstone.
  history.Insert(2, {0}, 2, "y");  // Behind b, which it still sees.
  EXPECT_EQ(history.Text(), "axyc");
}

TEST(NaiveRgaTest, ReportsPatchesOutOfRangeAndChangesNothing) {
  const Trace trace =
      ParseConcurrentTrace(1, R"({"parents":[],"agent":0,"patches":[[0,0,"ab"]]},)"
                              R"({"parents":[0],"agent":0,"patches":[[0,1,""],[0,2,""]]})");
  NaiveRga rga(1);
  ASSERT_TRUE(rga.Apply(trace));
  const auto failed = rga.Apply(trace);
  ASSERT_FALSE(failed);
  EXPECT_EQ(
      failed.error().message,
      "test.json: transaction 1: patch 1: position 0 plus 2 deleted is out of range of a text "
      "of 1 code points");
  EXPECT_EQ(rga.transaction_count(), 1U);
  EXPECT_EQ(rga.TextOf(rga.CheckoutAll()), "ab");
}

TEST(NaiveRgaTest, InAgentOrderTheLowerAgentComesFirst) {
  History history(Order::kAgentAscending);
  history.Insert(2, {}, 0, "ccc");
  history.Insert(0, {}, 0, "aaa");
  history.Insert(1, {}, 0, "bbb");
  EXPECT_EQ(history.Text(), "aaabbbccc");
}

TEST(NaiveRgaTest, InAgentOrderPrependedRunsDoNotInterleave) {
  History history(Order::kAgentAscending);
  // Each writes backwards: left origins are all the beginning, right origins tell them apart.
  uint32_t a = history.Insert(0, {}, 0, "3");
  a = history.Insert(0, {a}, 0, "2");
  history.Insert(0, {a}, 0, "1");
  uint32_t b = history.Insert(1, {}, 0, "c");
  b = history.Insert(1, {b}, 0, "b");
  history.Insert(1, {b}, 0, "a");
  EXPECT_EQ(history.Text(), "123abc");
}

TEST(NaiveRgaTest, InAgentOrderTheResultDoesNotDependOnTheOrderOfIntegration) {
  // The same three concurrent edits of "[]", in every order.
  std::vector<uint32_t> agents = {0, 1, 2};
  std::string first;
  do {
    History history(Order::kAgentAscending);
    history.Insert(3, {}, 0, "[]");
    for (const uint32_t agent : agents) {
      const uint32_t inner =
          history.Insert(agent, {0}, 1, std::string(2, static_cast<char>('a' + agent)));
      history.Insert(agent, {inner}, 1 + agent % 2, std::string(1, static_cast<char>('A' + agent)));
    }
    if (first.empty()) first = history.Text();
    EXPECT_EQ(history.Text(), first);
  } while (std::ranges::next_permutation(agents).found);
  EXPECT_EQ(first, "[AaabBbCcc]");
}

}  // namespace
}  // namespace cotext
