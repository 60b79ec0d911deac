// A look-up of names that takes as long as a test wants.
#ifndef COTEXT_TESTS_NET_HELD_NAMES_H_
#define COTEXT_TESTS_NET_HELD_NAMES_H_

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "document/error.h"
#include "net/base/resolver.h"

namespace cotext::net {

// Every look-up waits for Release. At its end they are released, and waited for.
class HeldNames {
 public:
  explicit HeldNames(Addresses addresses = {"127.0.0.1"}) {
    state_->addresses = std::move(addresses);
  }
  HeldNames(const HeldNames&) = delete;
  HeldNames& operator=(const HeldNames&) = delete;
  ~HeldNames() {
    Release();
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, [&] { return state_->begun == state_->ended; });
  }

  LookUp look_up() const {
    return [state = state_](const std::string& /*host*/) -> Expected<Addresses> {
      std::unique_lock lock(state->mutex);
      ++state->begun;
      state->changed.notify_all();
      state->changed.wait(lock, [&] { return state->is_released; });
      ++state->ended;
      state->changed.notify_all();
      return state->addresses;
    };
  }

  void WaitUntilBegun(uint64_t count = 1) const {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, [&] { return state_->begun >= count; });
  }
  uint64_t begun() const {
    const std::lock_guard lock(state_->mutex);
    return state_->begun;
  }
  void Release() const {
    const std::lock_guard lock(state_->mutex);
    state_->is_released = true;
    state_->changed.notify_all();
  }

 private:
  struct State {
    std::mutex mutex;  // Of what follows.
    std::condition_variable changed;
    Addresses addresses;
    bool is_released = false;
    uint64_t begun = 0;
    uint64_t ended = 0;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace cotext::net

#endif  // COTEXT_TESTS_NET_HELD_NAMES_H_
