// Deltas as C sees them: arrays of components.
#ifndef COTEXT_BINDINGS_C_DELTA_VIEW_H_
#define COTEXT_BINDINGS_C_DELTA_VIEW_H_

#include <cstdint>
#include <vector>

#include "bindings/c/cotext.h"
#include "document/delta.h"

namespace cotext::c {

static_assert(COTEXT_RETAIN == static_cast<int>(Delta::Kind::kRetain));
static_assert(COTEXT_INSERT == static_cast<int>(Delta::Kind::kInsert));
static_assert(COTEXT_DELETE == static_cast<int>(Delta::Kind::kDelete));

inline cotext_component ToC(const Delta::Component& component) {
  return {.kind = static_cast<cotext_component_kind>(component.kind),
          .count = component.count,
          .text = component.has_text() ? component.text.data() : nullptr,
          .text_size = component.text.size()};
}

// The components of a delta, which must outlive them.
class DeltaView {
 public:
  DeltaView() = default;
  explicit DeltaView(const Delta& delta) {
    components_.reserve(delta.size());
    for (const Delta::Component component : delta) Add(ToC(component));
  }

  void Add(const cotext_component& component) { components_.push_back(component); }
  // Valid as long as nothing is added.
  cotext_delta view() const {
    return {.components = components_.data(), .size = components_.size()};
  }

 private:
  std::vector<cotext_component> components_;
};

}  // namespace cotext::c

#endif  // COTEXT_BINDINGS_C_DELTA_VIEW_H_
