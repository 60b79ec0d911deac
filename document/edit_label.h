// A number by which an application marks its transactions: what made them, such as typing, a
// formatter, or loading a template. What it means is the application's to say; 0 is the default.
#ifndef COTEXT_DOCUMENT_EDIT_LABEL_H_
#define COTEXT_DOCUMENT_EDIT_LABEL_H_

#include <compare>
#include <cstdint>

namespace cotext {

struct EditLabel {
  uint64_t value = 0;
  friend constexpr auto operator<=>(EditLabel, EditLabel) = default;
};

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_EDIT_LABEL_H_
