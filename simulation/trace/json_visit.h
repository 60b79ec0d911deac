// Strictness for values that nobody wants.
//
// simdjson's on-demand parser passes over a value that is not asked for without looking into it, so
// what is there might not be JSON at all. Visiting the value finds out.
#ifndef COTEXT_SIMULATION_TRACE_JSON_VISIT_H_
#define COTEXT_SIMULATION_TRACE_JSON_VISIT_H_

#include <simdjson.h>

namespace cotext {

// Values may be nested this deep, since they are visited by recursion.
inline constexpr int kJsonDepthMax = 64;

// Reads all of `value`. Returns simdjson::SUCCESS if it is JSON, simdjson::DEPTH_ERROR if it is
// nested too deep.
simdjson::error_code VisitJson(simdjson::ondemand::value value);

}  // namespace cotext

#endif  // COTEXT_SIMULATION_TRACE_JSON_VISIT_H_
