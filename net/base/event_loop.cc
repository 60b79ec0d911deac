#include "net/base/event_loop.h"

#include <ev.h>
#include <libwebsockets.h>

#include <array>
#include <atomic>
#include <chrono>
#include <ctime>
#include <deque>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "net/base/log.h"

namespace cotext::net {
namespace {

// So late may time-outs of libwebsockets be: those of handshakes, of seconds.
constexpr double kNudgeS = 1.0;

// Of all headers of a request together. A token with many grants takes two of the eight.
constexpr unsigned short kHeaderBytesMax = 8192;
// Requests whose headers are being read at once; others wait for those, or their time-outs.
constexpr unsigned short kHandshakesMax = 4096;
constexpr unsigned kHandshakeS = 10;

// What is read from a socket at once.
constexpr unsigned kReadBytes = 65536;

uint64_t ThreadCpuUs() {
  constexpr uint64_t kUsPerS = 1'000'000;
  constexpr uint64_t kNsPerUs = 1'000;
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<uint64_t>(time.tv_sec) * kUsPerS +
         static_cast<uint64_t>(time.tv_nsec) / kNsPerUs;
}

void Emit(int /*level*/, const char* text) {
  std::string_view line = text;
  while (line.ends_with('\n')) line.remove_suffix(1);
  Log(LogLevel::kDebug, "libwebsockets", {{"says", line}});
}

// Of what libwebsockets and what it loads have once in a process, and change without a word when
// contexts come and go.
std::mutex& ProcessMutex() {
  static std::mutex* const mutex = new std::mutex;
  return *mutex;
}

lws_context* CreateContext(struct ev_loop* loop) {
  const std::lock_guard lock(ProcessMutex());
  lws_set_log_level(IsLogged(LogLevel::kDebug) ? LLL_ERR | LLL_WARN : 0, Emit);
  std::array<void*, 1> loops = {loop};
  lws_context_creation_info info{};
  info.port = CONTEXT_PORT_NO_LISTEN;
  info.options = LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
  // With this one a context takes new numbers under which libwebsockets then looks for whatever
  // belongs to TLS, of other contexts, too: their handshakes would fail.
  static bool has_set_up_tls = false;
  if (!has_set_up_tls) info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
  info.foreign_loops = loops.data();
  info.max_http_header_data = kHeaderBytesMax;
  info.max_http_header_pool = kHandshakesMax;
  info.timeout_secs = kHandshakeS;
  info.pt_serv_buf_size = kReadBytes;
  info.gid = -1;
  info.uid = -1;
  lws_context* const context = lws_create_context(&info);
  has_set_up_tls |= context != nullptr;
  return context;
}

}  // namespace

struct EventLoop::Parts {
  struct ev_loop* loop = nullptr;
  lws_context* context = nullptr;
  ev_async wake = {};
  ev_timer nudge = {};
  ev_check awake = {};     // The first of what a turn does,
  ev_prepare asleep = {};  // and the last.
  uint64_t awake_at_us = 0;
  std::atomic<uint64_t> longest_turn_us = 0;
  struct Signal {
    ev_signal watcher = {};
    Task task;
  };
  std::deque<Signal> signals;

  std::mutex mutex;  // Of what follows.
  std::vector<Task> tasks;
  bool is_closed = false;

  static void OnWake(struct ev_loop* /*loop*/, ev_async* watcher, int /*events*/) {
    auto& parts = *static_cast<Parts*>(watcher->data);
    std::vector<Task> tasks;
    {
      const std::lock_guard lock(parts.mutex);
      tasks.swap(parts.tasks);
    }
    for (Task& task : tasks) task();
  }

  static void OnAwake(struct ev_loop* /*loop*/, ev_check* watcher, int /*events*/) {
    static_cast<Parts*>(watcher->data)->awake_at_us = ThreadCpuUs();
  }

  static void OnAsleep(struct ev_loop* /*loop*/, ev_prepare* watcher, int /*events*/) {
    auto& parts = *static_cast<Parts*>(watcher->data);
    const uint64_t began_us = std::exchange(parts.awake_at_us, 0);
    if (began_us == 0) return;
    const uint64_t took_us = ThreadCpuUs() - began_us;
    // Only this thread makes it greater.
    if (took_us > parts.longest_turn_us) parts.longest_turn_us = took_us;
  }

  static void OnSignal(struct ev_loop* /*loop*/, ev_signal* watcher, int /*events*/) {
    static_cast<Signal*>(watcher->data)->task();
  }

  static void OnNudge(struct ev_loop* /*loop*/, ev_timer* watcher, int /*events*/) {
    const auto& parts = *static_cast<Parts*>(watcher->data);
    if (parts.context != nullptr) lws_cancel_service(parts.context);
  }
};

Expected<std::unique_ptr<EventLoop>> EventLoop::Create() {
  auto parts = std::make_unique<Parts>();
  parts->loop = ev_loop_new(EVFLAG_AUTO);
  if (parts->loop == nullptr) return MakeError(ErrorCode::kIo, "cannot make an event loop");
  parts->context = CreateContext(parts->loop);
  if (parts->context == nullptr) {
    ev_loop_destroy(parts->loop);
    return MakeError(ErrorCode::kIo,
                     "libwebsockets does not start: is its part for libev installed?");
  }
  ev_async_init(&parts->wake, Parts::OnWake);
  parts->wake.data = parts.get();
  ev_async_start(parts->loop, &parts->wake);
  ev_timer_init(&parts->nudge, Parts::OnNudge, kNudgeS, kNudgeS);
  parts->nudge.data = parts.get();
  ev_timer_start(parts->loop, &parts->nudge);
  ev_check_init(&parts->awake, Parts::OnAwake);
  ev_set_priority(&parts->awake, EV_MAXPRI);
  parts->awake.data = parts.get();
  ev_check_start(parts->loop, &parts->awake);
  ev_prepare_init(&parts->asleep, Parts::OnAsleep);
  ev_set_priority(&parts->asleep, EV_MINPRI);
  parts->asleep.data = parts.get();
  ev_prepare_start(parts->loop, &parts->asleep);
  return std::unique_ptr<EventLoop>(new EventLoop(std::move(parts)));
}

EventLoop::EventLoop(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

EventLoop::~EventLoop() {
  Close();
  for (Parts::Signal& signal : parts_->signals) ev_signal_stop(parts_->loop, &signal.watcher);
  ev_async_stop(parts_->loop, &parts_->wake);
  ev_timer_stop(parts_->loop, &parts_->nudge);
  ev_check_stop(parts_->loop, &parts_->awake);
  ev_prepare_stop(parts_->loop, &parts_->asleep);
  ev_loop_destroy(parts_->loop);
}

uint64_t EventLoop::NowMs() const {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

void EventLoop::Post(Task task) {
  const std::lock_guard lock(parts_->mutex);
  if (parts_->is_closed) return;
  parts_->tasks.push_back(std::move(task));
  ev_async_send(parts_->loop, &parts_->wake);
}

void EventLoop::Run() {
  Nudge();
  ev_run(parts_->loop, 0);
}

void EventLoop::Stop() {
  Post([this] { ev_break(parts_->loop, EVBREAK_ALL); });
}

void EventLoop::Close() {
  std::vector<Task> dropped;
  {
    const std::lock_guard lock(parts_->mutex);
    parts_->is_closed = true;
    dropped.swap(parts_->tasks);
  }
  lws_context* const context = std::exchange(parts_->context, nullptr);
  if (context == nullptr) return;
  const std::lock_guard lock(ProcessMutex());
  lws_context_destroy(context);
}

void EventLoop::OnSignal(int signal, Task task) {
  Parts::Signal& added = parts_->signals.emplace_back();
  added.task = std::move(task);
  ev_signal_init(&added.watcher, Parts::OnSignal, signal);
  added.watcher.data = &added;
  ev_signal_start(parts_->loop, &added.watcher);
}

void EventLoop::Nudge() {
  if (parts_->context != nullptr) lws_cancel_service(parts_->context);
}

uint64_t EventLoop::TakeLongestTurnUs() { return parts_->longest_turn_us.exchange(0); }

lws_context* EventLoop::context() const { return parts_->context; }

struct Timer::Parts {
  EventLoop* owner = nullptr;
  struct ev_loop* loop = nullptr;
  ev_timer timer = {};
  EventLoop::Task task;

  static void OnTime(struct ev_loop* /*loop*/, ev_timer* watcher, int /*events*/) {
    static_cast<Parts*>(watcher->data)->task();
  }
};

Timer::Timer(EventLoop& loop, EventLoop::Task task) : parts_(std::make_unique<Parts>()) {
  parts_->owner = &loop;
  parts_->loop = loop.parts_->loop;
  parts_->task = std::move(task);
  ev_timer_init(&parts_->timer, Parts::OnTime, 0., 0.);
  parts_->timer.data = parts_.get();
}

Timer::~Timer() { Clear(); }

void Timer::Set(uint64_t at_ms) {
  constexpr double kMsPerS = 1000;
  Clear();
  const uint64_t now_ms = parts_->owner->NowMs();
  const uint64_t wait_ms = at_ms > now_ms ? at_ms - now_ms : 0;
  ev_now_update(parts_->loop);
  ev_timer_set(&parts_->timer, static_cast<double>(wait_ms) / kMsPerS, 0.);
  ev_timer_start(parts_->loop, &parts_->timer);
}

void Timer::Clear() { ev_timer_stop(parts_->loop, &parts_->timer); }

}  // namespace cotext::net
