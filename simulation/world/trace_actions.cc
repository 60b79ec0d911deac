#include "simulation/world/trace_actions.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "document/check.h"
#include "document/random.h"
#include "document/utf8.h"

namespace cotext {
namespace {

class Dealer {
 public:
  Dealer(const Trace& trace, const TraceActionOptions& options)
      : trace_(trace), options_(options), random_(options.seed ^ 0x6465616c00000000U) {}

  std::vector<UserAction> Run() {
    const size_t count = std::min<size_t>(options_.transactions, trace_.transaction_count());
    uint64_t left_of_turn = 0;
    for (size_t t = 0; t < count; ++t, --left_of_turn) {
      if (left_of_turn == 0) {
        left_of_turn = random_.Between(1, options_.turn_max);
        replica_ = static_cast<uint32_t>(random_.Below(options_.replicas));
        caret_.reset();
      }
      // People write at the same time: as many of them, as much faster it goes.
      now_us_ += random_.Below(2 * options_.key_us + 1) / options_.replicas;
      for (const TracePatch patch : trace_.patches(t)) Add(patch);
    }
    return std::move(actions_);
  }

 private:
  void Add(const TracePatch& patch) {
    if (caret_ != patch.position) {
      // Rounded up, so that the same position comes out of it in the same text.
      const uint64_t place =
          length_ == 0 ? 0 : (patch.position * kWholeText + length_ - 1) / length_;
      Push({.kind = UserAction::Kind::kMove, .places = {place}});
    }
    UserAction edit{.kind = UserAction::Kind::kType, .text = std::string(patch.inserted)};
    if (patch.deleted > 0) {
      edit.kind = UserAction::Kind::kReplace;
      edit.count = patch.deleted;
    }
    Push(std::move(edit));
    const uint64_t inserted = CountCodePoints(patch.inserted);
    length_ += inserted - patch.deleted;
    caret_ = patch.position + inserted;
  }

  void Push(UserAction action) {
    action.at_us = now_us_;
    action.replica = replica_;
    actions_.push_back(std::move(action));
  }

  const Trace& trace_;
  TraceActionOptions options_;
  Random random_;
  uint32_t replica_ = 0;
  uint64_t now_us_ = 0;
  uint64_t length_ = 0;            // Of the trace's text.
  std::optional<uint64_t> caret_;  // Where the person whose turn it is left it.
  std::vector<UserAction> actions_;
};

}  // namespace

std::vector<UserAction> DealTrace(const Trace& trace, const TraceActionOptions& options) {
  COTEXT_CHECK(IsLinear(trace));
  COTEXT_CHECK(options.replicas > 0);
  COTEXT_CHECK(options.turn_max > 0);
  return Dealer(trace, options).Run();
}

}  // namespace cotext
