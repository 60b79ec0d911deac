#include "ot/split_operation.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "document/utf8.h"
#include "ot/operation_codec.h"

namespace cotext {
namespace {

using Kind = Delta::Kind;
using Component = Delta::Component;

// Cutting between a delete and an insert behind it would put the insert in front: it goes right
// behind the character before it.
bool StandsBehindDelete(const Delta& operation, size_t index) {
  return operation[index].kind == Kind::kInsert && index > 0 &&
         operation[index - 1].kind == Kind::kDelete;
}

// Returns how much of a component's text goes into `bytes` with its head.
size_t FrontBytes(std::string_view text, uint64_t bytes) {
  constexpr uint64_t kHeadBytesMax = 10;
  if (bytes <= kHeadBytesMax) return 0;
  auto end = static_cast<size_t>(std::min<uint64_t>(bytes - kHeadBytesMax, text.size()));
  while (end > 0 && end < text.size() && IsContinuationByte(text[end])) --end;
  return end;
}

Component Part(const Component& whole, std::string_view text) {
  return {.kind = whole.kind, .count = CountCodePoints(text), .text = text};
}

struct Halves {
  Component front;  // Either may be empty.
  Component back;
};

Halves Cut(const Component& whole, uint64_t bytes, bool must_take_some) {
  if (!whole.has_text()) return must_take_some ? Halves{whole, {}} : Halves{{}, whole};
  size_t end = FrontBytes(whole.text, bytes);
  if (end == 0 && must_take_some) end = CharacterBytes(whole.text[0]);
  return {Part(whole, whole.text.substr(0, end)), Part(whole, whole.text.substr(end))};
}

uint64_t TargetOf(const Component& component) {
  return component.kind == Kind::kDelete ? 0 : component.count;
}

}  // namespace

SplitDelta SplitOperation(Delta operation, uint64_t max_bytes) {
  if (OperationBytes(operation) <= max_bytes) return {.first = std::move(operation), .rest = {}};
  SplitDelta parts;
  uint64_t target = 0;  // Of what is in the first part, and the retain behind it.
  const auto add = [&](const Component& component) {
    parts.first.Append(component);
    target += TargetOf(component);
  };
  Component back;  // What is left of the one that is cut.
  size_t next = 0;
  for (; next < operation.size() && back.count == 0; ++next) {
    const Component component = operation[next];
    const uint64_t bytes = ComponentBytes(component);
    if (bytes <= max_bytes || (next == 0 && component.kind == Kind::kRetain)) {
      add(component);
      max_bytes -= std::min(bytes, max_bytes);
      continue;
    }
    const bool must_take_some = parts.first.empty() || StandsBehindDelete(operation, next);
    const Halves halves = Cut(component, max_bytes, must_take_some);
    add(halves.front);
    back = halves.back;
    max_bytes = 0;
  }
  parts.rest.Retain(target).Append(back);
  for (; next < operation.size(); ++next) parts.rest.Append(operation[next]);
  return parts;
}

}  // namespace cotext
