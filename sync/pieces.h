// Updates in pieces that are not too long for one message.
#ifndef COTEXT_SYNC_PIECES_H_
#define COTEXT_SYNC_PIECES_H_

#include <string>
#include <utility>
#include <vector>

#include "crdt/codec/update_codec.h"
#include "crdt/codec/update_tools.h"
#include "document/error.h"
#include "sync/message.h"

namespace cotext::sync {

// Returns an update as updates that can be merged one after the other, none if it is empty. The
// errors are those of SplitUpdate.
inline Expected<std::vector<std::string>> InPieces(std::string update) {
  std::vector<std::string> pieces;
  if (update.size() > kPieceBytesMax) {
    return SplitUpdate(update, kPieceBytesMax, UpdateLimits::ForAccepted());
  }
  if (!update.empty()) pieces.push_back(std::move(update));
  return pieces;
}

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_PIECES_H_
