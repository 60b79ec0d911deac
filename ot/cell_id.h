// What orders inserts at one place that did not know each other, as in an RGA.
#ifndef COTEXT_OT_CELL_ID_H_
#define COTEXT_OT_CELL_ID_H_

#include <compare>
#include <cstdint>

namespace cotext {

struct CellId {
  uint64_t counter = 0;
  uint32_t author = 0;
  friend auto operator<=>(const CellId&, const CellId&) = default;
};

}  // namespace cotext

#endif  // COTEXT_OT_CELL_ID_H_
