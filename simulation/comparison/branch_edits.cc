#include "simulation/comparison/branch_edits.h"

#include <string_view>

#include "document/check.h"

namespace cotext {
namespace {

constexpr std::string_view kTyped = "the quick brown fox jumps over the lazy dog ";
constexpr uint64_t kScatteredMax = 4;

TextEdit ScatteredEdit(uint64_t length, Random& random) {
  const uint64_t count = random.Between(1, kScatteredMax);
  if (random.Chance(25)) {
    return {.position = random.Between(0, length - count), .deleted = count, .inserted = {}};
  }
  return {.position = random.Between(0, length),
          .deleted = 0,
          .inserted = kTyped.substr(random.Below(kTyped.size() - kScatteredMax), count)};
}

class Typist {
 public:
  TextEdit Type(uint64_t length, Random& random) {
    if (left_ == 0) {
      left_ = random.Between(12, 20);
      typed_ = 0;
      caret_ = random.Between(0, length);
    }
    --left_;
    if (typed_ > 0 && random.Chance(10)) {
      --typed_;
      return {.position = --caret_, .deleted = 1, .inserted = {}};
    }
    ++typed_;
    return {.position = caret_++,
            .deleted = 0,
            .inserted = kTyped.substr(random.Below(kTyped.size()), 1)};
  }

 private:
  uint64_t left_ = 0;   // Keys of the burst.
  uint64_t typed_ = 0;  // What of it can be taken back.
  uint64_t caret_ = 0;
};

}  // namespace

std::vector<TextEdit> MakeBranchEdits(BranchStyle style, uint64_t length, uint64_t count,
                                      Random& random) {
  COTEXT_CHECK(length > kScatteredMax * count);
  std::vector<TextEdit> edits;
  edits.reserve(count);
  Typist typist;
  for (uint64_t i = 0; i < count; ++i) {
    edits.push_back(style == BranchStyle::kTyped ? typist.Type(length, random)
                                                 : ScatteredEdit(length, random));
    length = length - edits.back().deleted + edits.back().inserted.size();
  }
  return edits;
}

Delta DeltaOf(const TextEdit& edit) {
  Delta delta;
  delta.Retain(edit.position).Insert(edit.inserted).Delete(edit.deleted);
  return delta;
}

std::string MakeBranchBase(uint64_t length) {
  std::string text;
  while (text.size() < length) text += kTyped;
  text.resize(length);
  return text;
}

}  // namespace cotext
