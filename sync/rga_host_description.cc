// What an RGA document at a server is made of, for a search through its states (description.h).
#include "sync/description.h"
#include "sync/rga_host.h"

namespace cotext::sync {

// The document, if there is one, has what the log and the pending updates have, which accepted()
// tells. If there is none, the next upload makes it of them.
void RgaHost::Describe(Description& to) const {
  to.Bytes(base_);
  log_.Describe(to);
  to.Number(writers_.size());
  for (const uint64_t writer : writers_.Writers()) {
    to.Number(writer);
    to.Bytes(*writers_.UserOf(writer));
  }
  to.Number(pending_.size());
  for (const Appended& pending : pending_) {
    to.Bytes(pending.update);
    to.Number(pending.from);
    to.Number(pending.writers.size());
    for (const uint64_t writer : pending.writers) to.Number(writer);
  }
  waiting_.Describe(to);
  to.Bytes(accepted().Encode());
}

}  // namespace cotext::sync
