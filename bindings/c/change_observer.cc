#include "bindings/c/change_observer.h"

#include <utility>

#include "document/check.h"
#include "document/error.h"
#include "document/utf8.h"

namespace cotext::c {
namespace {

static_assert(COTEXT_LOCAL == static_cast<int>(EditOrigin::kLocal));
static_assert(COTEXT_REMOTE == static_cast<int>(EditOrigin::kRemote));
static_assert(COTEXT_UNDO == static_cast<int>(EditOrigin::kUndo));

uint64_t CountIn(cotext_unit unit, const TextMetrics& metrics) {
  switch (unit) {
    case COTEXT_UTF8: return metrics.bytes;
    case COTEXT_UTF16: return metrics.utf16;
    default: return metrics.code_points;
  }
}

}  // namespace

Expected<ChangeObserver> ChangeObserver::Make(const Document& document, const Options& options) {
  ChangeObserver observer(options);
  if (options.unit == COTEXT_CODE_POINTS && !options.has_deleted_text) return observer;
  Expected<TextBuffer> mirror = TextBuffer::FromText(document.Text());
  if (!mirror) return std::unexpected(mirror.error());
  observer.mirror_ = *std::move(mirror);
  return observer;
}

uint64_t ChangeObserver::Measured(uint64_t begin, uint64_t end) const {
  const auto at = [this](uint64_t position) -> uint64_t {
    if (options_.unit == COTEXT_UTF8) return mirror_->ToByte(CodePointOffset{position})->value;
    if (options_.unit == COTEXT_UTF16) return mirror_->ToUtf16(CodePointOffset{position})->value;
    return position;
  };
  return at(end) - at(begin);
}

DeltaView ChangeObserver::Convert(const Delta& delta, std::deque<std::string>& deleted) const {
  DeltaView view;
  uint64_t position = 0;
  for (const Delta::Component component : delta) {
    cotext_component converted = ToC(component);
    if (component.kind == Delta::Kind::kInsert) {
      converted.count = CountIn(options_.unit, Measure(component.text));
      view.Add(converted);
      continue;
    }
    const uint64_t end = position + component.count;
    converted.count = Measured(position, end);
    if (component.kind == Delta::Kind::kDelete && options_.has_deleted_text) {
      auto text = mirror_->Slice(CodePointOffset{position}, CodePointOffset{end});
      COTEXT_CHECK(text.has_value());
      deleted.push_back(*std::move(text));
      converted.text = deleted.back().data();
      converted.text_size = deleted.back().size();
    }
    view.Add(converted);
    position = end;
  }
  return view;
}

void ChangeObserver::OnChange(const DeltaEvent& event) {
  std::deque<std::string> deleted;  // Elements stay where they are.
  const DeltaView view = mirror_ ? Convert(event.delta, deleted) : DeltaView(event.delta);
  if (mirror_) {
    const Expected<void> applied = mirror_->Apply(event.delta);
    COTEXT_CHECK(applied.has_value());
  }
  const cotext_change change{.origin = static_cast<cotext_origin>(event.origin),
                             .label = event.label.value,
                             .delta = view.view()};
  options_.on_change(options_.context, &change);
}

}  // namespace cotext::c
