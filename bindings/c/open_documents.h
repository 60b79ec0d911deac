// The documents that are open in a session or client: they live as long as that, whatever becomes
// of the application's handles, and are left alone while it edits or looks at them.
//
// Thread-compatible, together with the documents.
#ifndef COTEXT_BINDINGS_C_OPEN_DOCUMENTS_H_
#define COTEXT_BINDINGS_C_OPEN_DOCUMENTS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bindings/c/arguments.h"
#include "bindings/c/cotext.h"
#include "bindings/c/document_handle.h"
#include "bindings/c/status.h"
#include "crdt/ids.h"
#include "document/document_id.h"
#include "document/utf8.h"
#include "sync/client_event.h"
#include "sync/message.h"

namespace cotext::c {

static_assert(COTEXT_NAME_BYTES_MAX == sync::kDocumentNameMax);

class OpenDocuments {
 public:
  OpenDocuments() = default;
  OpenDocuments(const OpenDocuments&) = delete;
  OpenDocuments& operator=(const OpenDocuments&) = delete;
  ~OpenDocuments() {
    for (auto& [key, document] : documents_) --document->sessions;
  }

  bool Has(sync::DocumentKey key) const { return documents_.contains(key); }

  // Whether all of them may be read and changed now.
  Refusal CheckAllFree() const {
    for (const auto& [key, document] : documents_) {
      if (document->shown > 0) {
        return {.status = COTEXT_BUSY, .message = "a callback is looking at an open document"};
      }
      if (const Refusal refusal = CheckNoTransaction(&*document); !refusal.is_ok()) return refusal;
    }
    return kAccepted;
  }

  // Opens a document at `client`, a sync::Client or what has its functions.
  template <typename Client>
  sync::DocumentKey Open(Client& client, std::string name, cotext_document& document,
                         std::span<const uint64_t> former) {
    std::vector<ReplicaId> replicas;
    for (const uint64_t writer : former) replicas.push_back({writer});
    const sync::DocumentKey key =
        document.rga ? client.Open(std::move(name), *document.rga, std::move(replicas))
                     : client.Open(std::move(name), *document.ot, document.ot_id);
    documents_.emplace(key, DocumentReference(document));
    ++document.sessions;
    return key;
  }
  // REQUIRES: it is open here, and no longer at the client.
  void Close(sync::DocumentKey key) {
    const auto found = documents_.find(key);
    --found->second->sessions;
    documents_.erase(found);
  }

  // The server has told the id of a document; one of the RGA knows it already.
  void SetId(sync::DocumentKey key, const DocumentId& id) {
    const auto found = documents_.find(key);
    if (found != documents_.end() && found->second->ot) found->second->ot_id = id;
  }

 private:
  std::map<sync::DocumentKey, DocumentReference> documents_;
};

// Whether a document may be opened under a name.
inline Refusal CheckOpening(std::string_view name, const cotext_document& document,
                            std::span<const uint64_t> former) {
  if (name.empty() || !IsValidUtf8(name)) {
    return {.status = COTEXT_INVALID_ARGUMENT, .message = "a name is 1 to 512 bytes of UTF-8"};
  }
  if (document.ot != nullptr && !former.empty()) {
    return {.status = COTEXT_INVALID_ARGUMENT, .message = "OT knows no former writers"};
  }
  if (document.ot != nullptr && document.sessions > 0) {
    return {.status = COTEXT_BUSY, .message = "a document of OT is open once"};
  }
  for (const uint64_t writer : former) {
    if (!IsValid(ReplicaId{writer})) {
      return {.status = COTEXT_INVALID_ID, .message = "a writer is a number from 1 to 2^53 - 1"};
    }
  }
  return kAccepted;
}

}  // namespace cotext::c

#endif  // COTEXT_BINDINGS_C_OPEN_DOCUMENTS_H_
