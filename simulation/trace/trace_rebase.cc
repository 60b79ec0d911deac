#include "simulation/trace/trace_rebase.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/text_diff.h"
#include "document/utf8.h"

namespace cotext {
namespace {

// Returns `text` after the patches, or nothing if one of them is out of range.
std::optional<std::string> ApplyPatches(std::string text, std::span<const TracePatch> patches) {
  uint64_t length = CountCodePoints(text);
  for (const TracePatch& patch : patches) {
    if (patch.position > length || patch.deleted > length - patch.position) return std::nullopt;
    const size_t begin = ByteOfCodePoint(text, patch.position);
    const size_t bytes = ByteOfCodePoint(std::string_view(text).substr(begin), patch.deleted);
    text.replace(begin, bytes, patch.inserted);
    length = length - patch.deleted + CountCodePoints(patch.inserted);
  }
  return text;
}

class Rebaser {
 public:
  Rebaser(const Trace& trace, NaiveRga::Order order)
      : source_(trace.agent_count(), order),
        target_(trace.agent_count()),
        result_{.trace = Trace(trace.name(), trace.kind(), trace.agent_count())} {
    if (trace.has_start_content()) result_.trace.set_has_start_content();
  }

  // Rebases the next transaction of `trace`.
  Expected<void> Step(const Trace& trace) {
    const size_t transaction = source_.transaction_count();
    const auto after = source_.Apply(trace);
    if (!after) return std::unexpected(after.error());
    Append(trace.agent(transaction), trace.parents(transaction),
           trace.patches(transaction).ToVector(), source_.TextOf(*after));
    return {};
  }

  // Makes the merge of all heads end as it does in the source order.
  RebasedTrace Finish() {
    std::string end = source_.TextOf(source_.CheckoutAll());
    if (target_.TextOf(target_.CheckoutAll()) != end) {
      const Trace& trace = result_.trace;
      Append(trace.agent(trace.transaction_count() - 1), Heads(trace), {}, end);
    }
    result_.trace.set_end_content(std::move(end));
    return std::move(result_);
  }

 private:
  // Appends a transaction that ends in `wanted`: with these patches, if they lead there.
  void Append(uint32_t agent, std::span<const uint32_t> parents, std::vector<TracePatch> patches,
              std::string_view wanted) {
    NaiveRga::State before = target_.Checkout(parents);
    const std::string have = target_.TextOf(before);
    Delta difference;
    if (ApplyPatches(have, patches) != wanted) {
      difference = DiffTexts(have, wanted);
      patches = ToPatches(difference);
      ++result_.rederived;
    }
    result_.trace.AddTransaction(agent, parents);
    for (const TracePatch& patch : patches) result_.trace.AddPatch(patch);
    target_.Apply(agent, std::move(before), patches);
  }

  NaiveRga source_;
  NaiveRga target_;
  RebasedTrace result_;
};

}  // namespace

Expected<RebasedTrace> Rebase(const Trace& trace, NaiveRga::Order source,
                              const Progress& progress) {
  Rebaser rebaser(trace, source);
  for (size_t t = 0; t < trace.transaction_count(); ++t) {
    COTEXT_RETURN_IF_ERROR(rebaser.Step(trace));
    if (progress) progress(t + 1, trace.transaction_count());
  }
  return rebaser.Finish();
}

std::vector<TracePatch> ToPatches(const Delta& delta) {
  std::vector<TracePatch> patches;
  TracePatch next;  // Its position is in the text that the patches so far have led to.
  const auto finish = [&] {
    if (next.deleted > 0 || !next.inserted.empty()) patches.push_back(next);
    const auto length = static_cast<uint32_t>(CountCodePoints(next.inserted));
    next = TracePatch{.position = next.position + length};
  };
  for (const Delta::Component& component : delta) {
    const auto count = static_cast<uint32_t>(component.count);
    switch (component.kind) {
      case Delta::Kind::kRetain:
        finish();
        next.position += count;
        break;
      case Delta::Kind::kInsert:
        if (!next.inserted.empty()) finish();
        next.inserted = component.text;
        break;
      case Delta::Kind::kDelete: next.deleted += count; break;
    }
  }
  finish();
  return patches;
}

}  // namespace cotext
