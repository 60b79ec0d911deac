// Tells a C callback of changes, in the unit that it asked for.
//
// A delta counts code points of the text before it. Other units, and the text of what was deleted,
// take that text: then a copy of it is kept (a mirror), which follows every change.
//
// A change costs O(components log n) with a mirror, beside its own text. Thread-compatible.
#ifndef COTEXT_BINDINGS_C_CHANGE_OBSERVER_H_
#define COTEXT_BINDINGS_C_CHANGE_OBSERVER_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "bindings/c/cotext.h"
#include "bindings/c/delta_view.h"
#include "document/delta.h"
#include "document/document.h"
#include "document/offset.h"
#include "document/text_buffer.h"

namespace cotext::c {

class ChangeObserver {
 public:
  struct Options {
    cotext_unit unit = COTEXT_CODE_POINTS;  // Not lines and columns: they are no lengths.
    bool has_deleted_text = false;
    cotext_change_fn on_change = nullptr;
    void* context = nullptr;
  };

  // Observes a document from now on.
  static Expected<ChangeObserver> Make(const Document& document, const Options& options);

  // To be called with every change since.
  void OnChange(const DeltaEvent& event);

 private:
  explicit ChangeObserver(const Options& options) : options_(options) {}

  // Returns how many units the text has between two positions before the change.
  uint64_t Measured(uint64_t begin, uint64_t end) const;
  DeltaView Convert(const Delta& delta, std::deque<std::string>& deleted) const;

  Options options_;
  std::optional<TextBuffer> mirror_;  // The text before the next change.
};

}  // namespace cotext::c

#endif  // COTEXT_BINDINGS_C_CHANGE_OBSERVER_H_
