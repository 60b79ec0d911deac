// What a trimmed document begins with, and its bytes; docs/FORMAT.md §5 is normative.
//
// Decoding is total: kMalformedFile, kTooLarge. What is allocated is bounded by the bytes.
#ifndef COTEXT_CRDT_BASE_CODEC_H_
#define COTEXT_CRDT_BASE_CODEC_H_

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

// `elements_max` is the most elements that the base may have.
Expected<Base> DecodeBase(std::string_view bytes, uint64_t elements_max);

}  // namespace cotext

#endif  // COTEXT_CRDT_BASE_CODEC_H_
