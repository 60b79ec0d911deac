// The events of a document's feed as server-sent events (docs/PROTOCOL.md §14): an event's name,
// its id if it brings a version, and one line of JSON.
//
//     event: delta
//     id: AV8xkgQFBw
//     data:
//     {"version":"AV8xkgQFBw","unit":"code_points","ops":[{"retain":5},{"insert":"x"}],"writers":[7]}
#ifndef COTEXT_NET_ENDPOINTS_FEED_FORMAT_H_
#define COTEXT_NET_ENDPOINTS_FEED_FORMAT_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "document/delta.h"
#include "document/error.h"
#include "document/quill_delta.h"
#include "net/driver/document_reader.h"

namespace cotext::net {

// "code_points" and "utf16"; nothing if it is another word. An empty one is code points.
std::optional<QuillUnit> UnitOf(std::string_view word);
std::string_view NameOf(QuillUnit unit);

// All of a text, which takes the place of what there was.
std::string SnapshotEvent(std::string_view version, std::string_view text, QuillUnit unit);
// `ops` is a delta as DeltaToQuill writes it, in that unit.
std::string DeltaEventOf(std::string_view version, std::string_view ops, QuillUnit unit);

// The same bytes for all who ask; REQUIRES: it has in_utf16, if that is the unit.
std::shared_ptr<const std::string> Encode(const FeedDelta& delta, QuillUnit unit);
std::shared_ptr<const std::string> Encode(const FeedPresence& presence);

// Why nothing follows.
std::string EndedEvent(const Error& error);

}  // namespace cotext::net

#endif  // COTEXT_NET_ENDPOINTS_FEED_FORMAT_H_
