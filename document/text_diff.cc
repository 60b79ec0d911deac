#include "document/text_diff.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "document/check.h"
#include "document/common_ends.h"
#include "document/sequence_diff.h"
#include "document/utf8.h"

namespace cotext {
namespace {

std::vector<uint32_t> Decode(std::string_view text) {
  std::vector<uint32_t> characters;
  characters.reserve(text.size());
  for (size_t byte = 0; byte < text.size(); byte += CharacterBytes(text[byte])) {
    characters.push_back(DecodeCodePoint(text, byte));
  }
  return characters;
}

// Returns the first `count` characters of `text` and removes them from it.
std::string_view TakeFront(std::string_view& text, size_t count) {
  const std::string_view front = text.substr(0, ByteOfCodePoint(text, count));
  text.remove_prefix(front.size());
  return front;
}

DiffEffort EffortFor(std::string_view before, std::string_view after, uint64_t steps_per_byte) {
  const uint64_t steps = steps_per_byte * (before.size() + after.size());
  return DiffEffort{.exact_steps = std::min(steps, kMaxExactDiffSteps), .greedy_steps = steps};
}

// Appends the difference of two texts, compared by characters, to `delta`.
// REQUIRES: their last characters differ, so that the last range reaches the end.
void AppendByCharacters(std::string_view before, std::string_view after, uint64_t steps_per_byte,
                        Delta& delta) {
  const std::vector<uint32_t> old_characters = Decode(before);
  const std::vector<uint32_t> new_characters = Decode(after);
  const std::vector<ReplacedRange> ranges =
      DiffSequences(old_characters, new_characters, EffortFor(before, after, steps_per_byte));
  size_t at = 0;  // How much of `before` is dealt with; the same as of `after`, but for the ranges.
  for (const ReplacedRange& range : ranges) {
    const size_t kept = range.before_begin - at;
    delta.Retain(kept);
    TakeFront(before, kept);
    TakeFront(after, kept);
    delta.Insert(TakeFront(after, range.after_end - range.after_begin));
    delta.DeleteText(TakeFront(before, range.before_end - range.before_begin));
    at = range.before_end;
  }
  COTEXT_CHECK(at == old_characters.size());
}

// Appends what `append` makes of two texts without their common ends, and the retains for those.
template <typename Append>
void AppendWithoutCommonEnds(std::string_view before, std::string_view after,
                             uint64_t steps_per_byte, Delta& delta, Append append) {
  const size_t prefix = CommonPrefixBytes(before, after);
  delta.Retain(CountCodePoints(before.substr(0, prefix)));
  before.remove_prefix(prefix);
  after.remove_prefix(prefix);
  const size_t suffix = CommonSuffixBytes(before, after);
  const std::string_view end = before.substr(before.size() - suffix);
  before.remove_suffix(suffix);
  after.remove_suffix(suffix);
  append(before, after, steps_per_byte, delta);
  delta.Retain(CountCodePoints(end));
}

// A text as a sequence of numbers, equal lines having equal ones.
struct NumberedLines {
  std::vector<uint32_t> numbers;
  std::vector<size_t> ends;  // The byte behind each line.

  // Returns the lines [begin, end) of the text.
  std::string_view Range(std::string_view text, size_t begin, size_t end) const {
    const size_t from = begin == 0 ? 0 : ends[begin - 1];
    return text.substr(from, (end == 0 ? 0 : ends[end - 1]) - from);
  }
};

// Numbers the lines of `text` as far as `known` does not yet, and adds them to it. A tree, because
// a hash table can be made slow by chosen lines.
NumberedLines NumberLines(std::string_view text, std::map<std::string_view, uint32_t>& known) {
  NumberedLines lines;
  for (size_t begin = 0; begin < text.size(); begin = lines.ends.back()) {
    const size_t newline = text.find('\n', begin);
    const size_t end = newline == std::string_view::npos ? text.size() : newline + 1;
    const auto number = static_cast<uint32_t>(known.size());
    lines.numbers.push_back(
        known.try_emplace(text.substr(begin, end - begin), number).first->second);
    lines.ends.push_back(end);
  }
  return lines;
}

// Appends the difference of two texts, compared by lines and then within them, to `delta`.
// REQUIRES: as above.
void AppendByLines(std::string_view before, std::string_view after, uint64_t steps_per_byte,
                   Delta& delta) {
  std::map<std::string_view, uint32_t> known;
  const NumberedLines old_lines = NumberLines(before, known);
  const NumberedLines new_lines = NumberLines(after, known);
  const std::vector<ReplacedRange> ranges =
      DiffSequences(old_lines.numbers, new_lines.numbers, EffortFor(before, after, steps_per_byte));
  size_t at = 0;
  for (const ReplacedRange& range : ranges) {
    delta.Retain(CountCodePoints(old_lines.Range(before, at, range.before_begin)));
    AppendWithoutCommonEnds(old_lines.Range(before, range.before_begin, range.before_end),
                            new_lines.Range(after, range.after_begin, range.after_end),
                            steps_per_byte, delta, AppendByCharacters);
    at = range.before_end;
  }
  COTEXT_CHECK(at == old_lines.ends.size());
}

void Append(std::string_view before, std::string_view after, uint64_t steps_per_byte,
            Delta& delta) {
  if (before.size() + after.size() > kDiffByLinesAboveBytes) {
    AppendByLines(before, after, steps_per_byte, delta);
  } else {
    AppendByCharacters(before, after, steps_per_byte, delta);
  }
}

}  // namespace

Delta DiffTexts(std::string_view before, std::string_view after, uint64_t steps_max) {
  const uint64_t bytes = std::max<uint64_t>(before.size() + after.size(), 1);
  const uint64_t steps_per_byte = std::min<uint64_t>(kDiffStepsPerByte, steps_max / bytes);
  Delta delta;
  AppendWithoutCommonEnds(before, after, steps_per_byte, delta, Append);
  return delta;
}

}  // namespace cotext
