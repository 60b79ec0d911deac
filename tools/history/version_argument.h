// How people name a version of a stored document on the command line, and how it is printed.
//
// A VERSION is, in this order,
//   now                    everything in the document;
//   @N                     the first N changes of `cotext log`; @0 is what there was before the
//   first; COUNTER@REPLICA,...    these operations and all that came before them; NAME the version
//   that was given this name.
#ifndef COTEXT_TOOLS_HISTORY_VERSION_ARGUMENT_H_
#define COTEXT_TOOLS_HISTORY_VERSION_ARGUMENT_H_

#include <span>
#include <string>
#include <string_view>

#include "crdt/codec/packed_update.h"
#include "crdt/ids.h"
#include "crdt/version_vector.h"
#include "document/error.h"
#include "tools/history/stored_document.h"

namespace cotext {

// What --help says of the above.
inline constexpr std::string_view kVersionHelp =
    "A VERSION is `now`, which is everything; `@N`, the first N changes of `cotext log`, @0 what "
    "there was before them;\n`COUNTER@REPLICA,...`, these operations and all that came before "
    "them; or a "
    "name given by `cotext log --name`.\n";

// Returns the version that an argument means. kUnknownVersion if the document has none like it.
Expected<VersionVector> ParseVersion(std::string_view argument, const StoredDocument& document);

// Returns whether an argument means what has that name, and nothing else.
bool IsVersionName(std::string_view argument);

// Returns an operation, or a frontier, as an argument; none is @0.
std::string ToArgument(OpId id);
std::string ToArgument(std::span<const OpId> heads);

// Returns the last operation of a change of an update.
OpId LastIdOf(const PackedUpdate& update, size_t change);

}  // namespace cotext

#endif  // COTEXT_TOOLS_HISTORY_VERSION_ARGUMENT_H_
