#include "tests/support/ot_values.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "document/delta.h"
#include "document/error.h"
#include "document/utf8.h"
#include "tests/support/random_delta.h"
#include "tests/support/random_text.h"

namespace cotext {
namespace {

uint64_t RandomNumber(Random& random, uint64_t limit) {
  return random.Chance(70) ? random.Below(300) : random.Below(limit);
}

}  // namespace

OtSubmission RandomSubmission(Random& random) {
  return OtSubmission{.client = OtClientId{1 + RandomNumber(random, kOtIdLimit - 1)},
                      .seq = 1 + RandomNumber(random, kOtIdLimit - 1),
                      .base = RandomNumber(random, kOtIdLimit),
                      .operation = RandomDelta(random, RandomText(random, 20), DeletedText::kSome)};
}

OtServerState RandomServerState(Random& random) {
  OtServerState state({.max_clients = random.Between(1, 5), .hash_interval = random.Between(0, 3)});
  std::vector<uint64_t> next(7, 1);
  for (uint64_t i = random.Below(40); i > 0; --i) {
    const auto client = static_cast<size_t>(random.Below(next.size()));
    const std::string text =
        random.Chance(90) ? state.text().Text() : std::string("what is not there");
    (void)state.Apply({.client = OtClientId{client * 1000 + 1},
                       .seq = next[client],
                       .base = state.revision() + (random.Chance(90) ? 0 : 1),
                       .operation = RandomDelta(random, text, DeletedText::kSome)});
    ++next[client];
    if (random.Chance(10)) (void)state.TruncateBefore(random.Below(state.revision() + 1));
  }
  return state;
}

OtClientState RandomClientState(Random& random) {
  std::string text = RandomText(random, 20);
  OtClientState state(OtClientId{1 + RandomNumber(random, kOtIdLimit - 1)},
                      RandomNumber(random, kOtCountLimit / 2), CountCodePoints(text));
  for (uint64_t i = random.Below(6); i > 0; --i) {
    const Delta edit = RandomDelta(random, text, DeletedText::kNone);
    if (!state.Edit(edit)) break;
    text = *Apply(edit, text);
    if (random.Chance(40)) {
      const OtCommit commit{.revision = state.revision() + 1,
                            .client = OtClientId{state.client().value == 1 ? 2U : 1U},
                            .seq = 1,
                            .operation = Delta().Insert("others")};
      text = *Apply(state.OnCommitted(commit)->change, text);
    }
    if (random.Chance(20) && state.Resend()) {
      (void)state.OnAcknowledged(state.Resend()->seq, state.revision() + 1);
    }
    if (random.Chance(5) && state.Resend()) {
      (void)state.OnRefused(state.Resend()->seq, ErrorCode::kTooLarge);
    }
  }
  return state;
}

}  // namespace cotext
