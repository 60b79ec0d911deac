#include "benchmarks/support/history_cases.h"

#include <cstddef>
#include <string>
#include <vector>

#include "benchmarks/support/edit_script.h"
#include "benchmarks/support/stopwatch.h"
#include "crdt/blame.h"
#include "crdt/change.h"
#include "crdt/ids.h"
#include "crdt/rga_document.h"
#include "crdt/version_vector.h"
#include "document/delta.h"
#include "document/error.h"

namespace cotext {
namespace {

// A document, its text and version after half of the edits of a script.
struct Halfway {
  Halfway(uint64_t n, uint64_t seed) : document(ReplicaId{1}) {
    const EditScript script = MakeScattered(0, n, seed);
    const auto half = script.begin() + static_cast<ptrdiff_t>(n / 2);
    correct = Apply(EditScript(script.begin(), half), document);
    text = document.Text();
    version = document.version_vector();
    correct = correct && Apply(EditScript(half, script.end()), document);
  }

  RgaDocument document;
  std::string text;
  VersionVector version;
  bool correct;
};

}  // namespace

Sample CheckoutScattered(uint64_t n, uint64_t seed) {
  const Halfway halfway(n, seed);
  Expected<std::string> text;
  Sample sample;
  sample.seconds = Seconds([&] { text = halfway.document.TextAt(halfway.version); });
  sample.correct = halfway.correct && text == halfway.text;
  return sample;
}

Sample DeltaScattered(uint64_t n, uint64_t seed) {
  const Halfway halfway(n, seed);
  const VersionVector all = halfway.document.version_vector();
  Expected<Delta> delta;
  Sample sample;
  sample.seconds = Seconds([&] { delta = halfway.document.DeltaBetween(halfway.version, all); });
  sample.correct = halfway.correct && delta.has_value() &&
                   Apply(*delta, halfway.text) == halfway.document.Text();
  return sample;
}

Sample BlameScattered(uint64_t n, uint64_t seed) {
  const Halfway halfway(n, seed);
  Expected<std::vector<BlameRange>> ranges;
  Sample sample;
  sample.seconds = Seconds([&] { ranges = halfway.document.BlameAt(halfway.version); });
  sample.correct = halfway.correct && ranges.has_value() && !ranges->empty() &&
                   ranges->back().begin.value + ranges->back().length == halfway.text.size();
  return sample;
}

Sample CheckoutCrowd(uint64_t n, uint64_t) {
  Update update;
  VersionVector even;
  for (uint64_t i = 1; i <= n; ++i) {
    update.BeginChange(ReplicaId{i}, 1);
    update.AddInsert(kRoot, 1, i % 2 == 0 ? "a" : "b");
    if (i % 2 == 0) even.Observe(OpId{.counter = 1, .replica = ReplicaId{i}});
  }
  RgaDocument document(ReplicaId{n + 1});
  if (!document.MergeUpdate(update)) return {};
  Expected<std::string> text;
  Sample sample;
  sample.seconds = Seconds([&] { text = document.TextAt(even); });
  sample.correct = text == std::string(n / 2, 'a');
  return sample;
}

}  // namespace cotext
