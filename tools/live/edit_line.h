// A line of `cotext edit`:
//
//     insert POS TEXT    delete POS N    print    wait    status    quit
//
// Positions and numbers are of code points. TEXT is everything behind one space, or a JSON string
// if it begins with a quotation mark.
#ifndef COTEXT_TOOLS_LIVE_EDIT_LINE_H_
#define COTEXT_TOOLS_LIVE_EDIT_LINE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "document/error.h"

namespace cotext {

struct EditLine {
  enum class Verb : uint8_t { kInsert, kDelete, kPrint, kWait, kStatus, kQuit };
  Verb verb = Verb::kPrint;
  uint64_t position = 0;
  uint64_t count = 0;
  std::string text = {};

  friend bool operator==(const EditLine&, const EditLine&) = default;
};

// kBadRequest: it is no such line; the message says why.
Expected<EditLine> ParseEditLine(std::string_view line);

}  // namespace cotext

#endif  // COTEXT_TOOLS_LIVE_EDIT_LINE_H_
