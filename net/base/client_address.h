// Whose request it is, by address: that of the connection, or, if that is a proxy which the
// operator trusts, what the proxy says.
//
// X-Forwarded-For has whom each proxy was connected to, the nearest last; what is further ahead
// anybody may have written. So it is read from its end, as long as it names trusted proxies: the
// first other address is the client's. What is no address ends that, too.
//
// An IPv4 address inside IPv6 (::ffff:192.0.2.1) is that IPv4 address. Linear in the header, of
// which no more than kForwardedBytesMax and kForwardedHopsMax are read.
#ifndef COTEXT_NET_BASE_CLIENT_ADDRESS_H_
#define COTEXT_NET_BASE_CLIENT_ADDRESS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"

namespace cotext::net {

inline constexpr size_t kForwardedBytesMax = 2048;  // The last of them.
inline constexpr size_t kForwardedHopsMax = 16;

class IpAddress {
 public:
  // Reads an address alone, without a port; nothing if it is none.
  static std::optional<IpAddress> Parse(std::string_view text);

  bool is_loopback() const;
  std::string ToText() const;
  // Returns by what its requests are counted: an IPv4 address is one client, and so is an IPv6
  // network of 64 bits, in which a client takes any address he likes.
  std::string RateKey() const;

  // Returns whether the first `bits` of 128 are the same.
  bool SharesPrefix(const IpAddress& other, uint32_t bits) const;
  bool is_v4() const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
  std::array<uint8_t, 16> bytes_{};  // As IPv6.
};

class TrustedProxies {
 public:
  // Reads addresses and networks: "10.0.0.7", "10.0.0.0/8", "fd00::/8".
  // Errors: kBadRequest, which one is none of them.
  static Expected<TrustedProxies> Parse(const std::vector<std::string>& networks);

  bool Has(const IpAddress& address) const;

 private:
  struct Network {
    IpAddress address;
    uint32_t bits = 128;
  };
  std::vector<Network> networks_;
};

// Returns whose a request is that came from `peer` with that X-Forwarded-For, empty if without.
IpAddress ClientAddress(const IpAddress& peer, std::string_view forwarded_for,
                        const TrustedProxies& proxies);

}  // namespace cotext::net

#endif  // COTEXT_NET_BASE_CLIENT_ADDRESS_H_
