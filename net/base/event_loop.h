// The thread that everything of net/ runs in: sockets by libwebsockets, timers, and tasks that
// other threads hand over.
//
//     other threads -- Post --> tasks ┐
//                           timers    ├─> one after the other, in the thread that called Run
//                  libwebsockets ─────┘
//
// The loop is libev's and belongs to this class; libwebsockets (4.1) is a guest in it, because
// timers of its own can be late there: it sets a timer of libev that is running, which libev
// ignores. What it needs to be on time for is done here; its own time-outs are a second late at
// most (kNudgeMs).
//
// A process may have several, in threads of their own. Of what libwebsockets has once in a process,
// making and closing loops keeps them apart, whatever thread that happens in. Only its words go
// through one buffer, and could be mixed up in it; so it is let speak only where they are logged,
// which is to find out what is wrong.
//
// Close comes before whatever callbacks of libwebsockets use is gone. Post, Stop and NowMs are for
// any thread, everything else for the one that runs the loop, or before it runs.
#ifndef COTEXT_NET_BASE_EVENT_LOOP_H_
#define COTEXT_NET_BASE_EVENT_LOOP_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "document/error.h"

struct lws_context;

namespace cotext::net {

class EventLoop {
 public:
  using Task = std::function<void()>;

  // What libwebsockets has to say goes to the log, as what helps to debug: much of it is about
  // what clients do wrong.
  static Expected<std::unique_ptr<EventLoop>> Create();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop();

  // Milliseconds of a clock that does not go back.
  uint64_t NowMs() const;

  // Has a task run by the loop, behind those posted before. Once it is closed, drops it.
  void Post(Task task);

  // Runs until Stop.
  void Run();
  void Stop();

  // Ends libwebsockets: every connection is closed, and its callbacks are called for the last time.
  // REQUIRES: the loop does not run.
  void Close();

  // Has a task run by the loop when the process gets a signal, instead of what that does else. One
  // loop of a process, once for each signal.
  void OnSignal(int signal, Task task);

  // Has libwebsockets look at its time-outs, at once: for who asked it to kill a connection.
  void Nudge();

  // The longest turn since this was asked last, in processor time of the loop's thread: from when
  // it woke until it had nothing more to do. For any thread.
  uint64_t TakeLongestTurnUs();

  // Nothing once it is closed.
  lws_context* context() const;

 private:
  friend class Timer;
  struct Parts;
  explicit EventLoop(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

// A task that runs once when its time has come. REQUIRES: the loop outlives it.
class Timer {
 public:
  Timer(EventLoop& loop, EventLoop::Task task);
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer();

  // In place of the time it was set to before; one that has passed is now, but not inside Set.
  void Set(uint64_t at_ms);
  void Clear();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_BASE_EVENT_LOOP_H_
