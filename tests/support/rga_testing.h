// What tests of the RGA share.
#ifndef COTEXT_TESTS_SUPPORT_RGA_TESTING_H_
#define COTEXT_TESTS_SUPPORT_RGA_TESTING_H_

#include <gtest/gtest.h>

#include <string>

#include "crdt/change.h"
#include "crdt/rga.h"
#include "crdt/rga_text.h"

namespace cotext {

// As small as the structure allows: a few runs make a deep tree with many splits.
inline constexpr SequenceOptions kTinySequence{.leaf_runs = 4, .fanout = 2, .max_run = 3};

inline std::string TextOf(const Rga& rga) { return VisibleText(rga); }

// Integrates all changes of an update, which must be accepted.
inline void MustIntegrate(Rga& rga, const Update& update) {
  for (size_t i = 0; i < update.size(); ++i) {
    const auto done = rga.Integrate(update[i], Rga::Effects::kIgnore);
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }
}

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_RGA_TESTING_H_
