// Who uploads edits to a document.
#ifndef COTEXT_SYNC_UPLOADER_H_
#define COTEXT_SYNC_UPLOADER_H_

#include <string_view>

#include "sync/messages.h"

namespace cotext::sync {

struct Uploader {
  SessionId session = 0;
  std::string_view user;
  Rights rights = 0;
  uint64_t writer = 0;  // What the session opened the document to write under.
};

}  // namespace cotext::sync

#endif  // COTEXT_SYNC_UPLOADER_H_
