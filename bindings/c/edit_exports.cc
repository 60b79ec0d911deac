// Editing documents from C, and hearing of changes.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "bindings/c/arguments.h"
#include "bindings/c/change_observer.h"
#include "bindings/c/cotext.h"
#include "bindings/c/document_handle.h"
#include "bindings/c/status.h"
#include "document/delta.h"
#include "document/document.h"
#include "document/edit_label.h"
#include "document/error.h"
#include "document/strict_delta_builder.h"

namespace cotext::c {
namespace {

// So many that nobody nests them so deep, and none is lost count of.
constexpr uint32_t kTransactionsMax = 1U << 20U;
constexpr size_t kComponentsMax = COTEXT_INPUT_BYTES_MAX / sizeof(cotext_component);

Refusal CheckComponent(const cotext_component& component) {
  if (component.kind < COTEXT_RETAIN || component.kind > COTEXT_DELETE) {
    return {.status = COTEXT_INVALID_DELTA, .message = "there is no such kind of component"};
  }
  return CheckBytes(component.text, component.text_size);
}

}  // namespace
}  // namespace cotext::c

// What C calls is in no namespace.
using namespace cotext;
using namespace cotext::c;

cotext_status cotext_document_replace(cotext_document* document, cotext_unit unit, uint64_t begin,
                                      uint64_t end, const char* text, size_t size) {
  COTEXT_C_REFUSE(CheckMayChange(document));
  COTEXT_C_REFUSE(CheckUnit(unit));
  COTEXT_C_REFUSE(CheckBytes(text, size));
  const DocumentReference held(*document);
  return Finish(document->document().Replace(*OffsetOf(unit, begin), *OffsetOf(unit, end),
                                             BytesOf(text, size)));
}

cotext_status cotext_document_set_text(cotext_document* document, const char* text, size_t size) {
  COTEXT_C_REFUSE(CheckMayChange(document));
  COTEXT_C_REFUSE(CheckBytes(text, size));
  const DocumentReference held(*document);
  return Finish(document->document().ReplaceAll(BytesOf(text, size)));
}

cotext_status cotext_document_begin(cotext_document* document, uint64_t label) {
  COTEXT_C_REFUSE(CheckMayChange(document));
  if (document->transactions == kTransactionsMax) {
    return Fail(COTEXT_TOO_LARGE, "transactions nest too deep");
  }
  ++document->transactions;
  document->document().BeginTransaction(EditLabel{label});
  return COTEXT_OK;
}

cotext_status cotext_document_commit(cotext_document* document) {
  COTEXT_C_REFUSE(CheckMayChange(document));
  if (document->transactions == 0) return Fail(COTEXT_NO_SUCH, "no transaction is open");
  const DocumentReference held(*document);
  --document->transactions;
  document->document().CommitTransaction();
  return COTEXT_OK;
}

cotext_status cotext_document_apply(cotext_document* document, const cotext_delta* delta) {
  COTEXT_C_REFUSE(CheckMayChange(document));
  COTEXT_C_REFUSE(CheckNotNull(delta));
  COTEXT_C_REFUSE(CheckArray(delta->components, delta->size, kComponentsMax));
  StrictDeltaBuilder builder;
  for (const cotext_component& component : SpanOf(delta->components, delta->size)) {
    COTEXT_C_REFUSE(CheckComponent(component));
    const Expected<void> added =
        builder.Add({.kind = static_cast<Delta::Kind>(component.kind),
                     .count = component.count,
                     .text = BytesOf(component.text, component.text_size)});
    if (!added) return Fail(added.error());
  }
  const Expected<Delta> built = builder.Finish();
  if (!built) return Fail(built.error());
  const DocumentReference held(*document);
  return Finish(document->document().Apply(*built));
}

// Observing.

cotext_status cotext_document_subscribe(cotext_document* document, cotext_unit unit,
                                        int32_t deleted_text, cotext_change_fn on_change,
                                        void* context, uint64_t* subscription) {
  COTEXT_C_REFUSE(CheckNotNull(document, on_change, subscription));
  COTEXT_C_REFUSE(CheckUnit(unit));
  if (unit == COTEXT_LINE_COLUMN) {
    return Fail(COTEXT_INVALID_ARGUMENT, "lines and columns are no lengths");
  }
  auto made = ChangeObserver::Make(document->document(), {.unit = unit,
                                                          .has_deleted_text = deleted_text != 0,
                                                          .on_change = on_change,
                                                          .context = context});
  if (!made) return Fail(made.error());
  // Shared, since a document copies its listeners.
  auto observer = std::make_shared<ChangeObserver>(*std::move(made));
  *subscription = document->document().Subscribe(
      [document, observer = std::move(observer)](const DeltaEvent& event) {
        const Showing showing(*document);
        observer->OnChange(event);
      });
  document->subscriptions.insert(*subscription);
  return COTEXT_OK;
}

cotext_status cotext_document_unsubscribe(cotext_document* document, uint64_t subscription) {
  COTEXT_C_REFUSE(CheckNotNull(document));
  if (document->subscriptions.erase(subscription) == 0) {
    return Fail(COTEXT_NO_SUCH, "there is no such subscription");
  }
  document->document().Unsubscribe(subscription);
  return COTEXT_OK;
}
