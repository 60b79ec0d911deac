// How long work tells whoever started it how far it is.
#ifndef COTEXT_SIMULATION_PROGRESS_H_
#define COTEXT_SIMULATION_PROGRESS_H_

#include <cstdint>
#include <functional>

namespace cotext {

// Called now and then with the steps done and their number; may be empty.
using Progress = std::function<void(uint64_t done, uint64_t total)>;

}  // namespace cotext

#endif  // COTEXT_SIMULATION_PROGRESS_H_
