#include "net/base/client_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace cotext::net {
namespace {

constexpr uint32_t kV4Offset = 96;  // Bits in front of an IPv4 address as IPv6.
constexpr std::array<uint8_t, 12> kV4Prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr uint32_t kClientBits = 64;

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const size_t begin = std::min(text.find_first_not_of(kBlank), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(kBlank) + 1);
}

// Some proxies add the port: "192.0.2.1:5000", "[2001:db8::1]:5000".
std::string_view WithoutPort(std::string_view hop) {
  if (hop.starts_with('[')) return hop.substr(1, std::min(hop.find(']'), hop.size()) - 1);
  const size_t colon = hop.find(':');
  const bool is_only = colon != std::string_view::npos && hop.rfind(':') == colon;
  return is_only ? hop.substr(0, colon) : hop;
}

std::optional<uint32_t> ParseNumber(std::string_view text) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  if (text.size() > INET6_ADDRSTRLEN || text.contains('\0')) return std::nullopt;
  const std::string terminated(text);
  IpAddress address;
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) == 1) return address;
  if (inet_pton(AF_INET, terminated.c_str(), &address.bytes_[kV4Offset / 8]) != 1) {
    return std::nullopt;
  }
  std::ranges::copy(kV4Prefix, address.bytes_.begin());
  return address;
}

bool IpAddress::is_v4() const {
  return std::equal(kV4Prefix.begin(), kV4Prefix.end(), bytes_.begin());
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes_[kV4Offset / 8] == 127;
  return bytes_ == std::array<uint8_t, 16>{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
}

std::string IpAddress::ToText() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = is_v4() ? AF_INET : AF_INET6;
  const uint8_t* bytes = is_v4() ? &bytes_[kV4Offset / 8] : bytes_.data();
  return inet_ntop(family, bytes, text.data(), text.size());
}

std::string IpAddress::RateKey() const {
  if (is_v4()) return ToText();
  IpAddress network = *this;
  std::fill(network.bytes_.begin() + kClientBits / 8, network.bytes_.end(), uint8_t{0});
  return network.ToText() + "/64";
}

bool IpAddress::SharesPrefix(const IpAddress& other, uint32_t bits) const {
  const uint32_t whole = bits / 8;
  if (!std::equal(bytes_.begin(), bytes_.begin() + whole, other.bytes_.begin())) return false;
  if (bits % 8 == 0) return true;
  const auto differ = static_cast<uint32_t>(bytes_[whole] ^ other.bytes_[whole]);
  return differ >> (8 - bits % 8) == 0;
}

Expected<TrustedProxies> TrustedProxies::Parse(const std::vector<std::string>& networks) {
  TrustedProxies proxies;
  for (const std::string& text : networks) {
    const size_t slash = std::min(text.find('/'), text.size());
    const auto address = IpAddress::Parse(std::string_view(text).substr(0, slash));
    const uint32_t offset = address && address->is_v4() ? kV4Offset : 0;
    const auto bits = slash == text.size() ? std::optional<uint32_t>(128 - offset)
                                           : ParseNumber(std::string_view(text).substr(slash + 1));
    if (!address || !bits || *bits > 128 - offset) {
      return MakeError(ErrorCode::kBadRequest, text + ": no address of a proxy, and no network");
    }
    proxies.networks_.push_back({.address = *address, .bits = *bits + offset});
  }
  return proxies;
}

bool TrustedProxies::Has(const IpAddress& address) const {
  return std::ranges::any_of(networks_, [&](const Network& network) {
    return address.SharesPrefix(network.address, network.bits);
  });
}

IpAddress ClientAddress(const IpAddress& peer, std::string_view forwarded_for,
                        const TrustedProxies& proxies) {
  IpAddress client = peer;
  std::string_view rest = forwarded_for;
  if (rest.size() > kForwardedBytesMax) rest.remove_prefix(rest.size() - kForwardedBytesMax);
  for (size_t hop = 0; hop < kForwardedHopsMax && !rest.empty(); ++hop) {
    if (!proxies.Has(client)) return client;
    const size_t comma = rest.rfind(',');
    const size_t begin = comma == std::string_view::npos ? 0 : comma + 1;
    const auto next = IpAddress::Parse(WithoutPort(Trim(rest.substr(begin))));
    if (!next) return client;
    client = *next;
    rest = rest.substr(0, begin == 0 ? 0 : comma);
  }
  return client;
}

}  // namespace cotext::net
