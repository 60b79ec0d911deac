// Compression by functions of a C application.
#ifndef COTEXT_BINDINGS_C_CODEC_H_
#define COTEXT_BINDINGS_C_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "bindings/c/arguments.h"
#include "bindings/c/cotext.h"
#include "bindings/c/status.h"
#include "crdt/codec/compression.h"
#include "document/error.h"

namespace cotext::c {

// Null is none.
inline Refusal CheckCodec(const cotext_codec* codec) {
  if (codec == nullptr) return kAccepted;
  if (const Refusal refusal = CheckOptions(codec); !refusal.is_ok()) return refusal;
  if (codec->method < 0 || codec->method > static_cast<int32_t>(Compression::kLz4)) {
    return {.status = COTEXT_INVALID_ARGUMENT, .message = "there is no such compression"};
  }
  if (codec->method != 0 && codec->compress == nullptr) return kNull;
  return kAccepted;
}

// REQUIRES, of both: the codec was checked.
inline Compressor CompressorOf(const cotext_codec* codec) {
  if (codec == nullptr || codec->method == 0) return {};
  const auto compress = [codec = *codec](std::string_view raw) {
    // What does not get smaller is kept as it is, so that there is no need for more room.
    std::string bytes(raw.size(), '\0');
    const size_t size = codec.compress(codec.context, codec.method, raw.data(), raw.size(),
                                       bytes.data(), bytes.size());
    if (size == 0 || size >= raw.size()) return std::string(raw);
    bytes.resize(size);
    return bytes;
  };
  return {.method = static_cast<Compression>(codec->method), .compress = compress};
}

inline Decompressor DecompressorOf(const cotext_codec* codec) {
  if (codec == nullptr || codec->decompress == nullptr) return {};
  return [codec = *codec](Compression method, std::string_view bytes,
                          size_t raw_size) -> Expected<std::string> {
    std::string raw(raw_size, '\0');
    const size_t size = codec.decompress(codec.context, static_cast<int32_t>(method), bytes.data(),
                                         bytes.size(), raw.data(), raw_size);
    if (size == raw_size) return raw;
    return MakeError(ErrorCode::kMalformedUpdate, "the codec could not decompress");
  };
}

}  // namespace cotext::c

#endif  // COTEXT_BINDINGS_C_CODEC_H_
