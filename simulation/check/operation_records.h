// An RGA history operation by operation, for the checkers.
#ifndef COTEXT_SIMULATION_CHECK_OPERATION_RECORDS_H_
#define COTEXT_SIMULATION_CHECK_OPERATION_RECORDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "crdt/change.h"
#include "crdt/version_vector.h"
#include "simulation/check/check_causal_order.h"
#include "simulation/check/check_durability.h"
#include "simulation/check/check_exactly_once.h"

namespace cotext {

// Returns every operation of the changes: its writer, its counter, what it does to which element.
std::vector<EditRecord> OperationsOf(const Update& changes);

// Returns the operations in one form, whichever way they were grouped and ordered.
std::string CanonicalHistory(const Update& changes);

// Returns the changes as deliveries, each with what its author had seen.
std::vector<Delivery> DeliveriesOf(const Update& changes, uint64_t copy, uint64_t at_us);

EditExtent ExtentOf(const VersionVector& version);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_CHECK_OPERATION_RECORDS_H_
