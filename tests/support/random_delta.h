// Random deltas for tests, and how a failing test shows one.
#ifndef COTEXT_TESTS_SUPPORT_RANDOM_DELTA_H_
#define COTEXT_TESTS_SUPPORT_RANDOM_DELTA_H_

#include <cstdint>
#include <iosfwd>
#include <string_view>

#include "document/delta.h"
#include "document/random.h"

namespace cotext {

// Which deletes of a random delta carry their text.
enum class DeletedText : uint8_t { kNone, kAll, kSome };

// Returns a delta that applies to `base`. Small ones are likely, and so are inserts beside deletes,
// in both orders.
// REQUIRES: base is valid UTF-8.
Delta RandomDelta(Random& random, std::string_view base, DeletedText deleted_text);

// Prints the delta as JSON; GoogleTest finds it by its name.
void PrintTo(const Delta& delta, std::ostream* out);

}  // namespace cotext

#endif  // COTEXT_TESTS_SUPPORT_RANDOM_DELTA_H_
