// Everything is unpacked straight into a buffer of the announced size. So zstd needs no window,
// whatever size the frame asks for, and no method can write more than was announced.
#include "storage/compression.h"

#include <lz4.h>
#include <lz4hc.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <bit>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "document/check.h"

namespace cotext {
namespace {

static_assert(kBlockBytesMax == LZ4_MAX_INPUT_SIZE);

constexpr int kZstdLevelMax = 22;
// On updates, level 22 saves 0.03 % and takes three times the memory.
constexpr int kZstdLevelSmall = 19;
constexpr int kDeflateLevelMax = 9;
// The highest, 12, saves 2 to 3 % and takes four to eight times as long; none is read faster.
constexpr int kLz4Level = 4;

// How many bytes came out, or what is wrong with those that went in.
using Written = std::expected<size_t, std::string>;

// Returns the bytes that `write` leaves in a buffer of `capacity` bytes; it returns their number.
template <typename Write>
std::string BytesOf(size_t capacity, Write write) {
  std::string bytes;
  bytes.resize_and_overwrite(capacity, [&write, capacity](char* out, size_t /*size*/) -> size_t {
    return write(out, capacity);
  });
  return bytes;
}

Written TooMany(size_t capacity) {
  return std::unexpected("unpacks to more than " + std::to_string(capacity) + " bytes");
}

Written Damaged(std::string_view reason) {
  return std::unexpected("damaged: " + std::string(reason));
}

Written EndsTooEarly() { return std::unexpected("ends too early"); }

Written GoesOn(size_t count) {
  return std::unexpected(std::to_string(count) + " bytes after the end");
}

// zstd.

// From here on, long-distance matching finds what zstd's ordinary search would not reach any more.
// Below, it only takes the place of better matches: at level 3, 10 kB of text grow by 0.7 %.
constexpr size_t kLongDistanceMin = size_t{1} << 16U;

// The first bytes of a frame: neither one to skip nor one of a version before RFC 8878.
constexpr std::string_view kZstdMagic = "\x28\xb5\x2f\xfd";

struct ZstdFree {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

void SetParameter(ZSTD_CCtx* context, ZSTD_cParameter parameter, int value) {
  COTEXT_CHECK(!ZSTD_isError(ZSTD_CCtx_setParameter(context, parameter, value)));
}

std::string CompressZstd(std::string_view raw, int level) {
  const std::unique_ptr<ZSTD_CCtx, ZstdFree> owner(ZSTD_createCCtx());
  ZSTD_CCtx* const context = owner.get();
  COTEXT_CHECK(context != nullptr);
  SetParameter(context, ZSTD_c_compressionLevel, level);
  SetParameter(context, ZSTD_c_contentSizeFlag, 0);
  if (raw.size() >= kLongDistanceMin) {
    SetParameter(context, ZSTD_c_enableLongDistanceMatching, 1);
    const int log = static_cast<int>(std::bit_width(raw.size() - 1));
    const int log_max = ZSTD_cParam_getBounds(ZSTD_c_windowLog).upperBound;
    SetParameter(context, ZSTD_c_windowLog, std::min(log, log_max));
  }
  return BytesOf(ZSTD_compressBound(raw.size()), [context, raw](char* out, size_t capacity) {
    const size_t size = ZSTD_compress2(context, out, capacity, raw.data(), raw.size());
    COTEXT_CHECK(!ZSTD_isError(size));
    return size;
  });
}

Written ZstdError(size_t code, size_t capacity) {
  switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_dstSize_tooSmall: return TooMany(capacity);
    case ZSTD_error_srcSize_wrong: return EndsTooEarly();
    default: return Damaged(ZSTD_getErrorName(code));
  }
}

Written UnpackZstd(ZSTD_DCtx* context, std::string_view bytes, char* out, size_t capacity) {
  if (!bytes.starts_with(kZstdMagic)) return Damaged("no frame");
  const size_t frame_size = ZSTD_findFrameCompressedSize(bytes.data(), bytes.size());
  if (ZSTD_isError(frame_size)) return ZstdError(frame_size, capacity);
  if (frame_size != bytes.size()) return GoesOn(bytes.size() - frame_size);
  const size_t size = ZSTD_decompressDCtx(context, out, capacity, bytes.data(), bytes.size());
  if (ZSTD_isError(size)) return ZstdError(size, capacity);
  return size;
}

// LZ4.

std::string CompressLz4(std::string_view raw) {
  if (raw.size() > kBlockBytesMax) return std::string(raw);
  if (raw.empty()) raw = "";  // The library computes with the pointer, which must not be null.
  const int raw_size = static_cast<int>(raw.size());
  const int bound = LZ4_compressBound(raw_size);
  return BytesOf(static_cast<size_t>(bound), [raw, raw_size, bound](char* out, size_t /*size*/) {
    const int size = LZ4_compress_HC(raw.data(), out, raw_size, bound, kLz4Level);
    COTEXT_CHECK(size > 0);
    return static_cast<size_t>(size);
  });
}

// A block ends where its bytes do, so there is nothing after its end. The library does not tell
// whether it stopped for bad bytes or a full buffer.
Written UnpackLz4(std::string_view bytes, char* out, size_t capacity) {
  const int size = LZ4_decompress_safe(bytes.data(), out, static_cast<int>(bytes.size()),
                                       static_cast<int>(capacity));
  if (size < 0) {
    return std::unexpected("damaged, or unpacks to more than " + std::to_string(capacity) +
                           " bytes");
  }
  return static_cast<size_t>(size);
}

// Deflate.

// The largest window, and no header: that is what the minus says.
constexpr int kDeflateWindowBits = -15;
constexpr int kDeflateMemoryLevel = 9;

// zlib does not change its input, but says so only on request.
Bytef* Input(std::string_view bytes) {
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
}

std::string CompressDeflate(std::string_view raw, int level) {
  if (raw.size() > kBlockBytesMax) return std::string(raw);
  z_stream stream = {};
  COTEXT_CHECK(deflateInit2(&stream, level, Z_DEFLATED, kDeflateWindowBits, kDeflateMemoryLevel,
                            Z_DEFAULT_STRATEGY) == Z_OK);
  std::string bytes =
      BytesOf(deflateBound(&stream, raw.size()), [&stream, raw](char* out, size_t capacity) {
        stream.next_in = Input(raw);
        stream.avail_in = static_cast<uInt>(raw.size());
        stream.next_out = reinterpret_cast<Bytef*>(out);
        stream.avail_out = static_cast<uInt>(capacity);
        COTEXT_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
        return stream.total_out;
      });
  deflateEnd(&stream);
  return bytes;
}

Written UnpackDeflate(std::string_view bytes, char* out, size_t capacity) {
  z_stream stream = {};
  COTEXT_CHECK(inflateInit2(&stream, kDeflateWindowBits) == Z_OK);
  stream.next_in = Input(bytes);
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out);
  stream.avail_out = static_cast<uInt>(capacity);
  const int code = inflate(&stream, Z_FINISH);
  const std::string_view reason = stream.msg == nullptr ? "no stream" : stream.msg;
  inflateEnd(&stream);
  COTEXT_CHECK(code != Z_MEM_ERROR);
  if (code == Z_STREAM_END) {
    return stream.avail_in == 0 ? Written(stream.total_out) : GoesOn(stream.avail_in);
  }
  if (code != Z_BUF_ERROR && code != Z_OK) return Damaged(reason);
  return stream.avail_in == 0 ? EndsTooEarly() : TooMany(capacity);
}

// All of them.

Written UnpackNone(std::string_view bytes, char* out, size_t capacity) {
  if (bytes.size() > capacity) return TooMany(capacity);
  return bytes.copy(out, capacity);
}

// Returns a method's name, empty for an unknown one.
std::string_view NameOf(Compression method) {
  switch (method) {
    case Compression::kNone: return "uncompressed";
    case Compression::kDeflate: return "deflate";
    case Compression::kZstd: return "zstd";
    case Compression::kLz4: return "lz4";
  }
  return "";
}

bool FitsABlock(Compression method, std::string_view bytes, size_t raw_size) {
  if (method != Compression::kDeflate && method != Compression::kLz4) return true;
  return bytes.size() <= kBlockBytesMax && raw_size <= kBlockBytesMax;
}

// The function behind NativeDecompressor.
class Unpacker {
 public:
  Unpacker() = default;
  Unpacker(const Unpacker& /*other*/) {}  // A context of its own; a std::function has to be copied.
  Unpacker& operator=(const Unpacker&) = delete;
  ~Unpacker() = default;

  Expected<std::string> operator()(Compression method, std::string_view bytes, size_t raw_size) {
    const std::string_view name = NameOf(method);
    if (name.empty()) {
      return MakeError(
          ErrorCode::kUnsupported,
          "compression method " + std::to_string(static_cast<int>(method)) + " is unknown");
    }
    const auto malformed = [name](std::string_view problem) {
      return MakeError(ErrorCode::kMalformedUpdate,
                       std::string(name) + ": " + std::string(problem));
    };
    if (!FitsABlock(method, bytes, raw_size)) return malformed("too large for this method");
    Written written = 0;
    std::string raw = BytesOf(raw_size, [&, this](char* out, size_t capacity) {
      written = Write(method, bytes, out, capacity);
      return written.value_or(0);
    });
    if (!written) return malformed(written.error());
    if (*written != raw_size) {
      return malformed("unpacks to " + std::to_string(*written) + " bytes, not " +
                       std::to_string(raw_size));
    }
    return raw;
  }

 private:
  Written Write(Compression method, std::string_view bytes, char* out, size_t capacity) {
    switch (method) {
      case Compression::kNone: return UnpackNone(bytes, out, capacity);
      case Compression::kDeflate: return UnpackDeflate(bytes, out, capacity);
      case Compression::kZstd: return UnpackZstd(ZstdContext(), bytes, out, capacity);
      case Compression::kLz4: return UnpackLz4(bytes, out, capacity);
    }
    COTEXT_CHECK(false);
  }

  ZSTD_DCtx* ZstdContext() {
    if (!zstd_context_) zstd_context_.reset(ZSTD_createDCtx());
    COTEXT_CHECK(zstd_context_ != nullptr);
    return zstd_context_.get();
  }

  // Made when needed, then kept: to make one takes longer than to unpack a small frame.
  std::unique_ptr<ZSTD_DCtx, ZstdFree> zstd_context_;
};

}  // namespace

Compressor CompressorFor(Profile profile) {
  return profile == Profile::kSmall ? ZstdCompressor(kZstdLevelSmall) : Lz4Compressor();
}

Compressor ZstdCompressor(int level) {
  COTEXT_CHECK(level >= 1);
  COTEXT_CHECK(level <= kZstdLevelMax);
  return {.method = Compression::kZstd,
          .compress = [level](std::string_view raw) { return CompressZstd(raw, level); }};
}

Compressor Lz4Compressor() { return {.method = Compression::kLz4, .compress = CompressLz4}; }

Compressor DeflateCompressor(int level) {
  COTEXT_CHECK(level >= 1);
  COTEXT_CHECK(level <= kDeflateLevelMax);
  return {.method = Compression::kDeflate,
          .compress = [level](std::string_view raw) { return CompressDeflate(raw, level); }};
}

Decompressor NativeDecompressor() { return Unpacker(); }

}  // namespace cotext
