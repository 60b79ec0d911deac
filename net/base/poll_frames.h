// Several packets in one body of HTTP: each behind its size, a LEB128 number (document/varint.h).
// Both ends of a long-polled connection write and read them.
#ifndef COTEXT_NET_BASE_POLL_FRAMES_H_
#define COTEXT_NET_BASE_POLL_FRAMES_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "document/error.h"
#include "proto/wire.h"

namespace cotext::net {

inline constexpr size_t kPollFramesMax = 1024;  // Of a body.
inline constexpr size_t kPollFrameBytesMax = proto::kPacketBytesMax;
// A frame as large as may be, and small ones with it.
inline constexpr size_t kPollBodyBytesMax = kPollFrameBytesMax + (size_t{1} << 16U);

void AppendFrame(std::string& body, std::string_view frame);

// Returns how many bytes a frame takes in a body.
size_t FrameBytes(std::string_view frame);

// Returns the frames of a body, which lie in it. Errors: kBadMessage, kTooLarge.
Expected<std::vector<std::string_view>> ReadFrames(std::string_view body);

}  // namespace cotext::net

#endif  // COTEXT_NET_BASE_POLL_FRAMES_H_
