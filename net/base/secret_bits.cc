#include "net/base/secret_bits.h"

#include <sys/random.h>

#include "document/check.h"

namespace cotext::net {

uint64_t SecretBits() {
  uint64_t bits = 0;
  // So few bytes come whole, or a system without them is no place for secrets.
  COTEXT_CHECK(getrandom(&bits, sizeof(bits), 0) == sizeof(bits));
  return bits;
}

}  // namespace cotext::net
