#include "net/base/poll_frames.h"

#include "document/varint.h"

namespace cotext::net {

void AppendFrame(std::string& body, std::string_view frame) {
  AppendVarint(body, frame.size());
  body += frame;
}

size_t FrameBytes(std::string_view frame) { return VarintSize(frame.size()) + frame.size(); }

Expected<std::vector<std::string_view>> ReadFrames(std::string_view body) {
  if (body.size() > kPollBodyBytesMax) {
    return MakeError(ErrorCode::kTooLarge, "more bytes of frames than may come at once");
  }
  std::vector<std::string_view> frames;
  ByteReader reader(body);
  while (!reader.done()) {
    if (frames.size() == kPollFramesMax) {
      return MakeError(ErrorCode::kTooLarge, "more frames than may come at once");
    }
    const auto size = reader.Varint();
    if (!size) return MakeError(ErrorCode::kBadMessage, "a frame without a size");
    if (*size > kPollFrameBytesMax) {
      return MakeError(ErrorCode::kTooLarge, "a frame of more bytes than it may have");
    }
    const auto frame = reader.Bytes(*size);
    if (!frame) return MakeError(ErrorCode::kBadMessage, "a frame that is cut off");
    frames.push_back(*frame);
  }
  return frames;
}

}  // namespace cotext::net
