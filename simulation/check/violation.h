// What a checker of a simulation found: one promise that was not kept.
//
// The checkers (check_*.h) look at plain records of what happened, not at the code that made it
// happen. Each returns all violations that it finds, at most kViolationsMax: what is wrong once is
// often wrong everywhere.
#ifndef COTEXT_SIMULATION_CHECK_VIOLATION_H_
#define COTEXT_SIMULATION_CHECK_VIOLATION_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace cotext {

struct Violation {
  std::string promise;  // One word: "convergence", "durability", ...
  std::string what;     // One line for people.
  friend bool operator==(const Violation&, const Violation&) = default;
};

inline constexpr size_t kViolationsMax = 20;

// Collects what one checker finds.
class Violations {
 public:
  explicit Violations(std::string promise) : promise_(std::move(promise)) {}

  void Add(std::string what) {
    if (found_.size() < kViolationsMax) found_.push_back({promise_, std::move(what)});
  }
  std::vector<Violation> Take() { return std::move(found_); }

 private:
  std::string promise_;
  std::vector<Violation> found_;
};

// How messages name times and nodes.
inline std::string AtTime(uint64_t at_us) { return "at " + std::to_string(at_us) + " us"; }
inline std::string NodeName(uint64_t node) { return "node " + std::to_string(node); }

}  // namespace cotext

#endif  // COTEXT_SIMULATION_CHECK_VIOLATION_H_
