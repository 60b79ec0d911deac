// Secrets that the server makes and is shown again: tickets, names of connections.
//
// They are looked up by a hash: how long a search takes then tells nothing of those that are there.
#ifndef COTEXT_NET_BASE_SECRET_H_
#define COTEXT_NET_BASE_SECRET_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace cotext::net {

// Random bits that nobody can guess.
using RandomBits = std::function<uint64_t()>;

// Returns 32 hexadecimal digits, which can stand in a path: 128 bits.
std::string MakeSecret(const RandomBits& random);

// Returns the SHA-256 of a secret, 32 bytes.
std::string HashSecret(std::string_view secret);

}  // namespace cotext::net

#endif  // COTEXT_NET_BASE_SECRET_H_
