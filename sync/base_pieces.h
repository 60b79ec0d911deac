// A base that comes in pieces, put together (docs/PROTOCOL.md §4).
#ifndef COTEXT_SYNC_BASE_PIECES_H_
#define COTEXT_SYNC_BASE_PIECES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "document/error.h"
#include "sync/messages.h"

namespace cotext::sync {

class BasePieces {
 public:
  static constexpr size_t kBytesMax = size_t{1} << 28U;  // As many as a document has.

  // Returns the base, once all of it is here. Of one that was broken off, the rest is ignored.
  // Errors: those of ReadBase; kTooLarge.
  Expected<std::optional<std::string>> Add(const Message& message) {
    const Expected<BaseMessage> piece = ReadBase(message);
    if (!piece) return std::unexpected(piece.error());
    if (piece->offset == 0) bytes_.clear();
    if (piece->offset != bytes_.size()) return std::nullopt;
    if (piece->total > kBytesMax) {
      return MakeError(ErrorCode::kTooLarge, "what the document begins with is too long");
    }
    bytes_ += piece->piece;
    if (bytes_.size() < piece->total) return std::nullopt;
    return std::exchange(bytes_, {});
  }

  // As far as it has come.
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_BASE_PIECES_H_
