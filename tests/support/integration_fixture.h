// A small document with two concurrent authors, for tests that integrate changes made by hand.
//
//   ann  1-3  insert "abc" at the beginning
//   bob  4-5  insert "xy" behind b            parents: 3@ann
//   ann  4    delete a                        parents: 3@ann
//   ann  5    insert "Z" at the beginning
//   cid  1    insert "?" at the beginning     parents: none
//
// The text is "Z?bxyc", the frontier 1@cid, 5@ann, 5@bob.
#ifndef COTEXT_TESTS_SUPPORT_INTEGRATION_FIXTURE_H_
#define COTEXT_TESTS_SUPPORT_INTEGRATION_FIXTURE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crdt/change.h"
#include "crdt/ids.h"
#include "crdt/rga.h"
#include "document/error.h"
#include "tests/support/naive_history.h"
#include "tests/support/rga_testing.h"

namespace cotext {

inline constexpr ReplicaId kAnn{10};
inline constexpr ReplicaId kBob{20};
inline constexpr ReplicaId kCid{30};
inline constexpr ReplicaId kEve{40};  // Not heard of yet.

constexpr OpId Ann(uint64_t counter) { return OpId{.counter = counter, .replica = kAnn}; }
constexpr OpId Bob(uint64_t counter) { return OpId{.counter = counter, .replica = kBob}; }
constexpr OpId Cid(uint64_t counter) { return OpId{.counter = counter, .replica = kCid}; }
constexpr OpId Eve(uint64_t counter) { return OpId{.counter = counter, .replica = kEve}; }

// Builds a change: Change(first, parents).Insert(...).Delete(...).
class Change {
 public:
  Change(OpId first, std::vector<OpId> parents)
      : change_{.replica = first.replica,
                .first_counter = first.counter,
                .parents = std::move(parents),
                .operations = {},
                .text = {}} {}

  // Inserts ASCII, or a text of which the number of characters is given.
  Change& Insert(OpId origin, std::string_view text) {
    return Insert(origin, text, static_cast<uint32_t>(text.size()));
  }
  Change& Insert(OpId origin, std::string_view text, uint32_t length) {
    change_.operations.push_back(Operation{.reference = origin,
                                           .length = length,
                                           .text_bytes = static_cast<uint32_t>(text.size()),
                                           .kind = Operation::Kind::kInsert});
    change_.text += text;
    return *this;
  }
  Change& Delete(OpId first, uint32_t length = 1) { return AddDelete(first, length, false); }
  Change& Backspace(OpId first, uint32_t length = 1) { return AddDelete(first, length, true); }

  LooseChange& loose() { return change_; }
  ChangeView view() const { return change_.view(); }

 private:
  Change& AddDelete(OpId first, uint32_t length, bool backward) {
    change_.operations.push_back(Operation{.reference = first,
                                           .length = length,
                                           .kind = Operation::Kind::kDelete,
                                           .backward = backward});
    return *this;
  }

  LooseChange change_;
};

class IntegrationTest : public testing::Test {
 protected:
  IntegrationTest() : rga_(ReplicaId{50}) {
    Accept(Change(Ann(1), {}).Insert(kRoot, "abc"), "abc");
    Accept(Change(Bob(4), {Ann(3)}).Insert(Ann(2), "xy"), "abxyc");
    Accept(Change(Ann(4), {Ann(3)}).Delete(Ann(1)).Insert(kRoot, "Z"), "Zbxyc");
    Accept(Change(Cid(1), {}).Insert(kRoot, "?"), "Z?bxyc");
  }

  // Integrates a change, which must be accepted, the whole of it or what is missing of it.
  void Accept(const Change& change, std::string_view text) {
    const auto done = rga_.Integrate(change.view(), Rga::Effects::kIgnore);
    ASSERT_TRUE(done.has_value()) << ErrorName(done.error().code) << ": " << done.error().message;
    rga_.CheckInvariants();
    EXPECT_EQ(TextOf(rga_), text);
    const OpId last{.counter = change.view().first_counter + change.view().Length() - 1,
                    .replica = change.view().replica};
    EXPECT_TRUE(rga_.version_vector().Covers(last));
  }

  // Integrates a change that is here already: nothing may happen.
  void Ignore(const Change& change) {
    const Rga before = rga_;
    const auto done = rga_.Integrate(change.view(), Rga::Effects::kCollect);
    ASSERT_TRUE(done.has_value()) << ErrorName(done.error().code) << ": " << done.error().message;
    EXPECT_TRUE(done->empty());
    ExpectUnchangedSince(before);
  }

  // Integrates a change that must be refused, without a trace.
  void Refuse(const Change& change, ErrorCode code) {
    const Rga before = rga_;
    const auto done = rga_.Integrate(change.view(), Rga::Effects::kCollect);
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(ErrorName(done.error().code), ErrorName(code)) << done.error().message;
    EXPECT_FALSE(done.error().message.empty());
    ExpectUnchangedSince(before);
  }

  void ExpectUnchangedSince(const Rga& before) const {
    rga_.CheckInvariants();
    EXPECT_EQ(TextOf(rga_), TextOf(before));
    EXPECT_EQ(rga_.version_vector(), before.version_vector());
    EXPECT_EQ(rga_.frontier(), before.frontier());
    EXPECT_EQ(rga_.history().log.end(), before.history().log.end());
    EXPECT_EQ(AtomsOf(rga_.ChangesSince({})), AtomsOf(before.ChangesSince({})));
  }

  Rga rga_;
};

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_INTEGRATION_FIXTURE_H_
