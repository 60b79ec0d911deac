// What POST /v1/documents/{name}/edits is asked (docs/PROTOCOL.md §14.5), as a value:
//
//     {"base":"AV8xkgQFBw","ops":[{"retain":5},{"insert":"x"}],"unit":"utf16"}     an edit of the
//     text at base
//     {"base":"AV8xkgQFBw","text":"all of it"}                                     what that text
//     is to be
//
// Without `base` it is for the text as it is when it is made. `engine`, "rga" or "ot", is that of a
// document that is not there yet, and is made.
#ifndef COTEXT_NET_ENDPOINTS_EDIT_REQUEST_H_
#define COTEXT_NET_ENDPOINTS_EDIT_REQUEST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "document/delta.h"
#include "document/document.h"
#include "document/error.h"
#include "document/quill_delta.h"

namespace cotext::net {

struct EditRequest {
  std::optional<std::string> base;
  std::optional<std::string> text;  // Or
  std::string ops;                  // JSON, as DeltaFromQuill reads it.
  QuillUnit unit = QuillUnit::kCodePoints;
  Engine engine = Engine::kRga;
  std::string if_match = {};  // The header field; empty: not there.
};

// Errors: kBadRequest, with what is wrong.
Expected<EditRequest> ReadEditRequest(std::string_view json);

// To find out what was changed in a text may take so many steps (text_diff.h), some hundredths of a
// second: nothing else is done meanwhile.
inline constexpr uint64_t kEditDiffSteps = uint64_t{1} << 23U;

// Returns the edit of `base_text` that is asked for. Errors: those of DeltaFromQuill; kTooLarge.
Expected<Delta> EditOf(const EditRequest& request, std::string_view base_text);

}  // namespace cotext::net

#endif  // COTEXT_NET_ENDPOINTS_EDIT_REQUEST_H_
