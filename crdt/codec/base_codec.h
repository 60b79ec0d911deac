// What a trimmed document begins with, and its bytes; docs/FORMAT.md §5 is normative.
//
// Decoding is total: kMalformedFile, kTooLarge. What is allocated is bounded by the bytes, which
// are read twice: first it is counted how many runs there are, and nothing is kept.
#ifndef COTEXT_CRDT_CODEC_BASE_CODEC_H_
#define COTEXT_CRDT_CODEC_BASE_CODEC_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "crdt/base_ids.h"
#include "crdt/horizon.h"
#include "document/error.h"

namespace cotext {

// Empty where nothing was trimmed.
struct Base {
  Horizon horizon;
  BaseIds ids;  // Of the elements visible at the horizon.
};

// REQUIRES: the horizon is not empty.
std::string EncodeBase(const Horizon& horizon, const BaseIds& ids);

// Compressed, a run may take less than a bit, and 36 bytes while it is read: these are some 600 MB.
// People's texts have a run for each dozen characters.
inline constexpr uint64_t kBaseRunsMax = uint64_t{1} << 24U;

// The most elements that the base may have, and runs of ids as the bytes cut them.
struct BaseLimits {
  uint64_t elements;
  uint64_t runs = kBaseRunsMax;
};

Expected<Base> DecodeBase(std::string_view bytes, const BaseLimits& limits);

}  // namespace cotext

#endif  // COTEXT_CRDT_CODEC_BASE_CODEC_H_
