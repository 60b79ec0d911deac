// A line on the terminal that shows how far long work is; nothing if standard error is none.
#ifndef COTEXT_TOOLS_PROGRESS_BAR_H_
#define COTEXT_TOOLS_PROGRESS_BAR_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "simulation/progress.h"

namespace cotext {

class ProgressBar {
 public:
  // Names the file that is worked on. Nothing is shown in the first moment: short work has no bar.
  // With the `unit` of the steps, as in "seeds", how many there are a second is shown, too.
  explicit ProgressBar(const std::string& path, std::string unit = {});
  // Removes the line.
  ~ProgressBar();

  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // Returns what to hand to the work, which must end before the bar does.
  Progress Callback();

 private:
  using Clock = std::chrono::steady_clock;

  void Show(uint64_t done, uint64_t total);

  std::string label_;
  std::string unit_;
  bool is_terminal_;
  bool is_shown_ = false;
  Clock::time_point begun_;
  Clock::time_point last_shown_;
};

}  // namespace cotext

#endif  // COTEXT_TOOLS_PROGRESS_BAR_H_
