#include "simulation/world/intent_recorder.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>
#include <utility>

#include "document/delta.h"
#include "document/utf8.h"

namespace cotext {
namespace {

// Behind the controls; surrogates are left out.
constexpr uint64_t kFirst = 0xa1;
constexpr uint64_t kSurrogates = 0xd800;
constexpr uint64_t kBehindSurrogates = 0xe000;
constexpr uint64_t kCount = 0x110000 - kFirst - (kBehindSurrogates - kSurrogates);

}  // namespace

std::u32string CodePointsOf(std::string_view text) {
  std::u32string code_points;
  for (size_t at = 0; at < text.size(); at += CharacterBytes(text[at])) {
    code_points.push_back(DecodeCodePoint(text, at));
  }
  return code_points;
}

std::string UniqueText::InPlaceOf(std::string_view text) {
  std::string unique;
  for (uint64_t count = CountCodePoints(text); count > 0; --count) {
    is_exhausted_ |= next_ >= kCount;
    uint64_t code_point = kFirst + next_ % kCount;
    if (code_point >= kSurrogates) code_point += kBehindSurrogates - kSurrogates;
    unique += EncodeCodePoint(static_cast<char32_t>(code_point));
    next_ += step_;
  }
  return unique;
}

IntentRecorder::IntentRecorder(Document& document, uint64_t node)
    : document_(&document),
      node_(node),
      subscription_(document.Subscribe([this](const DeltaEvent& event) { OnEvent(event); })),
      text_(CodePointsOf(document.Text())) {}

void IntentRecorder::OnEvent(const DeltaEvent& event) {
  uint64_t position = 0;
  for (const Delta::Component component : event.delta) {
    switch (component.kind) {
      case Delta::Kind::kRetain: position += component.count; break;
      case Delta::Kind::kInsert:
        Insert(position, component.text, event.origin);
        position += component.count;
        break;
      case Delta::Kind::kDelete: Delete(position, component.count, event.origin); break;
    }
  }
}

void IntentRecorder::Delete(uint64_t position, uint64_t count, EditOrigin origin) {
  if (origin != EditOrigin::kRemote) {
    for (const char32_t character : std::span(text_).subspan(position, count)) {
      current_.deleted.push_back({.character = character, .node = node_});
    }
  }
  text_.erase(position, count);
}

void IntentRecorder::Insert(uint64_t position, std::string_view text, EditOrigin origin) {
  const std::u32string inserted = CodePointsOf(text);
  const CharacterNumber right = position < text_.size() ? text_[position] : 0;
  CharacterNumber left = position > 0 ? text_[position - 1] : 0;
  for (size_t i = 0; i < inserted.size(); ++i) {
    if (origin == EditOrigin::kUndo) current_.brought_back.push_back(inserted[i]);
    if (origin == EditOrigin::kLocal) {
      const CharacterNumber next = i + 1 < inserted.size() ? inserted[i + 1] : right;
      current_.inserted.push_back(
          {.character = inserted[i], .left = left, .right = next, .node = node_});
    }
    if (origin != EditOrigin::kUndo) {
      arrived_.push_back({.character = inserted[i], .is_own = origin == EditOrigin::kLocal});
    }
    left = inserted[i];
  }
  text_.insert(position, inserted);
}

void IntentRecorder::EndIntent(OpId last) {
  current_.last = last;
  intents_.push_back(std::exchange(current_, {}));
}

}  // namespace cotext
