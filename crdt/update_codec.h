// Updates as bytes.
//
// A version byte, the replicas that occur, then change by change: replica, first counter, parents,
// operations. All numbers are LEB128 in shortest form; replicas are named by their place in the
// list. Decode is total and allocates in proportion to the bytes; it checks the form only, what the
// changes say is checked when they are integrated. The error is kMalformedUpdate.
#ifndef COTEXT_CRDT_UPDATE_CODEC_H_
#define COTEXT_CRDT_UPDATE_CODEC_H_

#include <string>
#include <string_view>

#include "crdt/change.h"
#include "document/error.h"

namespace cotext {

std::string EncodeUpdate(const Update& update);
Expected<Update> DecodeUpdate(std::string_view bytes);

}  // namespace cotext

#endif  // COTEXT_CRDT_UPDATE_CODEC_H_
