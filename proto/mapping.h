// A message as a struct and as its protobuf, one field after the other.
//
// There and back, a message is the same, but for fields that its kind does not use, and numbers
// that protobuf has no room for: engines and levels above 2^31 - 1 and codes above 2^32 - 1 become
// that, truth values above 1 become 1.
#ifndef COTEXT_PROTO_MAPPING_H_
#define COTEXT_PROTO_MAPPING_H_

#include "document/error.h"
#include "proto/cotext.pb.h"
#include "sync/message.h"

namespace cotext::proto {

// REQUIRES: `frame` is empty.
void FillFrame(const sync::Message& message, Message& frame);

// Takes the strings out of `frame`. kBadMessage if a document's id has another length than it has.
Expected<sync::Message> ReadFrame(Message& frame);

}  // namespace cotext::proto

#endif  // COTEXT_PROTO_MAPPING_H_
