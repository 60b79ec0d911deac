#include "net/access/connection_counter.h"

#include <arpa/inet.h>

#include <cstring>

#include "document/check.h"

namespace cotext::net {
namespace {

constexpr size_t kNetworkBytes = 8;

// The part of an address that counts as one: of IPv4 all, of IPv6 the first half.
std::string NetworkOf(std::string_view address) {
  std::string text(address);
  in6_addr six{};
  if (inet_pton(AF_INET6, text.c_str(), &six) != 1) return text;
  std::string bytes(sizeof(six), '\0');
  std::memcpy(bytes.data(), &six, sizeof(six));
  // IPv4 by way of an IPv6 socket.
  if (IN6_IS_ADDR_V4MAPPED(&six)) return bytes;
  bytes.resize(kNetworkBytes);
  return bytes;
}

}  // namespace

bool ConnectionCounter::HasRoom(std::string_view address, bool is_shared) const {
  if (count_ >= limits_.connections_max) return false;
  if (is_shared) return true;
  const auto found = by_network_.find(NetworkOf(address));
  return found == by_network_.end() || found->second < limits_.per_address_max;
}

void ConnectionCounter::Add(std::string_view address) {
  ++by_network_[NetworkOf(address)];
  ++count_;
}

void ConnectionCounter::Remove(std::string_view address) {
  const auto found = by_network_.find(NetworkOf(address));
  COTEXT_CHECK(found != by_network_.end());
  if (--found->second == 0) by_network_.erase(found);
  --count_;
}

}  // namespace cotext::net
