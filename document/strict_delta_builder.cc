#include "document/strict_delta_builder.h"

#include <string>

#include "document/utf8.h"

namespace cotext {

using Kind = Delta::Kind;

Expected<void> StrictDeltaBuilder::Add(const Delta::Component& component) {
  const auto [kind, given_count, text] = component;
  if (kind == Kind::kRetain && !text.empty()) {
    return ErrorHere(ErrorCode::kInvalidDelta, "a retain with text");
  }
  if (!IsValidUtf8(text)) return ErrorHere(ErrorCode::kInvalidUtf8, "invalid UTF-8");
  const bool counts_by_text = kind == Kind::kInsert || component.has_text();
  const uint64_t count = counts_by_text ? CountCodePoints(text) : given_count;
  if (count == 0) return ErrorHere(ErrorCode::kInvalidDelta, "an empty component");
  if (size_ > 0 && kind == last_kind_) {
    return ErrorHere(ErrorCode::kInvalidDelta, "the same kind as the one before");
  }
  if ((kind != Kind::kInsert && count > Delta::kMaxLength - base_length_) ||
      (kind != Kind::kDelete && count > Delta::kMaxLength - target_length_)) {
    return ErrorHere(ErrorCode::kTooLarge, "a length above 2^53");
  }
  if (kind != Kind::kInsert) base_length_ += count;
  if (kind != Kind::kDelete) target_length_ += count;
  delta_.Append({kind, count, text});
  last_kind_ = kind;
  ++size_;
  return {};
}

Expected<Delta> StrictDeltaBuilder::Finish() const {
  if (size_ > delta_.size()) {
    return MakeError(ErrorCode::kInvalidDelta,
                     "component " + std::to_string(size_ - 1) + ": a retain at the end");
  }
  return delta_;
}

std::unexpected<Error> StrictDeltaBuilder::ErrorHere(ErrorCode code,
                                                     std::string_view problem) const {
  return MakeError(code, "component " + std::to_string(size_) + ": " + std::string(problem));
}

}  // namespace cotext
