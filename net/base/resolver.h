// The numeric addresses of a host, looked up where that holds nobody up: the system's look-up
// blocks, for minutes if name servers are silent, and cannot be called off.
//
//     Resolve -- if no look-up is under way --> a thread of its own --> addresses
//        └───────────────────── the loop: done(addresses) <────────────────┘
//
// There is one look-up at a time, which all who ask meanwhile share: so silent name servers cost
// one thread, however often it is tried. Nobody waits for that thread, the destructor neither: it
// ends when the system gives up, and what it found is for nobody then.
//
// For the loop's thread. REQUIRES: the loop outlives it.
#ifndef COTEXT_NET_BASE_RESOLVER_H_
#define COTEXT_NET_BASE_RESOLVER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"
#include "net/base/event_loop.h"

namespace cotext::net {

// So many addresses of a host are of use.
inline constexpr size_t kAddressesMax = 8;

using Addresses = std::vector<std::string>;

// Looks a host up, and blocks. Called in any thread, and perhaps when whoever wanted to know is
// gone.
using LookUp = std::function<Expected<Addresses>(const std::string& host)>;

// As the system does it: files, DNS. kIo: why there are no addresses.
Expected<Addresses> LookUpBySystem(const std::string& host);

// Returns whether a host is an address already.
bool IsNumericAddress(const std::string& host);

// Returns the first kAddressesMax, the families of IPv4 and IPv6 in turn, beginning with the one
// that came first: if one of them leads nowhere here, only every other try is in vain.
Addresses InTurn(const Addresses& addresses);

class Resolver {
 public:
  using Done = std::function<void(const Expected<Addresses>& addresses)>;
  using Id = uint64_t;

  Resolver(EventLoop& loop, std::string host, LookUp look_up);
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;
  ~Resolver();

  // `done` is called by the loop, and not inside this; with one address at least, or an error.
  Id Resolve(Done done);
  // From now on `done` is not called.
  void Cancel(Id id) { waiting_.erase(id); }

 private:
  struct Shared;
  void Begin();
  void OnFound(const Expected<Addresses>& found);

  std::string host_;
  LookUp look_up_;
  std::map<Id, Done> waiting_;
  Id next_ = 1;
  bool is_looking_up_ = false;
  std::shared_ptr<Shared> shared_;
};

}  // namespace cotext::net

#endif  // COTEXT_NET_BASE_RESOLVER_H_
