// Builds a delta from outside data and refuses whatever is not in normal form, where Delta's own
// builder would tidy it up: for decoders, in whose formats every delta has exactly one form.
//
// Errors name the component by its index, from 0. After one the builder is of no further use.
#ifndef COTEXT_DOCUMENT_STRICT_DELTA_BUILDER_H_
#define COTEXT_DOCUMENT_STRICT_DELTA_BUILDER_H_

#include <cstddef>
#include <string_view>

#include "document/delta.h"
#include "document/error.h"

namespace cotext {

class StrictDeltaBuilder {
 public:
  // Appends a component. If it has text, the count is taken from that, whatever is given.
  // kInvalidUtf8 for its text; kTooLarge if a length exceeds Delta::kMaxLength; kInvalidDelta if it
  // is empty, follows one of its own kind, or is a retain with text.
  Expected<void> Add(const Delta::Component& component);

  // Returns the delta, or kInvalidDelta if it ends with a retain.
  Expected<Delta> Finish() const;

  // Returns an error that names the component which would be added next.
  std::unexpected<Error> ErrorHere(ErrorCode code, std::string_view problem) const;

 private:
  Delta delta_;
  Delta::Kind last_kind_ = Delta::Kind::kRetain;  // Of no meaning while size_ is 0.
  size_t size_ = 0;
  uint64_t base_length_ = 0;  // These count a last retain, which delta_ does not show.
  uint64_t target_length_ = 0;
};

}  // namespace cotext

#endif  // COTEXT_DOCUMENT_STRICT_DELTA_BUILDER_H_
