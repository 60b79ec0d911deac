#include "ot/transform.h"

#include <algorithm>
#include <string>
#include <utility>

#include "document/check.h"

namespace cotext {
namespace {

using Kind = Delta::Kind;
using Component = Delta::Component;

// Takes the place of a result that nobody wants.
struct Discarded {
  void Append(const Component& /*component*/) {}
  void Retain(uint64_t /*count*/) {}
};

// Walks both deltas over their base and appends each one's components, rewritten, to its result:
//
//     left      right     left'    right'
//     insert    any       insert   retain
//     not       insert    retain   insert
//     retain    retain    retain   retain
//     retain    delete             delete
//     delete    retain    delete
//     delete    delete
//
// An insert stands in the gap that the walk has reached, so the first two rows meet only inserts of
// that gap, the left one first.
template <typename LeftResult, typename RightResult>
Expected<void> Walk(const Delta& left, const Delta& right, LeftResult& left_result,
                    RightResult& right_result) {
  COTEXT_RETURN_IF_ERROR(CheckTransformedLengths(left.base_length(), left.target_length(), right));
  DeltaCursor left_cursor(left);
  DeltaCursor right_cursor(right);
  uint64_t position = 0;  // In the base.
  while (!left_cursor.AtEnd() || !right_cursor.AtEnd()) {
    const Component next_left = left_cursor.Peek();
    const Component next_right = right_cursor.Peek();
    if (next_left.kind == Kind::kInsert) {
      left_result.Append(left_cursor.Take(next_left.count));
      right_result.Retain(next_left.count);
      continue;
    }
    if (next_right.kind == Kind::kInsert) {
      left_result.Retain(next_right.count);
      right_result.Append(right_cursor.Take(next_right.count));
      continue;
    }
    const uint64_t count = std::min(next_left.count, next_right.count);
    const Component from_left = left_cursor.Take(count);
    const Component from_right = right_cursor.Take(count);
    if (from_right.kind == Kind::kRetain) left_result.Append(from_left);
    if (from_left.kind == Kind::kRetain) right_result.Append(from_right);
    if (from_left.has_text() && from_right.has_text() && from_left.text != from_right.text) {
      return DeletesDiffer(position, position + count);
    }
    position += count;
  }
  return {};
}

}  // namespace

Expected<void> CheckTransformedLengths(uint64_t base_length, uint64_t target_length,
                                       const Delta& other) {
  const uint64_t most =
      std::max(base_length, other.base_length()) + target_length + other.target_length();
  if (most <= Delta::kMaxLength) return {};
  return MakeError(ErrorCode::kTooLarge,
                   "the text of both deltas could be longer than 2^53 code points");
}

std::unexpected<Error> DeletesDiffer(uint64_t begin, uint64_t end) {
  return MakeError(ErrorCode::kDeltaMismatch, "both deltas delete the text from code point " +
                                                  std::to_string(begin) + " to " +
                                                  std::to_string(end) + ", with different texts");
}

Expected<Delta> Transform(const Delta& delta, const Delta& over, Side side) {
  Delta result;
  Discarded discarded;
  COTEXT_RETURN_IF_ERROR(side == Side::kLeft ? Walk(delta, over, result, discarded)
                                             : Walk(over, delta, discarded, result));
  return result;
}

Expected<TransformedPair> TransformPair(const Delta& left, const Delta& right) {
  TransformedPair result;
  COTEXT_RETURN_IF_ERROR(Walk(left, right, result.left, result.right));
  return result;
}

CodePointRange TransformRange(const Delta& delta, CodePointRange range, Bias caret_bias) {
  COTEXT_DCHECK(range.begin <= range.end);
  if (range.begin == range.end) {
    const CodePointOffset caret = TransformPosition(delta, range.begin, caret_bias);
    return {caret, caret};
  }
  return {TransformPosition(delta, range.begin, Bias::kAfter),
          TransformPosition(delta, range.end, Bias::kBefore)};
}

}  // namespace cotext
