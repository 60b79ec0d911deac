// An event of a client as C sees it. What it points to is kept here until the next one.
#ifndef COTEXT_BINDINGS_C_EVENT_VIEW_H_
#define COTEXT_BINDINGS_C_EVENT_VIEW_H_

#include "bindings/c/cotext.h"
#include "bindings/c/delta_view.h"
#include "sync/client_event.h"

namespace cotext::c {

class EventView {
 public:
  // Returns an event that is valid until the next call.
  cotext_event Show(sync::ClientEvent event);

 private:
  sync::ClientEvent event_;
  DeltaView delta_;
};

}  // namespace cotext::c

#endif  // COTEXT_BINDINGS_C_EVENT_VIEW_H_
