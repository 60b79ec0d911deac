// Random concurrent histories, for tests and for measuring what no recording has.
//
// Agents take turns at random. Whoever has the turn first learns, sometimes, what another agent has
// done so far, and then makes a transaction of a few inserts and deletes. Inserts often go where
// the latest one of anybody went, which is what makes siblings, and edits as often as wanted to the
// very beginning, where all that are concurrent tie; a last transaction without patches merges all.
// The end text is that of NaiveRga under the wanted order.
//
// The same options give the same trace on every machine. O(transactions * characters ever
// inserted).
#ifndef COTEXT_SIMULATION_TRACE_TRACE_GENERATOR_H_
#define COTEXT_SIMULATION_TRACE_TRACE_GENERATOR_H_

#include <cstdint>

#include "document/error.h"
#include "simulation/trace/naive_rga.h"
#include "simulation/trace/trace.h"

namespace cotext {

struct GeneratorOptions {
  uint64_t seed = 1;
  uint32_t agents = 3;
  uint32_t transactions = 100;       // Without the last one, which merges.
  uint32_t patches_max = 3;          // Per transaction, from 1.
  uint32_t insert_max = 6;           // Characters per insert, from 1; as many a delete.
  uint32_t same_place_percent = 30;  // Of the inserts.
  uint32_t delete_percent = 25;      // Of the patches; half of them insert as well.
  uint32_t unicode_percent = 20;     // Of the characters.
  uint32_t merge_percent = 30;       // Of the turns.
  uint32_t ties_percent = 0;         // Of the patches: they are at position 0.
  NaiveRga::Order order = NaiveRga::Order::kRga;
};

// Returns a random trace. kOutOfRange names an option that is: no agents or more than
// Trace::kAgentsMax, a maximum of 0, a share above 100 percent.
Expected<Trace> Generate(const GeneratorOptions& options);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_TRACE_TRACE_GENERATOR_H_
