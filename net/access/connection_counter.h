// How many connections there are, in all and from each address, against what may be: asked before
// anything is read from one.
//
// Who has IPv6 has a network of 64 bits at least, so that much of an address is one. Memory: that
// of the addresses that have connections. O(log) of those. Thread-compatible.
#ifndef COTEXT_NET_ACCESS_CONNECTION_COUNTER_H_
#define COTEXT_NET_ACCESS_CONNECTION_COUNTER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace cotext::net {

struct ConnectionLimits {
  size_t connections_max = 20'000;
  size_t per_address_max = 1'000;
};

class ConnectionCounter {
 public:
  explicit ConnectionCounter(const ConnectionLimits& limits = {}) : limits_(limits) {}

  // Returns whether there is room for one more connection from a numeric address; `is_shared`:
  // behind that address are many, as with a proxy.
  bool HasRoom(std::string_view address, bool is_shared = false) const;
  void Add(std::string_view address);
  // REQUIRES: it was added.
  void Remove(std::string_view address);

  size_t count() const { return count_; }
  size_t addresses() const { return by_network_.size(); }

 private:
  ConnectionLimits limits_;
  std::map<std::string, size_t, std::less<>> by_network_;
  size_t count_ = 0;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_ACCESS_CONNECTION_COUNTER_H_
