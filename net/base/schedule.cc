#include "net/base/schedule.h"

namespace cotext::net {

Schedule::TaskId Schedule::At(uint64_t at_ms, Task task) {
  const TaskId id = next_++;
  const bool is_first = tasks_.empty() || at_ms < tasks_.begin()->first.first;
  tasks_.emplace(Key{at_ms, id}, std::move(task));
  times_.emplace(id, at_ms);
  if (is_first) Wake();
  return id;
}

void Schedule::Cancel(TaskId& task) {
  const auto found = times_.find(std::exchange(task, 0));
  if (found == times_.end()) return;
  tasks_.erase({found->second, found->first});
  times_.erase(found);
}

void Schedule::OnTime() {
  const uint64_t now_ms = NowMs();
  const TaskId end = next_;  // Those that are set meanwhile are for the next time.
  while (true) {
    auto due = tasks_.begin();
    while (due != tasks_.end() && due->first.first <= now_ms && due->first.second >= end) ++due;
    if (due == tasks_.end() || due->first.first > now_ms) break;
    const Task task = std::move(due->second);
    times_.erase(due->first.second);
    tasks_.erase(due);
    task();
  }
  Wake();
}

void Schedule::Wake() {
  if (!tasks_.empty()) options_.wake_at(tasks_.begin()->first.first);
}

}  // namespace cotext::net
