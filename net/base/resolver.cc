#include "net/base/resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace cotext::net {
namespace {

bool IsIpv6(std::string_view address) { return address.contains(':'); }

std::string WhyNot(int result) {
  return result == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(result);
}

}  // namespace

// What the thread of a look-up has in common with the resolver.
struct Resolver::Shared {
  std::mutex mutex;           // Of what follows.
  EventLoop* loop = nullptr;  // Nothing once the resolver is gone.
  // Used in the loop only.
  Resolver* resolver = nullptr;
};

Expected<Addresses> LookUpBySystem(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int result = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (result != 0) return MakeError(ErrorCode::kIo, WhyNot(result));
  Addresses addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    const bool is_written = getnameinfo(each->ai_addr, each->ai_addrlen, text.data(), text.size(),
                                        nullptr, 0, NI_NUMERICHOST) == 0;
    if (is_written) addresses.emplace_back(text.data());
  }
  freeaddrinfo(found);
  return addresses;
}

bool IsNumericAddress(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

Addresses InTurn(const Addresses& addresses) {
  if (addresses.empty()) return {};
  const bool begins_with = IsIpv6(addresses.front());
  std::array<Addresses, 2> families;
  for (const std::string& each : addresses) {
    families[IsIpv6(each) == begins_with ? 0 : 1].push_back(each);
  }
  Addresses turns;
  for (size_t i = 0; i < addresses.size(); ++i) {
    for (const Addresses& family : families) {
      if (i < family.size() && turns.size() < kAddressesMax) turns.push_back(family[i]);
    }
  }
  return turns;
}

Resolver::Resolver(EventLoop& loop, std::string host, LookUp look_up)
    : host_(std::move(host)), look_up_(std::move(look_up)), shared_(std::make_shared<Shared>()) {
  shared_->loop = &loop;
  shared_->resolver = this;
}

Resolver::~Resolver() {
  const std::lock_guard lock(shared_->mutex);
  shared_->loop = nullptr;
  shared_->resolver = nullptr;
}

Resolver::Id Resolver::Resolve(Done done) {
  const Id id = next_++;
  waiting_.emplace(id, std::move(done));
  if (!std::exchange(is_looking_up_, true)) Begin();
  return id;
}

void Resolver::Begin() {
  const auto tell = [shared = shared_](Expected<Addresses> found) {
    const std::lock_guard lock(shared->mutex);
    if (shared->loop == nullptr) return;
    shared->loop->Post([shared, found = std::move(found)] {
      if (shared->resolver != nullptr) shared->resolver->OnFound(found);
    });
  };
  if (IsNumericAddress(host_)) return tell(Addresses{host_});
  try {
    std::thread([tell, look_up = look_up_, host = host_] { tell(look_up(host)); }).detach();
  } catch (const std::system_error& error) {
    tell(MakeError(ErrorCode::kIo, error.what()));
  }
}

void Resolver::OnFound(const Expected<Addresses>& found) {
  Expected<Addresses> told = found;
  if (told) *told = InTurn(*told);
  if (told && told->empty()) told = MakeError(ErrorCode::kIo, "it has no address");
  is_looking_up_ = false;
  // One who is told may cancel others, and ask anew.
  const Id end = next_;
  while (!waiting_.empty() && waiting_.begin()->first < end) {
    const Done done = std::move(waiting_.extract(waiting_.begin()).mapped());
    done(told);
  }
}

}  // namespace cotext::net
