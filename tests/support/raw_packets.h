// Packets around any bytes, with checksums that fit: what somebody who knows the protocol could
// send, and no encoder of ours would. The checksum is computed here a second time.
#ifndef COTEXT_TESTS_SUPPORT_RAW_PACKETS_H_
#define COTEXT_TESTS_SUPPORT_RAW_PACKETS_H_

#include <string>
#include <string_view>

#include "proto/wire.h"

namespace cotext {

// A message whose bytes, behind tag and length, are these.
proto::EncodedMessage RawMessage(std::string_view body);

// Returns the bytes with a checksum behind them that is right for all in front of it. What is no
// protobuf of a packet stays as it is.
std::string WithRightPacketChecksum(std::string_view bytes);

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_RAW_PACKETS_H_
