// What a cotext_document is: a document of one of the engines, and who holds it.
//
// Invariants: (1) exactly one of `rga` and `ot` is set. (2) It ends when nobody refers to it: the
// application, the sessions in which it is open, or a call that may run callbacks, in which the
// application may free it. (3) Nothing is changed while something of it is shown.
//
// Thread-compatible, also for reading.
#ifndef COTEXT_BINDINGS_C_DOCUMENT_HANDLE_H_
#define COTEXT_BINDINGS_C_DOCUMENT_HANDLE_H_

#include <cstdint>
#include <memory>
#include <set>
#include <utility>

#include "bindings/c/arguments.h"
#include "bindings/c/cotext.h"
#include "bindings/c/status.h"
#include "crdt/rga_document.h"
#include "document/document.h"
#include "document/document_id.h"
#include "ot/ot_replica.h"

struct cotext_document {
  std::unique_ptr<cotext::RgaDocument> rga;
  std::unique_ptr<cotext::OtReplica> ot;
  cotext::DocumentId ot_id = {};  // That of OT; an RgaDocument has its own.

  mutable uint32_t references = 1;
  mutable uint32_t shown = 0;  // Callbacks that are looking at it.
  uint32_t sessions = 0;       // In which it is open.
  uint32_t transactions = 0;   // That are open.
  uint32_t groups = 0;         // Of undo, that are open.
  std::set<uint64_t> subscriptions = {};

  cotext::Document& document() {
    return rga ? static_cast<cotext::Document&>(*rga) : ot->document();
  }
  const cotext::Document& document() const {
    return rga ? static_cast<const cotext::Document&>(*rga) : ot->document();
  }
};

namespace cotext::c {

inline void Release(const cotext_document* document) {
  if (--document->references == 0) delete document;
}

// Keeps a document while somebody needs it.
class DocumentReference {
 public:
  explicit DocumentReference(cotext_document& document) : document_(&document) {
    ++document.references;
  }
  DocumentReference(DocumentReference&& other) noexcept
      : document_(std::exchange(other.document_, nullptr)) {}
  DocumentReference& operator=(DocumentReference&&) = delete;
  ~DocumentReference() {
    if (document_ != nullptr) Release(document_);
  }

  cotext_document& operator*() const { return *document_; }
  cotext_document* operator->() const { return document_; }

 private:
  cotext_document* document_;
};

// Lasts while a callback may look at a document.
class Showing {
 public:
  explicit Showing(const cotext_document& document) : document_(&document) {
    ++document.references;
    ++document.shown;
  }
  Showing(const Showing&) = delete;
  Showing& operator=(const Showing&) = delete;
  ~Showing() {
    --document_->shown;
    Release(document_);
  }

 private:
  const cotext_document* document_;
};

// Whether a document may be changed now.
inline Refusal CheckMayChange(const cotext_document* document) {
  if (document == nullptr) return kNull;
  if (document->shown == 0) return kAccepted;
  return {.status = COTEXT_REENTRANT_EDIT,
          .message = "a callback cannot change the document that it is shown"};
}

inline Refusal CheckNoTransaction(const cotext_document* document) {
  if (document == nullptr) return kNull;
  if (document->transactions == 0) return kAccepted;
  return {.status = COTEXT_TRANSACTION_OPEN, .message = "the document is inside a transaction"};
}

// Whether it is one of the RGA.
inline Refusal CheckRga(const cotext_document* document) {
  if (document == nullptr) return kNull;
  if (document->rga != nullptr) return kAccepted;
  return {.status = COTEXT_UNSUPPORTED, .message = "documents of OT cannot do that"};
}

}  // namespace cotext::c

#endif  // COTEXT_BINDINGS_C_DOCUMENT_HANDLE_H_
