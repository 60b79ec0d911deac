// Random bits that nobody can guess, from the system: for tokens, tickets and ids.
#ifndef COTEXT_NET_BASE_SECRET_BITS_H_
#define COTEXT_NET_BASE_SECRET_BITS_H_

#include <cstdint>

namespace cotext::net {

uint64_t SecretBits();

}  // namespace cotext::net

#endif  // COTEXT_NET_BASE_SECRET_BITS_H_
