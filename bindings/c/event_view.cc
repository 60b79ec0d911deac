#include "bindings/c/event_view.h"

#include <string_view>
#include <utility>
#include <variant>

#include "bindings/c/arguments.h"
#include "sync/messages.h"

namespace cotext::c {
namespace {

using sync::ConnectionStatus;
static_assert(COTEXT_DISCONNECTED == static_cast<int>(ConnectionStatus::kDisconnected));
static_assert(COTEXT_CONNECTING == static_cast<int>(ConnectionStatus::kConnecting));
static_assert(COTEXT_CONNECTED == static_cast<int>(ConnectionStatus::kConnected));
static_assert(COTEXT_RECONNECTING == static_cast<int>(ConnectionStatus::kReconnecting));
static_assert(COTEXT_MAY_READ == sync::kMayRead);
static_assert(COTEXT_MAY_WRITE == sync::kMayWrite);
static_assert(COTEXT_MAY_RELAY == sync::kMayRelay);
static_assert(COTEXT_MAY_SHOW == sync::kMayShow);

// An error that nothing was said of is none.
cotext_status StatusOf(const Error& error) { return static_cast<cotext_status>(error.code); }

// Each fills in what its kind has.
struct Filler {
  cotext_event& out;
  DeltaView& delta;

  void operator()(const sync::StatusChanged& event) const {
    out.kind = COTEXT_EVENT_STATUS;
    out.connection = static_cast<cotext_connection_status>(event.status);
    out.error = StatusOf(event.reason);
    out.text = BytesFor(event.reason.message);
  }
  void operator()(const sync::DocumentOpened& event) const {
    out.kind = COTEXT_EVENT_OPENED;
    out.key = event.document;
    out.rights = event.rights;
    out.bytes = {.data = event.id.bytes.data(), .size = event.id.bytes.size()};
  }
  void operator()(const sync::DocumentCaughtUp& event) const {
    out.kind = COTEXT_EVENT_CAUGHT_UP;
    out.key = event.document;
  }
  void operator()(const sync::DocumentFailed& event) const {
    out.kind = COTEXT_EVENT_FAILED;
    out.key = event.document;
    out.error = StatusOf(event.error);
    out.text = BytesFor(event.error.message);
  }
  void operator()(const sync::EditsHandedBack& event) const {
    const OtReturned& returned = event.edits.returned;
    out.kind = COTEXT_EVENT_HANDED_BACK;
    out.key = event.document;
    out.number = returned.revision;
    if (returned.follows_in_flight) out.flags |= COTEXT_RETURNED_FOLLOWS_IN_FLIGHT;
    if (returned.may_be_committed) out.flags |= COTEXT_RETURNED_MAY_BE_COMMITTED;
    out.text = BytesFor(event.edits.local_text);
    delta = DeltaView(returned.operation);
    out.delta = delta.view();
  }
  void operator()(const sync::RightsChanged& event) const {
    out.kind = COTEXT_EVENT_RIGHTS;
    out.key = event.document;
    out.rights = event.rights;
  }
  void operator()(const sync::WriterNamed& event) const {
    out.kind = COTEXT_EVENT_WRITER;
    out.key = event.document;
    out.number = event.writer;
    out.text = BytesFor(event.user);
  }
  void operator()(const sync::EditsHeld& event) const {
    out.kind = COTEXT_EVENT_HELD;
    out.key = event.document;
    out.error = StatusOf(event.reason);
    out.text = BytesFor(event.reason.message);
  }
  void operator()(const sync::PresenceChanged& event) const {
    out.kind = COTEXT_EVENT_PRESENCE;
    out.key = event.document;
  }
};

}  // namespace

cotext_event EventView::Show(sync::ClientEvent event) {
  event_ = std::move(event);
  cotext_event out{};
  std::visit(Filler{.out = out, .delta = delta_}, event_);
  return out;
}

}  // namespace cotext::c
