// A file descriptor that is readable from Wake until Drain: how a thread of the library reaches an
// application's own loop.
//
// Wake may be called in any thread. Linux: an eventfd.
#ifndef COTEXT_BINDINGS_C_WAKE_DESCRIPTOR_H_
#define COTEXT_BINDINGS_C_WAKE_DESCRIPTOR_H_

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace cotext::c {

class WakeDescriptor {
 public:
  WakeDescriptor() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  WakeDescriptor(const WakeDescriptor&) = delete;
  WakeDescriptor& operator=(const WakeDescriptor&) = delete;
  ~WakeDescriptor() {
    if (is_open()) close(fd_);
  }

  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }

  // Both fail only where there is nothing to do: it is readable already, or is not.
  void Wake() const { static_cast<void>(eventfd_write(fd_, 1)); }
  void Drain() const {
    eventfd_t count = 0;
    static_cast<void>(eventfd_read(fd_, &count));
  }

 private:
  int fd_;
};

}  // namespace cotext::c

#endif  // COTEXT_BINDINGS_C_WAKE_DESCRIPTOR_H_
