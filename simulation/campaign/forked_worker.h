// A copy of this process that works beside it and says what it finds in lines. Whatever goes wrong
// in it, a failed CHECK or an endless loop, ends it alone, and what it prints goes to nobody's
// output.
//
// REQUIRES: this process has one thread when a worker is started. Errors are kIo.
// Thread-compatible.
#ifndef COTEXT_SIMULATION_CAMPAIGN_FORKED_WORKER_H_
#define COTEXT_SIMULATION_CAMPAIGN_FORKED_WORKER_H_

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/error.h"
#include "simulation/subprocess.h"

namespace cotext {

class ForkedWorker {
 public:
  using Say = std::function<void(std::string_view line)>;
  // Runs in the copy, and nothing after it does; lines have no line breaks.
  using Work = std::function<void(const Say& say)>;

  static Expected<ForkedWorker> Start(const Work& work);

  ForkedWorker(ForkedWorker&& other) noexcept
      : process_(std::exchange(other.process_, kEnded)),
        output_(std::move(other.output_)),
        errors_(std::move(other.errors_)),
        buffer_(std::move(other.buffer_)) {}
  ForkedWorker& operator=(ForkedWorker&&) = delete;
  // Stops it.
  ~ForkedWorker();

  // What poll(2) may wait for.
  int descriptor() const { return output_.number(); }

  struct Heard {
    std::vector<std::string> lines;
    bool has_ended = false;
  };
  // Returns the lines that have come, after waiting for some if there are none.
  Expected<Heard> Listen();

  // Waits for its end. Returns nothing if it ended well, or what ended it, with the end of what it
  // printed. REQUIRES: it was not waited for.
  std::string Wait();
  // Ends it now.
  void Stop();

 private:
  static constexpr pid_t kEnded = 0;

  ForkedWorker(pid_t process, FileDescriptor output, FileDescriptor errors)
      : process_(process), output_(std::move(output)), errors_(std::move(errors)) {}

  pid_t process_;
  FileDescriptor output_;
  FileDescriptor errors_;
  std::string buffer_;  // The beginning of a line.
};

}  // namespace cotext

#endif  // COTEXT_SIMULATION_CAMPAIGN_FORKED_WORKER_H_
