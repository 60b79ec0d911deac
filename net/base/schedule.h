// Tasks that are due at times, for all that share one clock and one thread: an event loop's, or a
// test's that turns the hands itself.
//
//     At -> wake_at (the earliest) -> the loop calls OnTime -> tasks that are due
//
// Tasks of one time run in the order in which they were set. One may set and cancel others, and
// destroy its owner. A task set for now by a task runs in the next OnTime, so none keeps the loop.
//
// Times are in milliseconds of a clock that does not go back. O(log n) each. Thread-compatible.
#ifndef COTEXT_NET_BASE_SCHEDULE_H_
#define COTEXT_NET_BASE_SCHEDULE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <unordered_map>
#include <utility>

namespace cotext::net {

class Schedule {
 public:
  using Task = std::function<void()>;
  using TaskId = uint64_t;  // 0 is none.

  struct Options {
    std::function<uint64_t()> now_ms;
    // Has OnTime called at that time, or at once if it has passed, but not inside; it takes the
    // place of the one before.
    std::function<void(uint64_t)> wake_at;
  };

  explicit Schedule(Options options) : options_(std::move(options)) {}
  Schedule(const Schedule&) = delete;
  Schedule& operator=(const Schedule&) = delete;

  uint64_t NowMs() const { return options_.now_ms(); }

  TaskId At(uint64_t at_ms, Task task);
  TaskId After(uint64_t wait_ms, Task task) { return At(NowMs() + wait_ms, std::move(task)); }
  // Behind whatever happens now.
  TaskId Soon(Task task) { return After(0, std::move(task)); }
  // Does nothing if it has run, or for 0; sets `task` to 0.
  void Cancel(TaskId& task);

  void OnTime();

  size_t task_count() const { return tasks_.size(); }

 private:
  using Key = std::pair<uint64_t, TaskId>;  // By time.

  void Wake();

  Options options_;
  std::map<Key, Task> tasks_;
  std::unordered_map<TaskId, uint64_t> times_;
  TaskId next_ = 1;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_BASE_SCHEDULE_H_
